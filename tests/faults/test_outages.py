"""Kafka or Valkey goes away in mid-run: nothing is lost, nothing is twice."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.contracts.topics import REVIEWS
from streams.delivery.errors import EXIT_SOFTWARE
from streams.local import LocalStack
from streams.local.server import Server
from tests.chaos.fleet import staffed
from tests.chaos.run import Setting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

EVENTS = 8_000
LOADED_SECONDS = 12

RESTARTS = 2
"""At most, each of two workers ends once: a lane whose transaction can not be settled is fatal. Usually none does."""


@pytest.fixture
def hurt(own: LocalStack, prefix: str, tmp_path: Path) -> Setting:
    return Setting(own.endpoints, prefix, tmp_path)


def pid_of(server: Server) -> int:
    assert server.pid is not None
    return server.pid


async def test_kafka_killed_and_kafka_restarted_in_mid_run(
    own: LocalStack, hurt: Setting, say: Callable[[object], None]
) -> None:
    await hurt.create()
    async with staffed(hurt.environment, hurt.folder, "w1", "w2") as fleet:
        producing = hurt.load(EVENTS, LOADED_SECONDS)
        await asyncio.sleep(3)
        await asyncio.to_thread(own.kafka.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(own.kafka.start)
        await asyncio.sleep(4)
        await asyncio.to_thread(own.kafka.stop)
        await asyncio.sleep(3)
        await asyncio.to_thread(own.kafka.start)
        await producing
        await hurt.drained(REVIEWS.name, within=60)
        starts = fleet.starts
    balance = await hurt.balance()
    say(f"{balance}; {starts} starts of 2 workers, exits {dict(fleet.exits)}")
    assert balance.holds, balance
    assert balance.inputs == EVENTS
    assert fleet.exits.keys() <= {0, EXIT_SOFTWARE}
    assert starts <= 2 + RESTARTS
    assert not fleet.stubborn, "a worker did not end when it was asked to"


async def test_valkey_away_for_twenty_seconds(own: LocalStack, hurt: Setting) -> None:
    await hurt.create()
    async with staffed(hurt.environment, hurt.folder, "w1", "w2") as fleet:
        producing = hurt.load(EVENTS, 24)
        await asyncio.sleep(2)
        os.kill(pid_of(own.valkey), signal.SIGSTOP)  # first it hangs, then it is gone
        await asyncio.sleep(5)
        await asyncio.to_thread(own.valkey.kill)
        await asyncio.sleep(5)
        fleet.hurt("w1", signal.SIGKILL)
        await asyncio.sleep(10)
        await asyncio.to_thread(own.valkey.start)
        await producing
        await hurt.drained(REVIEWS.name, within=60)
        await fleet.joined("w1")  # its successor: one that still starts would end by the signal itself
    balance = await hurt.balance()
    assert balance.holds, balance
    assert balance.inputs == EVENTS
    assert fleet.exits == {0: 2, -signal.SIGKILL: 1}
    assert "redis is away; going on without" in fleet.log("w2")
