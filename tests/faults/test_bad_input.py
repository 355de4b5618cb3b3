"""Bad input through a real worker: each a dead letter with its reason, or a documented treatment; no stop."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis.asyncio as redis
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from streams.contracts.dead_letters import DeadLetter
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS, TOPICS
from streams.keys import Keys
from streams.local import LocalStack
from streams.settings import Settings, WorkerSettings
from tests.chaos import events
from tests.chaos.fleet import Fleet, staffed
from tests.chaos.run import Setting
from tests.chaos.tally import Balance, read_all
from tests.faults.bad_input import ANSWERED, PLANTED, WORD, Case, cases, disguises, encoded
from tests.standins.house import AWAY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CASES = cases()
DEAD = [case for case in CASES if case.outcome != ANSWERED]
SERVED = [case for case in CASES if case.outcome == ANSWERED]
NEIGHBOURS = 300
AWAY_SECONDS = 3.0


@dataclass
class Outcome:
    """What came of all cases, produced among good reviews to one worker."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    letters: dict[tuple[int, int], DeadLetter] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    written: list[ConsumerRecord] = field(default_factory=list)
    exits: dict[int, int] = field(default_factory=dict)
    starts: int = 0
    log: str = ""
    remembered: bytes = b""
    seconds: float = 0.0
    while_away: "Balance | None" = None
    settings: Settings | None = None

    def letter(self, name: str) -> DeadLetter:
        return self.letters[self.places[name]]


@pytest.fixture(scope="module")
def outcome(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("bad-input")
    return asyncio.run(run(Setting(stack.endpoints, f"{folder.name}-", folder)))


async def run(setting: Setting) -> Outcome:
    await setting.create()
    outcome = Outcome()
    away = setting.folder / "away"
    away.touch()
    environment = dict(setting.environment) | {"STANDIN_AWAY_WHILE": str(away)}
    async with staffed(environment, setting.folder, "w1") as fleet:
        await one_that_waits(setting, outcome, away)
        started = time.monotonic()
        await produce_all(setting, outcome)
        await setting.drained(REVIEWS.name, within=60)
        outcome.seconds = time.monotonic() - started
    await collect(setting, fleet, outcome)
    return outcome


async def one_that_waits(setting: Setting, outcome: Outcome, away: Path) -> None:
    """A review whose dependency is missing for some seconds, and what has become of it just before that is back."""
    topic = setting.topic(REVIEWS.name)
    await events.produce(setting.bootstrap, topic, iter([events.review(0, AWAY), events.review(1)]))
    await asyncio.sleep(AWAY_SECONDS)
    outcome.while_away = await setting.balance()
    away.unlink()


async def produce_all(setting: Setting, outcome: Outcome) -> None:
    """The cases in turn on the four partitions, good reviews between them, and some of those a second time."""
    topic = setting.topic(REVIEWS.name)
    plain = AIOKafkaProducer(bootstrap_servers=setting.bootstrap, max_request_size=8 << 20)
    gzip = AIOKafkaProducer(
        bootstrap_servers=setting.bootstrap, max_request_size=8 << 20, compression_type="gzip"
    )
    await plain.start()
    await gzip.start()
    try:
        for number, case in enumerate(CASES):
            producer = gzip if case.compressed else plain
            place = await producer.send_and_wait(
                topic, case.value, case.key, partition=number % 4, headers=list(case.headers)
            )
            outcome.places[case.name] = (place.partition, place.offset)
            good = range(2 + number * NEIGHBOURS // len(CASES), 2 + (number + 1) * NEIGHBOURS // len(CASES))
            await events.produce(setting.bootstrap, topic, map(events.review, good))
        await events.produce(setting.bootstrap, topic, map(events.review, range(2, 100)))
    finally:
        await plain.stop()
        await gzip.stop()


async def collect(setting: Setting, fleet: Fleet, outcome: Outcome) -> None:
    """All that the worker wrote."""
    written = [setting.topic(topic.name) for topic in TOPICS.values() if topic.direction != "in"]
    outcome.written = await read_all(setting.bootstrap, written)
    for record in outcome.written:
        if record.topic == setting.topic(DEAD_LETTERS.name):
            letter = DeadLetter.model_validate_json(record.value)
            outcome.letters[letter.origin.partition, letter.origin.offset] = letter
        elif record.topic == setting.topic(REVIEW_INSIGHTS.name):
            outcome.answers.update(orjson.loads(record.value)["causes"])
    outcome.exits, outcome.starts, outcome.log = dict(fleet.exits), fleet.starts, fleet.log("w1")
    outcome.remembered = await remembered(setting)
    outcome.settings = setting.settings


async def remembered(setting: Setting) -> bytes:
    """All that the worker keeps in Valkey."""
    async with redis.Redis.from_url(setting.environment["SHOPSTREAM_REDIS__URL"]) as client:
        keys = [key async for key in client.scan_iter(f"*{setting.prefix}*")]
        hashes: list[dict[Any, Any]] = [await client.hgetall(key) for key in keys]
    return b"\n".join([*keys, *(part for one in hashes for pair in one.items() for part in pair)])


@pytest.mark.parametrize("case", DEAD, ids=lambda case: case.name)
def test_it_becomes_a_dead_letter_with_its_reason(outcome: Outcome, case: Case) -> None:
    letter = outcome.letter(case.name)
    partition, offset = outcome.places[case.name]
    place = f"{letter.origin.topic}/{partition}/{offset}"
    assert (letter.reason, letter.field) == (case.outcome, case.field)
    assert letter.causes == [case.name if case.named else place]
    assert letter.size == len(case.value or b"")
    assert case.name not in outcome.answers


@pytest.mark.parametrize("case", SERVED, ids=lambda case: case.name)
def test_it_is_answered_once(outcome: Outcome, case: Case) -> None:
    assert outcome.answers[case.name] == 1
    assert outcome.places[case.name] not in outcome.letters


@pytest.mark.parametrize("case", DEAD, ids=lambda case: case.name)
async def test_its_bytes_can_be_opened_again_unless_they_are_too_many(outcome: Outcome, case: Case) -> None:
    letter = outcome.letter(case.name)
    if not case.value or len(case.value) > 1 << 20:
        assert letter.sealed is None
        return
    assert letter.sealed is not None
    assert outcome.settings is not None
    keys = await Keys.open(outcome.settings, create=False)
    opened = await keys.guard().open_bytes(
        letter.sealed, topic=REVIEWS.name, event_id=letter.causes[0], subject=letter.user
    )
    await keys.close()
    assert opened == case.value


def test_the_worker_never_stopped(outcome: Outcome) -> None:
    assert outcome.starts == 1
    assert outcome.exits == {0: 1}


def test_no_text_holds_the_worker_up(outcome: Outcome) -> None:
    """Patterns run in linear time: the longest hostile texts cost milliseconds, not minutes."""
    assert outcome.seconds < 30


def test_all_neighbours_were_served_and_resends_answered_once(outcome: Outcome) -> None:
    assert [outcome.answers[f"r{number}"] for number in range(NEIGHBOURS + 2)] == [1] * (NEIGHBOURS + 2)
    assert len(outcome.letters) == len(DEAD)


def test_an_event_that_fails_alone_is_tried_as_often_as_the_settings_say(outcome: Outcome) -> None:
    letter = outcome.letter("fails")
    assert (letter.attempts, letter.error) == (WorkerSettings().attempts, "RuntimeError")


def test_while_a_dependency_is_away_events_wait_and_nothing_is_dead(outcome: Outcome) -> None:
    assert outcome.while_away is not None
    assert "r0" in outcome.while_away.lost  # it waits
    assert not outcome.while_away.dead
    assert outcome.answers["r0"] == 1
    assert outcome.log.count('"waiting for a dependency"') == 1


def places_of(secret: str, outcome: Outcome) -> Iterator[str]:
    """Where a planted value can be found in any disguise."""
    for form in disguises(secret):
        if form in outcome.log.encode():
            yield f"log: {form!r}"
        if form in outcome.remembered:
            yield f"valkey: {form!r}"
        for record in outcome.written:
            headers = b"\n".join(name.encode() + (value or b"") for name, value in record.headers)
            if form in b"\n".join([record.key or b"", record.value or b"", headers]):
                yield f"{record.topic}/{record.partition}/{record.offset}: {form!r}"


@pytest.mark.parametrize("secret", PLANTED)
def test_nothing_planted_is_in_any_output_topic_log_or_cache(outcome: Outcome, secret: str) -> None:
    assert list(places_of(secret, outcome)) == []


def test_the_scan_finds_what_it_looks_for(outcome: Outcome) -> None:
    """Were the scan blind, the test above would pass."""
    assert list(places_of("it fits, and I would buy it again", outcome))
    assert list(places_of("partitions assigned", outcome))
    assert b":seen:" in outcome.remembered
    assert any(disguise in encoded("x") for disguise in disguises(WORD))


def test_the_log_has_no_message_of_an_exception(outcome: Outcome) -> None:
    assert "an event failed" in outcome.log
    assert "RuntimeError at house.py" in outcome.log
    assert "not fit for logs" not in outcome.log


async def test_a_record_that_the_broker_does_not_take_fails_at_its_producer(
    setting: Setting, tmp_path: Path
) -> None:
    await setting.create()
    producer = AIOKafkaProducer(bootstrap_servers=setting.bootstrap, max_request_size=8 << 20)
    await producer.start()
    try:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(setting.topic(REVIEWS.name), encoded("huge", text="x" * (5 << 20)))
    finally:
        await producer.stop()
    assert await read_all(setting.bootstrap, [setting.topic(REVIEWS.name)]) == []
