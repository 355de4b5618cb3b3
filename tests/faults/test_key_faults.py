"""Keys change and their store goes away while workers seal: nothing is lost or twice, and all that was sealed opens."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.contracts.results import ReviewInsight
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.keys import Keys
from streams.local import LocalStack
from tests.chaos.fleet import staffed
from tests.chaos.run import Setting
from tests.chaos.tally import read_all

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

EVENTS = 4_000
LOADED_SECONDS = 14


async def test_a_rotation_and_an_outage_of_the_key_store_under_traffic(
    own: LocalStack, prefix: str, tmp_path: Path, say: Callable[[object], None]
) -> None:
    """Workers keep no key in memory, so that each batch asks the store."""
    setting = Setting(own.endpoints, prefix, tmp_path, SHOPSTREAM_KEYS__CACHE_SECONDS="0")
    await setting.create()
    async with staffed(setting.environment, setting.folder, "w1", "w2") as fleet:
        keys = await Keys.open(setting.settings, create=False)
        before = keys.material.current
        producing = setting.load(EVENTS, LOADED_SECONDS)
        await asyncio.sleep(4)
        keys.file.update(lambda material: material.with_new_kek())
        rewrapped = (await keys.keyring.rewrap()).done
        await asyncio.sleep(2)
        assert own.key_valkey.pid is not None
        os.kill(own.key_valkey.pid, signal.SIGSTOP)  # first it hangs, then it is gone
        await asyncio.sleep(3)
        await asyncio.to_thread(own.key_valkey.kill)
        await asyncio.sleep(2)
        await asyncio.to_thread(own.key_valkey.start)
        await producing
        await setting.drained(REVIEWS.name, within=60)
    balance = await setting.balance()
    assert balance.holds, balance
    assert balance.inputs == EVENTS
    assert fleet.exits == {0: 2}
    assert any("the key store is away" in fleet.log(name) for name in ("w1", "w2"))

    assert rewrapped > 0
    await keys.keyring.rewrap()
    keys.file.update(lambda material: material.without_kek(before))
    await keys.close()
    opened = await all_opened(setting)
    say(f"{balance}; {rewrapped} keys rewrapped, {opened} originals opened under the new key alone")
    assert opened == EVENTS - balance.dead.total()


async def all_opened(setting: Setting) -> int:
    """How many sealed originals of insights open, under the keys that are there now."""
    keys = await Keys.open(setting.settings, create=False)
    guard = keys.guard()
    count = 0
    for record in await read_all(setting.bootstrap, [setting.topic(REVIEW_INSIGHTS.name)]):
        insight = ReviewInsight.model_validate_json(record.value)
        for name, envelope in insight.sealed.items():
            place = {"topic": REVIEWS.name, "event_id": insight.causes[0], "subject": insight.user}
            text = await guard.open_bytes(envelope, field_name=name, **place)  # type: ignore[arg-type]
            count += b"@example.org" in text
    await keys.close()
    return count
