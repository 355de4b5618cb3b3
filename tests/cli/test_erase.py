"""`shopstream erase` where it can't go on; tests/erasing has it with workers."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from redis.asyncio import Redis

from streams.agents.erasures import entry, forgotten
from streams.cli.erase import _write
from streams.contracts.codec import decode
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.results import Recommendations
from streams.contracts.topics import ERASURE_LEDGER, ERASURES, RECOMMENDATIONS
from streams.delivery.dead_letters import Aside, DeadLetterOffice
from streams.delivery.encoding import Encoder
from streams.delivery.records import Outgoing
from streams.erasing.roster import Member, Roster
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import PARTITIONS, make_topics
from tests.standins.keys import local_guard

Then = Callable[[Settings, ConsumerRecord, AIOKafkaProducer], Awaitable[None]]


@asynccontextmanager
async def peer(settings: Settings) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaProducer]]:
    """Reads erasures from the oldest on, and can answer."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap)
    await asyncio.gather(consumer.start(), producer.start())
    try:
        consumer.assign([TopicPartition(settings.wire_topic(ERASURES.name), 0)])
        yield consumer, producer
    finally:
        await asyncio.gather(consumer.stop(), producer.stop())


@contextmanager
def when_sent(settings: Settings, then: Then) -> Iterator[None]:
    """Does something, in a thread, once the erasure is in Kafka."""

    async def wait() -> None:
        async with asyncio.timeout(30), peer(settings) as (consumer, producer):
            await then(settings, await consumer.getone(), producer)

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(asyncio.run, wait())
        yield
        waiting.result()


def interrupt(by: signal.Signals) -> Then:
    """As Ctrl-C does, or a service manager."""

    async def interrupted(*_: object) -> None:
        os.kill(os.getpid(), by)

    return interrupted


async def refuse(settings: Settings, record: ConsumerRecord, producer: AIOKafkaProducer) -> None:
    """The erasure becomes a dead letter."""
    office = DeadLetterOffice(ERASURES.name, local_guard(settings.data_dir / "other.json"), encoder(settings))
    event = decode(ERASURES, record.value, now=datetime.now(UTC))
    (verdict,) = await office.letters(
        [Aside(record, Reason.PROCESSING_FAILED, event_id=event.id, attempts=3)]
    )
    for one in verdict.outgoing:
        await send(producer, one)


def carry_out(valkey: str) -> Then:
    """As workers do that know nothing of the user."""

    async def answer(settings: Settings, record: ConsumerRecord, producer: AIOKafkaProducer) -> None:
        event = decode(ERASURES, record.value, now=datetime.now(UTC))
        cause = forgotten(event, event.user_id).id
        recommendations = Recommendations(
            id=result_id(RECOMMENDATIONS.name, [cause]),
            causes=[cause],
            time=event.time,
            status="forgotten",
            user=event.user_id,
        )
        ledger = entry(event, "8d" * 32, [], datetime.now(UTC), 0, settled=True)
        await send(producer, encoder(settings).encode(recommendations, record))
        offset = await send(producer, encoder(settings).encode(ledger, record))
        async with Redis.from_url(valkey) as client:
            await Roster(settings.group_id).announce(client, Member("w1", {0: offset + 1}, 300))

    return answer


def encoder(settings: Settings) -> Encoder:
    counts = {ERASURE_LEDGER.name: 1, RECOMMENDATIONS.name: PARTITIONS, "dead-letters": PARTITIONS}
    return Encoder(
        settings.wire_topic, "/test/peer", {settings.wire_topic(name): n for name, n in counts.items()}
    )


async def send(producer: AIOKafkaProducer, one: Outgoing) -> int:
    sent = await producer.send_and_wait(
        one.topic, one.value, one.key, one.partition, headers=list(one.headers)
    )
    offset: int = sent.offset
    return offset


@pytest.fixture
def ready(settings: Settings, shopstream: Shell) -> Shell:
    """With topics, and a key file."""
    make_topics(settings, ERASURES, ERASURE_LEDGER, RECOMMENDATIONS)
    assert shopstream("keys", "init").code == 0
    return shopstream


def test_without_workers_it_says_that_the_erasure_waits(
    ready: Shell, settings: Settings, valkey: str
) -> None:
    said = ready("erase", "u-mia", "--reference", "case-1", "--wait", 0.5, SHOPSTREAM_REDIS__URL=valkey)
    assert (said.code, said.out) == (4, "")
    assert "start them" in said.err
    (sent,) = ready("tail", ERASURES.name, "--until-caught-up", "--plaintext", "--json").lines
    assert "case-1" in str(sent)
    audit = settings.audit_file.read_text()
    assert "case-1" in audit
    assert "u-mia" not in audit
    assert "sent, not confirmed" in audit


def test_without_redis_nothing_is_sent(ready: Shell) -> None:
    said = ready("erase", "u1")
    assert said.code == 78
    assert "SHOPSTREAM_REDIS__URL" in said.err


def test_without_keys_nothing_is_made(settings: Settings, shopstream: Shell, valkey: str) -> None:
    said = shopstream("erase", "u1", SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 78
    assert not settings.kek_file.exists()


def test_an_id_that_no_event_can_have_is_wrong_usage(shopstream: Shell) -> None:
    assert shopstream("erase", "").code == 2


@pytest.mark.parametrize("arguments", [[], ["u1", "--verify", __file__]])
def test_it_takes_a_user_or_a_proof(shopstream: Shell, arguments: list[str]) -> None:
    assert shopstream("erase", *arguments).code == 2


def test_a_reference_that_is_personal_data_is_refused_before_anything_is_written(
    ready: Shell, settings: Settings, valkey: str
) -> None:
    said = ready("erase", "u1", "--reference", "mia@example.com", SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 2
    assert "/reference" in said.err
    assert "mia@" not in said.err + settings.audit_file.read_text()


@pytest.mark.parametrize("target", ["none/proof.json", "kek.json", "kek.json/proof.json"])
def test_where_the_proof_cannot_lie_nothing_is_sent(
    ready: Shell, settings: Settings, valkey: str, target: str
) -> None:
    before = settings.audit_file.read_bytes()
    said = ready("erase", "u1", "--out", settings.data_dir / target, SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 2
    assert settings.audit_file.read_bytes() == before


def test_a_proof_that_cannot_be_written_is_printed(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as ended:
        _write(tmp_path / "file" / "proof.json", {"holds": True})
    assert ended.value.code == 1
    assert orjson.loads(capsysbinary.readouterr().out) == {"holds": True}


def test_of_an_unknown_user_it_says_so_and_the_proof_can_be_verified(
    ready: Shell, settings: Settings, valkey: str
) -> None:
    file = settings.data_dir / "proof.json"
    file.touch(0o644)
    with when_sent(settings, carry_out(valkey)):
        said = ready("erase", "u-typo", "--out", file, "--replace", SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 0, said.err
    assert "check the id" in said.err
    proof = orjson.loads(file.read_bytes())
    assert (proof["holds"], proof["found"]) == (True, False)
    assert file.stat().st_mode & 0o777 == 0o600
    good = ready("erase", "--verify", file)
    assert (good.code, good.out) == (0, "genuine\n")
    file.write_bytes(orjson.dumps({**proof, "found": True}))
    bad = ready("erase", "--verify", file, "--json")
    assert (bad.code, bad.json) == (1, {"genuine": False})


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_once_it_is_sent_it_says_that_it_will_be_done(
    ready: Shell, settings: Settings, valkey: str, by: signal.Signals
) -> None:
    with when_sent(settings, interrupt(by)):
        said = ready("erase", "u1", SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 130
    assert "run the command again" in said.err
    (*_, last) = settings.audit_file.read_bytes().splitlines()
    audited = orjson.loads(last)
    assert (audited["outcome"], audited["facts"]["delivery"]) == ("done", "sent, not confirmed")


def test_an_erasure_that_becomes_a_dead_letter_is_refused(
    ready: Shell, settings: Settings, valkey: str
) -> None:
    with when_sent(settings, refuse):
        said = ready("erase", "u1", SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 2
    assert "processing_failed" in said.err
