"""A tagger behind the stages: names leave masked, and where it fails no text leaves, whatever way it fails."""

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from models.errors import EncodingFailed, EngineBroken, EngineClosed
from privacy.detect import Span, SpanTagger
from privacy.policy import STRUCTURED, FieldRule, Policy
from streams.agents.resolutions import remember_resolutions
from streams.agents.reviews import understand_reviews
from streams.agents.support_tickets import reply_to_tickets
from streams.contracts.results import ModelRef
from streams.contracts.topics import RESOLUTIONS, REVIEWS, SUPPORT_TICKETS
from streams.delivery import patience
from streams.delivery.records import Verdict
from streams.releases.serving import ServedTagger, Serving, Version
from tests.agents.small_house import SmallHouse, decide, event, put
from tests.standins.keys import local_guard

OLD, NEW = (ModelRef(id="names", version=one, digest="sha256:" + one * 64) for one in "12")
CANARY = "Wilhelmina Featherstonehaugh"
STAGES: Any = {
    "reviews": (understand_reviews, REVIEWS, {"user_id": "u1", "product_id": "boots", "title": CANARY}),
    "tickets": (reply_to_tickets, SUPPORT_TICKETS, {"subject": CANARY}),
    "resolutions": (
        remember_resolutions,
        RESOLUTIONS,
        {"source_id": "t1", "kind": "ticket", "question": CANARY},
    ),
}


class Tagger:
    """Knows the canary; fails first as it is told, or for ever where a text holds a word."""

    def __init__(self, *failures: Exception, always: Exception | None = None, word: str = "") -> None:
        self._failures = list(failures)
        self._always = always
        self._word = word
        self.calls = 0

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        if self._always is not None and any(self._word in text for text in texts):
            raise self._always
        return [
            [Span(at, at + len(CANARY), "PERSON", 0.9, "t")] if (at := text.find(CANARY)) >= 0 else []
            for text in texts
        ]


class Short(Tagger):
    """Leaves out the last text's answer."""

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        return (await super().tag(texts, topics))[:-1]


class Replaced(Tagger):
    """While it reads, another tagger takes its place."""

    serving: Serving[Tagger]

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        await asyncio.sleep(0)
        self.serving.swap(Version(Tagger(), [NEW]))
        return await super().tag(texts, topics)


async def decided(
    folder: Path, name: str, tagger: SpanTagger, serving: Serving[Any] | None = None
) -> list[Verdict]:
    """What leaves for three events that name the canary, the second in other words than the rest."""
    house = SmallHouse(folder)
    house.guard = local_guard(folder / "kek.json", tagger=tagger)
    house.name_tagger = serving
    stage, topic, fields = STAGES[name]
    text = "answer" if topic is RESOLUTIONS else "text"
    words = ("Ask for", "Bad luck,", "Greet")
    given = [
        event(topic, f"e{number}", **fields, **{text: f"{word} {CANARY}."})
        for number, word in enumerate(words)
    ]
    return await decide(stage, house, put(topic, given))


def written(verdicts: Sequence[Verdict]) -> bytes:
    """All bytes that would be on topics, headers and keys too."""
    sent = [one for verdict in verdicts for one in verdict.outgoing]
    return b"\n".join(
        part
        for one in sent
        for part in (one.key or b"", one.value or b"", *(value for _, value in one.headers))
    )


def results(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The first result of each."""
    return [orjson.loads(verdict.outgoing[0].value or b"") for verdict in verdicts]


def leaks(verdicts: Sequence[Verdict]) -> bool:
    return any(name in written(verdicts) for name in (b"Wilhelmina", b"Featherstonehaugh"))


@pytest.mark.parametrize("name", STAGES)
async def test_what_it_finds_leaves_masked_in_one_call(tmp_path: Path, name: str) -> None:
    tagger = Tagger()
    verdicts = await decided(tmp_path, name, tagger)
    assert [verdict.outcome for verdict in verdicts] == ["answered"] * 3
    assert b"Ask for [PERSON_1]." in written(verdicts)
    assert not leaks(verdicts)
    assert tagger.calls == 1


@pytest.mark.parametrize("name", STAGES)
async def test_results_name_the_tagger_that_read_them_whatever_is_released_meanwhile(
    tmp_path: Path, name: str
) -> None:
    tagger = Replaced()
    tagger.serving = Serving(Version(tagger, [OLD]))
    verdicts = await decided(tmp_path, name, ServedTagger(tagger.serving), tagger.serving)
    assert [one["masked_by"] for one in results(verdicts)] == [OLD.model_dump()] * 3
    verdicts = await decided(tmp_path, name, ServedTagger(tagger.serving), tagger.serving)
    assert [one["masked_by"] for one in results(verdicts)] == [NEW.model_dump()] * 3


@pytest.mark.parametrize("name", STAGES)
async def test_where_the_policy_wants_no_names_no_tagger_is_named(tmp_path: Path, name: str) -> None:
    house = SmallHouse(tmp_path)
    serving = Serving(Version(Tagger(), [OLD]))
    policy = Policy(topics={STAGES[name][1].name: FieldRule(kinds=STRUCTURED)})
    house.guard = local_guard(tmp_path / "kek.json", tagger=ServedTagger(serving), policy=policy)
    house.name_tagger = serving
    stage, topic, fields = STAGES[name]
    given = event(topic, "e1", **fields, **{"answer" if topic is RESOLUTIONS else "text": "fine"})
    (answered,) = results(await decide(stage, house, put(topic, [given])))
    assert "masked_by" not in answered


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("gone", [EngineBroken("it hangs"), EngineClosed("closed")])
async def test_an_engine_that_is_gone_is_waited_for(
    tmp_path: Path, name: str, gone: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "DEPENDENCY_SECONDS", (0.001,))
    tagger = Tagger(gone, gone, gone)
    verdicts = await decided(tmp_path, name, tagger)
    assert [verdict.outcome for verdict in verdicts] == ["answered"] * 3
    assert not leaks(verdicts)
    assert tagger.calls == 4  # the whole batch each time, and nothing split


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("failure", [EncodingFailed("no room"), RuntimeError(CANARY), IndexError()])
async def test_a_text_that_it_fails_on_is_a_dead_letter_and_its_neighbours_are_answered(
    tmp_path: Path, name: str, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    verdicts = await decided(tmp_path, name, Tagger(always=failure, word="Bad luck"))
    assert [verdict.outcome for verdict in verdicts] == ["answered", "dead_letter", "answered"]
    assert not leaks(verdicts)
    assert CANARY not in str([vars(one) for one in caplog.records])
    (letter,) = verdicts[1].outgoing
    assert orjson.loads(letter.value or b"")["reason"] == "processing_failed"


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("tagger", [Tagger(always=EncodingFailed("no")), Short()])
async def test_one_that_always_fails_or_answers_too_little_lets_nothing_through(
    tmp_path: Path, name: str, tagger: Tagger
) -> None:
    verdicts = await decided(tmp_path, name, tagger)
    assert [verdict.outcome for verdict in verdicts] == ["dead_letter"] * 3
    assert not leaks(verdicts)
