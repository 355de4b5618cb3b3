"""How a worker ends: in good order when asked to, with a reason and a code when it can't go on."""

import asyncio
import os
import subprocess
import sys
import time

import pytest

from streams.contracts.topics import REVIEWS
from streams.delivery.errors import EXIT_CONFIG
from tests.chaos import events
from tests.chaos.fleet import ROOT, staffed
from tests.chaos.run import Setting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

EVENTS = 6_000


async def test_sigterm_under_load_ends_in_good_order_and_another_takes_over(setting: Setting) -> None:
    await setting.create()
    loaded = dict(setting.environment) | {"STANDIN_RATE": "1500"}
    async with staffed(loaded, setting.folder, "w1") as fleet:
        producing = asyncio.create_task(
            events.produce(
                setting.bootstrap, setting.topic(REVIEWS.name), events.reviews(EVENTS, seed=6), rate=1_500
            )
        )
        await asyncio.sleep(2)
        asked = time.monotonic()
        fleet.dismiss("w1")
        await fleet.ended("w1")
        seconds = time.monotonic() - asked
        between = await setting.balance()
        fleet.hire("w2")
        await producing
        await setting.drained(REVIEWS.name, within=30)
        log = fleet.log("w1")
    balance = await setting.balance()

    assert "closed in good order" in log
    assert seconds < 10
    assert 0 < len(between.lost) < between.inputs, "it should have ended in the middle"
    assert not between.doubled
    assert balance.holds, balance
    assert balance.inputs == EVENTS
    assert fleet.exits == {0: 2}
    assert not fleet.stubborn


def test_without_its_topics_a_worker_says_what_to_run_and_exits_78(setting: Setting) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.standins.worker"],
        cwd=ROOT,
        env=os.environ | dict(setting.environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == EXIT_CONFIG
    assert "run `shopstream topics create`" in ended.stderr
    assert setting.topic(REVIEWS.name) in ended.stderr
