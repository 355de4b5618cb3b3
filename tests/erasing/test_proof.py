"""What a proof says, and when it holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from privacy.tokens import Tokeniser
from streams.cli.erase_proof import Proof, Trials, remains, signature, signed
from streams.contracts.results import ErasureEntry
from streams.contracts.topics import TOPICS

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
ENTRY = ErasureEntry(id="l", causes=["e"], time=NOW, subject="8d" * 32, erased_at=NOW, keys=["k1"])
WHOLE = Proof(ENTRY, ["w1", "w2"], [], True, NOW + timedelta(seconds=300), NOW)
KEY = Tokeniser(bytes(32))


@pytest.mark.parametrize(
    ("proof", "holds"),
    [
        (WHOLE, True),
        (replace(WHOLE, outstanding=["w3"]), False),
        (replace(WHOLE, acknowledged=[]), False),
        (replace(WHOLE, outstanding=["w3"], issued=NOW + timedelta(seconds=300)), True),
        (replace(WHOLE, state_forgotten=False), False),
        (replace(WHOLE, tests=Trials(opened_before=3, refused_after=3)), True),
        (replace(WHOLE, tests=Trials(opened_before=3, refused_after=2)), False),
        (replace(WHOLE, entry=ENTRY.model_copy(update={"degraded": ["memory"]})), False),
    ],
    ids=["whole", "one silent", "none known", "caches aged", "Redis away", "tried", "one opens", "memory lacks"],
)  # fmt: skip
def test_it_holds_only_when_all_is_as_it_should_be(proof: Proof, holds: bool) -> None:
    assert proof.holds == holds == proof.document()["holds"]
    assert bool(list(proof.todo())) != holds


def test_a_signature_is_of_all_that_is_in_it() -> None:
    document = signed(WHOLE.document(), KEY)
    assert signature(document, KEY) == document["signature"]
    assert signature({**document, "destroyed_keys": []}, KEY) != document["signature"]
    assert signature(document, Tokeniser(b"1" * 32)) != document["signature"]


def test_every_topic_with_personal_data_is_among_what_remains() -> None:
    until = {one.where: one.until for one in remains(NOW)}
    for topic in TOPICS.values():
        if topic.personal or topic.direction == "out":
            assert until[topic.name] is not None
    assert until["reviews"] == NOW + timedelta(days=8)
