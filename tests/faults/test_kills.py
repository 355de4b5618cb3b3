"""The kill test: workers are hurt at random under load, then every event is counted."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.chaos.run import EXITS, ZOMBIES, Plan, Report, Setting, kill_test

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_twenty_faults_lose_and_double_nothing(setting: Setting, say: Callable[[object], None]) -> None:
    report = await kill_test(setting, Plan(events=20_000, kills=20, pause=(0.5, 2.7)), log.info)
    say(report)
    assert report.balance.holds, report
    assert report.balance.inputs == 20_000
    assert sum(report.faults.values()) == 20
    assert {"SIGKILL", "SIGTERM", "SIGSTOP"} <= report.faults.keys()
    assert report.exits.keys() <= EXITS, report
    assert not report.stubborn, report


async def test_frozen_workers_that_wake_double_nothing_unless_they_are_not_fenced(
    stack: LocalStack, prefix: str, tmp_path: Path, say: Callable[[object], None]
) -> None:
    """The negative control, beside the same run with fencing: it proves that the count can fail."""
    fenced, loose = await zombies(stack, f"{prefix}1-", tmp_path / "1")
    say(f"fenced {fenced}\n  loose {loose}")
    if not loose.balance.doubled:  # on a busy machine the worker may be frozen with nothing in hand
        assert fenced.balance.holds, fenced
        fenced, loose = await zombies(stack, f"{prefix}2-", tmp_path / "2")
        say(f"fenced {fenced}\n  loose {loose}")
    assert fenced.balance.holds, fenced
    assert loose.balance.doubled, loose
    assert not loose.balance.holds


async def zombies(stack: LocalStack, prefix: str, folder: Path) -> tuple[Report, Report]:
    """The same run with fencing and without, side by side."""
    fenced, loose = await asyncio.gather(
        kill_test(Setting(stack.endpoints, f"{prefix}fenced-", folder / "fenced"), ZOMBIES, log.info),
        kill_test(
            Setting(stack.endpoints, f"{prefix}loose-", folder / "loose"),
            replace(ZOMBIES, fence=False),
            log.info,
        ),
    )
    return fenced, loose
