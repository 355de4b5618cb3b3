"""What a proof says, and when it holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from privacy.tokens import Tokeniser
from streams.cli.erase_evidence import SealedValue, tried
from streams.cli.erase_proof import Proof, Trials, authenticated, genuine
from streams.cli.erase_remains import remains
from streams.contracts.records import ErasureEntry
from streams.contracts.topics import TOPICS
from tests.standins.keys import local_guard, sealed_whole

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
ENTRY = ErasureEntry(id="l", causes=["e"], time=NOW, subject="8d" * 32, erased_at=NOW, keys=["k1"])
AGED = NOW + timedelta(seconds=300)
WHOLE = Proof(ENTRY, ["w1", "w2"], [], [], True, AGED, NOW)
KEY = Tokeniser(bytes(32))


@pytest.mark.parametrize(
    ("proof", "holds"),
    [
        (WHOLE, True),
        (replace(WHOLE, outstanding=["w3"]), False),
        (replace(WHOLE, acknowledged=[]), False),
        (replace(WHOLE, outstanding=["w3"], issued=AGED), False),
        (replace(WHOLE, acknowledged=[], issued=AGED), False),
        (replace(WHOLE, silent=["w3"]), False),
        (replace(WHOLE, silent=["w3"], issued=AGED), True),
        (replace(WHOLE, acknowledged=[], silent=["w3"], issued=AGED), False),
        (replace(WHOLE, state_forgotten=False), False),
        (replace(WHOLE, tests=Trials(opened_before=3, refused_after=3)), True),
        (replace(WHOLE, tests=Trials(opened_before=3, refused_after=2)), False),
        (replace(WHOLE, tests=Trials(opened_before=0, refused_after=0, failed_before=3)), False),
        (replace(WHOLE, tests=Trials(opened_before=0, refused_after=0, erased_before=3)), True),
        (replace(WHOLE, entry=ENTRY.model_copy(update={"degraded": ["memory"]})), False),
    ],
)
def test_it_holds_only_when_all_is_as_it_should_be(proof: Proof, holds: bool) -> None:
    assert proof.holds == holds == proof.document()["holds"]
    assert bool(list(proof.todo())) != holds


def test_where_there_is_nothing_to_try_that_is_a_verdict_of_its_own() -> None:
    proof = replace(WHOLE, tests=Trials(opened_before=0, refused_after=0))
    assert (proof.holds, proof.untried, proof.document()["tests"]["verdict"]) == (
        True,
        True,
        "nothing to try",
    )
    assert "nothing was tried" in "".join(proof.todo())
    assert not replace(WHOLE, tests=Trials(opened_before=1, refused_after=1)).untried


async def test_a_trial_with_the_wrong_key_store_fails(tmp_path: Path) -> None:
    workers, wrong = (local_guard(tmp_path / "kek.json") for _ in range(2))
    sealed = await sealed_whole(workers, b"secret", topic="reviews", event_id="r1", subject="u1")
    values = [SealedValue("reviews", "r1", "$event", sealed)]
    assert [one.topic for one in (await tried(workers, "u1", values)).opened] == ["reviews"]
    before = await tried(wrong, "u1", values)
    after = await tried(wrong, "u1", before.opened)
    assert Trials(len(before.opened), after.erased, before.erased, before.failed).verdict == "failed"


def test_what_is_not_reached_yet_is_named() -> None:
    proof = replace(WHOLE, outstanding=["w3"], silent=["w4"], waiting={"reviews": 7, "queries": 0})
    said = {one["where"]: one["what"] for one in proof.document()["remains"]}
    assert "views on the disk of w3" in said
    assert "views on the disk of w4" in said
    assert "7 in reviews when" in said["events sent before and not processed yet"]
    (unknown, *_) = remains(NOW)
    assert "not known" in unknown.what


def test_an_authentication_code_is_of_all_that_is_in_it() -> None:
    document = authenticated(WHOLE.document(), KEY)
    assert genuine(orjson.dumps(document, option=orjson.OPT_INDENT_2), KEY)
    assert not genuine(orjson.dumps({**document, "destroyed_keys": []}), KEY)
    assert not genuine(orjson.dumps(document), Tokeniser(b"1" * 32))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"mac": 7}', b'{"mac": "\xc3\xa9"}', b"\xff"])
def test_what_is_no_proof_is_not_genuine(content: bytes) -> None:
    assert not genuine(content, KEY)


@pytest.mark.parametrize(
    ("keys", "withdrawn", "state", "found"),
    [
        ([], 0, False, False),
        ([], 0, None, None),
        ([], 0, True, True),
        ([], 1, False, True),
        (["k"], 0, None, True),
    ],
)
def test_it_says_whether_there_was_anything_of_the_user(
    keys: list[str], withdrawn: int, state: bool | None, found: bool | None
) -> None:
    entry = ENTRY.model_copy(update={"keys": keys, "withdrawn": withdrawn})
    proof = replace(WHOLE, entry=entry, state_before=state)
    assert proof.found is found
    assert proof.document()["found"] is found


def test_every_topic_with_personal_data_is_among_what_remains() -> None:
    until = {one.where: one.until for one in remains(NOW)}
    for topic in TOPICS.values():
        if topic.retention and (topic.personal or topic.direction == "out"):
            assert until[topic.name] is not None
    assert until["reviews"] == NOW + timedelta(days=8)


def test_of_a_compacted_topic_only_what_is_withdrawn_goes_by_a_date() -> None:
    withdrawn, others = (one for one in remains(NOW) if one.where == "resolutions")
    assert withdrawn.until == NOW + timedelta(days=8)
    assert "withdrew" in withdrawn.what
    assert others.until is None
    assert "dead letters" in others.what
    assert "null value" in others.what
