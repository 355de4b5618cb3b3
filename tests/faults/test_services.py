"""All services under faults: every event is answered once, and the state in Redis is as if nothing had happened."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.chaos.run import EXITS
from tests.chaos.services import Plan, kill_test

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_kills_of_workers_and_redis_lose_nothing_double_nothing_and_leave_the_same_state(
    own: LocalStack, prefix: str, tmp_path: Path, say: Callable[[object], None]
) -> None:
    plan = Plan(events=8_000, kills=8, redis_kills=2)
    hurt = await kill_test(own, f"{prefix}hurt-", tmp_path / "hurt", plan, log.info)
    say(hurt)
    calm = await kill_test(
        own, f"{prefix}calm-", tmp_path / "calm", replace(plan, kills=0, redis_kills=0), log.info
    )
    say(calm)
    assert hurt.holds, hurt
    assert calm.holds, calm
    assert (
        sum(balance.inputs for name, balance in hurt.balances.items() if name != "user-changes")
        == plan.events
    )
    assert hurt.faults["redis lost its end"] == 2
    assert hurt.exits.keys() <= EXITS, hurt
    assert not hurt.stubborn, hurt
    assert calm.state
    assert hurt.state == calm.state
