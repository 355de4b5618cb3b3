"""The count equation on made-up topics: what is lost, doubled or strange is found, and nothing else is."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.reasons import Reason
from streams.counting import Balance, Ledger, Place

TOPIC = "t-reviews"


@dataclass
class World:
    """Topics as lists, to be tampered with."""

    inputs: list[tuple[Place, str | None]] = field(default_factory=list)
    results: list[list[str]] = field(default_factory=list)
    letters: list[tuple[Place, list[str], str]] = field(default_factory=list)

    def balance(self) -> Balance:
        ledger = Ledger(TOPIC)
        for place, causes, reason in self.letters:
            ledger.dead_letter(place, causes, reason)
        for causes in self.results:
            ledger.result(causes)
        for place, event_id in self.inputs:
            ledger.went_in(place, event_id)
        return ledger.balance()


@st.composite
def sound(draw: st.DrawFn) -> World:
    """Inputs with and without ids, some ids sent again; each decided as delivery promises, some together."""
    world = World()
    waiting: list[str] = []
    fates = draw(
        st.lists(st.sampled_from(["answer", "answer", "dead", "nameless", "again"]), min_size=1, max_size=30)
    )
    for number, fate in enumerate(fates):
        place, event_id = Place(TOPIC, number % 3, number), f"e{number}"
        if fate == "again" and waiting:
            world.inputs.append((place, draw(st.sampled_from(waiting))))
        elif fate == "nameless":
            world.inputs.append((place, None))
            world.letters.append((place, [str(place)], Reason.NOT_JSON))
        elif fate == "dead":
            world.inputs.append((place, event_id))
            world.letters.append((place, [draw(st.sampled_from([event_id, str(place)]))], Reason.WRONG_TYPE))
        else:
            world.inputs.append((place, event_id))
            waiting.append(event_id)
    while waiting:
        together = draw(st.integers(1, len(waiting)))
        world.results.append(waiting[:together])
        waiting = waiting[together:]
    return world


@given(sound())
def test_what_delivery_promises_holds(world: World) -> None:
    balance = world.balance()
    assert balance.holds, balance
    assert balance.inputs == len(world.inputs)
    assert balance.answered == sum(map(len, world.results))
    assert balance.dead_letters == len(world.letters)


@given(sound(), st.data())
def test_a_missing_answer_is_found(world: World, data: st.DataObject) -> None:
    answers = [("result", index) for index in range(len(world.results))]
    answers += [("letter", index) for index in range(len(world.letters))]
    kind, index = data.draw(st.sampled_from(answers))
    if kind == "result":
        gone = sorted(world.results.pop(index))
    else:
        place, _, _ = world.letters.pop(index)
        event_id = dict(world.inputs)[place]
        gone = [event_id or str(place)]
    balance = world.balance()
    assert not balance.holds
    assert list(balance.lost) == gone
    assert not balance.doubled
    assert not balance.strange


@given(sound(), st.data())
def test_a_second_answer_is_found(world: World, data: st.DataObject) -> None:
    ids = [event_id for _, event_id in world.inputs]
    once = [[cause] for causes in world.results for cause in causes if ids.count(cause) == 1]
    if once and (not world.letters or data.draw(st.booleans())):
        world.results.append(data.draw(st.sampled_from(once)))
    elif world.letters:
        world.letters.append(data.draw(st.sampled_from(world.letters)))
    else:
        return
    balance = world.balance()
    assert not balance.holds
    assert len(balance.doubled) == 1
    assert not balance.lost
    assert not balance.strange


@given(sound(), st.booleans())
def test_an_answer_to_nothing_is_found(world: World, dead: bool) -> None:
    if dead:
        world.letters.append((Place(TOPIC, 9, 9), ["ghost"], Reason.NOT_JSON))
    else:
        world.results.append(["ghost"])
    balance = world.balance()
    assert not balance.holds
    assert balance.strange == ("ghost",)


def test_an_event_that_is_answered_and_dead_is_doubled() -> None:
    place = Place(TOPIC, 0, 0)
    world = World([(place, "a")], [["a"]], [(place, ["a"], Reason.PROCESSING_FAILED)])
    assert world.balance().doubled == ("a",)


def test_two_bad_records_of_one_id_need_two_dead_letters() -> None:
    places = [Place(TOPIC, 0, offset) for offset in range(2)]
    world = World([(place, "a") for place in places], [], [(places[0], ["a"], Reason.WRONG_TYPE)])
    assert world.balance().lost == ("a",)
    world.letters.append((places[1], ["a"], Reason.WRONG_TYPE))
    assert world.balance().holds


@pytest.mark.parametrize(
    ("reason", "holds"), [(Reason.PROCESSING_FAILED, True), (Reason.MISSING_FIELD, False)]
)
def test_a_resend_of_a_dead_letter_needs_no_answer_only_if_the_event_was_read(
    reason: Reason, holds: bool
) -> None:
    places = [Place(TOPIC, 0, offset) for offset in range(2)]
    world = World([(place, "a") for place in places], [], [(places[0], ["a"], reason)])
    assert world.balance().holds is holds


def test_a_dead_letter_that_names_another_event_is_strange() -> None:
    place = Place(TOPIC, 0, 0)
    world = World([(place, "a")], [], [(place, ["b"], Reason.WRONG_TYPE)])
    assert world.balance().strange == ("b",)


def test_dead_letters_of_other_topics_do_not_count() -> None:
    world = World(
        [(Place(TOPIC, 0, 0), "a")], [["a"]], [(Place("t-queries", 0, 0), ["a"], Reason.WRONG_TYPE)]
    )
    assert world.balance().holds


def test_only_ids_in_scope_can_be_strange() -> None:
    ledger = Ledger(TOPIC, lambda name: name.startswith("mine-"))
    ledger.went_in(Place(TOPIC, 0, 0), "mine-1")
    ledger.result(["mine-1"])
    ledger.result(["other-1"])
    ledger.dead_letter(Place(TOPIC, 0, 7), [f"{TOPIC}/0/7"], Reason.NOT_JSON)
    assert ledger.balance().holds
    ledger.result(["mine-2"])
    assert ledger.balance().strange == ("mine-2",)


def test_a_balance_says_what_is_wrong_in_words_and_figures() -> None:
    balance = Balance(inputs=3, answered=1, dead={"not_json": 1}, lost=("a",))
    assert str(balance) == "3 in != 1 answered + 1 dead letters; 1 lost (a)"
    assert balance.document()["lost"] == 1
    assert not balance.document()["holds"]
