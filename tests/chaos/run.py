"""Runs the kill test: two workers under load, faults at random, one worker added and removed, then the count."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS, Topic
from streams.delivery.errors import EXIT_SOFTWARE
from streams.local import Endpoints
from streams.settings import KafkaSettings, KeySettings, PrivacySettings, Settings
from streams.topic_admin import create_topics
from tests.chaos import events
from tests.chaos.fleet import Fleet
from tests.chaos.tally import Balance, balance

FAULTS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP)
PAUSE = (0.5, 3.5)
FROZEN = (1.0, 9.0)
"""Seconds between faults, and of a SIGSTOP; past 6 the group goes on without the frozen worker."""

EXITS = frozenset({0, -signal.SIGKILL, -signal.SIGTERM, EXIT_SOFTWARE})
"""How a worker may end in the kill test: in good order, killed, SIGTERM in start-up, fenced."""


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        events: reviews produced, spread over the time of the faults.
        kills: faults.
        seed: of faults and of malformed events.
        fence: False is the negative control: transactional ids that differ by process.
        signals: the faults to choose from.
        pause: seconds between faults.
        frozen: seconds of a SIGSTOP.
        third: whether a third worker comes after a quarter of the faults and goes after three quarters.
        reviews_per_second: the stand-in reader's speed; 0 is as fast as it can.
    """

    events: int = 20_000
    kills: int = 20
    seed: int = 1
    fence: bool = True
    signals: tuple[signal.Signals, ...] = FAULTS
    pause: tuple[float, float] = PAUSE
    frozen: tuple[float, float] = FROZEN
    third: bool = True
    reviews_per_second: float = 0.0

    @property
    def seconds(self) -> float:
        """About how long the faults take, and so the producing."""
        return self.kills * sum(self.pause) / 2


ZOMBIES = Plan(
    events=7_000,
    kills=1,
    signals=(signal.SIGSTOP,),
    pause=(3.0, 3.0),
    frozen=(10.0, 10.0),
    third=False,
    reviews_per_second=450,
)
"""A worker frozen past the session timeout with batches in hand, which it still tries to publish when it wakes."""


@dataclass
class Report:
    """What came of it."""

    balance: Balance
    faults: Counter[str] = field(default_factory=Counter)
    exits: Counter[int] = field(default_factory=Counter)
    stubborn: list[str] = field(default_factory=list)
    seconds: float = 0.0
    drained: float = 0.0


class Setting:
    """Topics of one run, and the environment of its workers."""

    def __init__(self, servers: Endpoints, prefix: str, folder: Path, **extra: str) -> None:
        self.bootstrap = servers.bootstrap
        self.prefix = prefix
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(
            data_dir=folder / "data",
            kafka=KafkaSettings(bootstrap=servers.bootstrap, topic_prefix=prefix),
            keys=KeySettings(url=SecretStr(servers.keys_url)),
            privacy=PrivacySettings(tenant=prefix),
        )
        self.environment: Mapping[str, str] = {
            "SHOPSTREAM_KAFKA__BOOTSTRAP": servers.bootstrap,
            "SHOPSTREAM_KAFKA__TOPIC_PREFIX": prefix,
            "SHOPSTREAM_REDIS__URL": servers.redis_url,
            "SHOPSTREAM_KEYS__URL": servers.keys_url,
            "SHOPSTREAM_PRIVACY__TENANT": prefix,
            "SHOPSTREAM_DATA_DIR": str(folder / "data"),
            "SHOPSTREAM_WEB__PORT": "0",
            "SHOPSTREAM_CONFIG": str(folder / "none.toml"),
        } | extra

    def topic(self, name: str) -> str:
        return self.settings.wire_topic(name)

    async def create(self) -> None:
        """Makes the topics that the stand-in worker uses."""
        await create_topics(self.settings)

    def load(self, count: int, seconds: float) -> "asyncio.Task[int]":
        """Reviews at a steady rate, in the background."""
        records = events.reviews(count, seed=5)
        return asyncio.create_task(
            events.produce(self.bootstrap, self.topic(REVIEWS.name), records, rate=count / seconds)
        )

    async def balance(self, inputs: Topic[Any] = REVIEWS, results: Topic[Any] = REVIEW_INSIGHTS) -> Balance:
        """The count equation of an input topic."""
        return await balance(
            self.bootstrap, self.topic(inputs.name), self.topic(results.name), self.topic(DEAD_LETTERS.name)
        )

    async def drained(self, topic: str, within: float) -> float:
        """Waits until the group has committed the topic's end; returns the seconds it took.

        Raises:
            TimeoutError: it was not in time.
        """
        started = time.monotonic()
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=self.prefix + "shopstream", enable_auto_commit=False
        )
        await consumer.start()
        try:
            partitions = [TopicPartition(self.topic(topic), number) for number in range(4)]
            consumer.assign(partitions)
            while time.monotonic() - started < within:
                ends = await consumer.end_offsets(partitions)
                if all([(await consumer.committed(tp) or 0) >= ends[tp] for tp in partitions]):
                    return time.monotonic() - started
                await asyncio.sleep(0.25)
        finally:
            await consumer.stop()
        raise TimeoutError(f"{topic} was not drained in {within:.0f} s")


async def kill_test(setting: Setting, plan: Plan, say: Callable[[str], None]) -> Report:
    """Hurts workers while events flow, waits until all is decided, and counts."""
    chance = random.Random(plan.seed)
    environment = dict(setting.environment) | {"STANDIN_RATE": str(plan.reviews_per_second)}
    if not plan.fence:
        environment["SHOPSTREAM_WORKER__FRESH_TRANSACTIONAL_IDS"] = "true"
    await setting.create()
    fleet = Fleet(environment, setting.folder)
    report = Report(Balance(0))
    started = time.monotonic()
    try:
        for name in ("w1", "w2"):
            fleet.hire(name)
        for name in ("w1", "w2"):
            await fleet.joined(name)
        producing = asyncio.create_task(
            events.produce(
                setting.bootstrap,
                setting.topic(REVIEWS.name),
                events.reviews(plan.events, plan.seed),
                rate=plan.events / plan.seconds,
            )
        )
        for number in range(plan.kills):
            await asyncio.sleep(chance.uniform(*plan.pause))
            if plan.third and number == plan.kills // 4:
                fleet.hire("w3")
            if plan.third and number == plan.kills * 3 // 4:
                fleet.dismiss("w3")
                report.faults["dismissed"] += 1
                continue
            if not fleet.running:
                continue
            how, name = chance.choice(plan.signals), chance.choice(fleet.running)
            fleet.hurt(name, how, chance.uniform(*plan.frozen))
            report.faults[how.name] += 1
            say(f"{number + 1}/{plan.kills} {how.name} {name}")
        await producing
        say("all produced; waiting until all is decided")
        report.drained = await setting.drained(REVIEWS.name, within=90)
        await asyncio.sleep(2)
    finally:
        await fleet.close()
    report.balance = await setting.balance()
    report.exits, report.stubborn = fleet.exits, fleet.stubborn
    report.seconds = time.monotonic() - started
    return report
