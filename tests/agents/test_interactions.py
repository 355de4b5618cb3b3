"""Interactions: each is one change of its user, in the words of user state."""

from typing import Any, get_args

import pytest

from streams.agents.interactions import KINDS, note_interactions
from streams.contracts.events import Interaction
from streams.contracts.records import UserChange
from streams.contracts.topics import INTERACTIONS
from tests.agents.small_house import NOW, SmallHouse, decide, each_in_one, event, put, results_of, written


def interaction(kind: str, event_id: str = "i1", user: str = "u1", **fields: Any) -> Interaction:
    one: Interaction = event(INTERACTIONS, event_id, kind=kind, user_id=user, product_id="boots", **fields)
    return one


async def test_every_interaction_is_in_one_change(house: SmallHouse) -> None:
    events = [
        interaction("view", "a"),
        interaction("cart", "b"),
        interaction("view", "a", "u2"),
        interaction("purchase", "c", "mia@example.com"),
    ]
    records = put(INTERACTIONS, events)
    verdicts = await decide(note_interactions, house, records)
    assert each_in_one(note_interactions, records, verdicts)


def test_every_kind_of_the_contract_has_its_word() -> None:
    assert KINDS.keys() == set(get_args(Interaction.model_fields["kind"].annotation))
    assert set(KINDS.values()) <= set(get_args(UserChange.model_fields["kind"].annotation))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("view", "viewed"),
        ("click", "clicked"),
        ("cart", "carted"),
        ("purchase", "bought"),
        ("remove", "removed"),
        ("dismiss", "dismissed"),
    ],
)
async def test_a_change_says_what_the_interaction_said(house: SmallHouse, kind: str, word: str) -> None:
    price = {"amount": "9.50", "currency": "EUR"}
    given = interaction(kind, quantity=3, price=price, query_id="q7", position=2)
    (change,) = await results_of(note_interactions, house, given)
    assert isinstance(change, UserChange)
    assert (change.kind, change.user, change.product_id) == (word, "u1", "boots")
    assert (change.quantity, change.price, change.query_id) == (3, given.price, "q7")
    assert (change.causes, change.time) == (["i1"], NOW)


async def test_an_e_mail_address_as_user_becomes_a_token(house: SmallHouse) -> None:
    events = [interaction("view", name, "mia@example.com") for name in ("a", "b")]
    first, second = results = await results_of(note_interactions, house, *events)
    assert first.user == second.user == house.guard.user_token("mia@example.com")
    assert first.user.startswith("tok_")
    assert first.id != second.id
    assert "mia" not in written(results)
