"""Users erased while the shop goes on: by the command, with real workers, one of which was down."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count as numbers
from pathlib import Path
from typing import Any

import orjson
import pytest

from models.recommend.association_snapshot import AssociationSnapshot
from privacy.errors import ErasedKey
from privacy.plaintext import Plaintext
from streams.cli.erase_evidence import sealed_values
from streams.cli.erase_proof import mac
from streams.cli.erase_request import Request
from streams.cli.erase_run import erased
from streams.client import Shopstream
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.events import Event, Interaction, Resolution, Review, SupportTicket
from streams.contracts.results import ReviewInsight
from streams.contracts.topics import EACH_IN_ONE, REVIEW_INSIGHTS, SUPPORT_MEMORY, TOPICS, USER_CHANGES
from streams.counting import count
from streams.keys import Keys
from streams.local import LocalStack
from streams.settings import Settings
from streams.topic_admin import create_topics
from streams.views.associations import AssociationsView
from streams.views.snapshot import SnapshotFolder
from tests.chaos.fleet import ROOT, Fleet
from tests.chaos.services import MODULE, decided, environment_of, settings_of, state_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MIA, NOA = "mia@example.com", "noa-7"
number = numbers(1)


def of(user: str) -> list[Event]:
    """Something of each kind."""
    one = next(number)
    given: dict[str, Any] = {"time": datetime.now(UTC), "user_id": user}
    said = Plaintext(f"Ask me: {one}@mail.example")
    return [
        Review(id=f"r{one}", product_id=f"p{one % 5}", text=said, **given),
        Interaction(id=f"i{one}", product_id=f"p{one % 5}", kind="purchase", **given),
        SupportTicket(id=f"t{one}", text=said, **given),
        Resolution(id=f"s{one}", source_id=f"t{one}", kind="ticket", question=said, answer=said, **given),
    ]


@asynccontextmanager
async def traffic(shop: Shopstream, *users: str) -> AsyncIterator[None]:
    """These users are active during the block."""
    stop = asyncio.Event()

    async def go_on() -> None:
        while not stop.is_set():
            await shop.produce_many([event for user in users for event in of(user)])
            await asyncio.sleep(0.1)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        stop.set()
        await task


def environment(settings: Settings, folder: Path) -> dict[str, str]:
    """Of workers and of the command; all share one key file."""
    (folder / "none.toml").touch()
    return environment_of(settings, folder) | {"SHOPSTREAM_KEYS__KEK_FILE": str(settings.kek_file)}


async def command(settings: Settings, folder: Path, *arguments: str) -> tuple[int, Any]:
    """`shopstream erase …` in a process of its own: exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "streams.cli",
        "erase",
        *arguments,
        cwd=ROOT,
        env=os.environ | environment(settings, folder),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, orjson.loads(out)


async def insights(settings: Settings, token: str) -> list[ReviewInsight]:
    found = []
    async with TopicReader(settings, [REVIEW_INSIGHTS.name]) as reader:
        await reader.to_beginning()
        async for records in reader.until_caught_up():
            found += [one for record in records if (one := read_result(REVIEW_INSIGHTS, record))]
    return [one for one in found if one.user == token]


async def remembered(settings: Settings) -> set[bytes]:
    """Sources that support's memory holds, as a compacted topic tells."""
    held: dict[bytes, bytes | None] = {}
    async with TopicReader(settings, [SUPPORT_MEMORY.name]) as reader:
        await reader.to_beginning()
        async for records in reader.until_caught_up():
            held |= {record.key: record.value for record in records}
    return {key for key, value in held.items() if value is not None}


def in_snapshot(settings: Settings) -> set[str]:
    """Users whom the associations kept in a worker's data folder know."""
    snapshot = SnapshotFolder(settings.data_dir / "views").read(
        settings.wire_topic(USER_CHANGES.name), AssociationsView.layout
    )
    assert snapshot is not None
    return set(AssociationSnapshot.from_bytes(bytes(snapshot.payload)).users)


async def until(holds: Any, within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.1)


async def opened(guard: Any, one: ReviewInsight) -> bytes:
    """A review's sealed text."""
    found: bytes = await guard.open_bytes(
        one.sealed["text"], topic="reviews", event_id=one.causes[0], subject=one.user, field_name="text"
    )
    return found


@pytest.fixture
async def settings(stack: LocalStack, prefix: str, tmp_path: Path) -> Settings:
    made = settings_of(stack, prefix, tmp_path / "one")
    keys = made.keys.model_copy(update={"kek_file": tmp_path / "kek.json"})
    made = made.model_copy(update={"keys": keys})
    await create_topics(made)
    return made


@asynccontextmanager
async def working(settings: Settings, folder: Path, name: str) -> AsyncIterator[Fleet]:
    """A worker for the time of the block."""
    fleet = Fleet(environment(settings, folder), folder, MODULE)
    try:
        fleet.hire(name)
        await fleet.joined(name)
        yield fleet
    finally:
        await fleet.close()


async def test_users_are_erased_while_the_shop_goes_on(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"data_dir": tmp_path / "two"})
    async with (
        working(settings, tmp_path, "w1"),
        working(other, tmp_path, "w2") as second,
        Shopstream(settings) as shop,
    ):
        await shop.produce_many([event for _ in range(5) for user in (MIA, NOA, "u1") for event in of(user)])
        await decided(settings)
        second.dismiss("w2")
        await second.ended("w2")
        shutil.copytree(other.data_dir / "views", settings.data_dir / "views", dirs_exist_ok=True)
        assert NOA in in_snapshot(settings)
        await mia_is_erased(settings, shop, tmp_path)
        await noa_is_erased(settings)
        assert NOA in in_snapshot(other)
        second.hire("w2")
        await second.joined("w2")
        await until(lambda: NOA not in in_snapshot(other))
        await decided(settings)
    balances = {name: await count(settings, TOPICS[name]) for name in EACH_IN_ONE}
    assert all(balance.holds for balance in balances.values()), balances
    assert balances["erasures"].answered == 2
    assert not any(balance.dead for balance in balances.values())


async def mia_is_erased(settings: Settings, shop: Shopstream, folder: Path) -> None:
    """By the command, while she and others are active: what was sealed is gone, what she does later has a new key."""
    keys = await Keys.open(settings)
    guard = keys.guard()
    token = guard.user_token(MIA)
    tried = {one.topic for one in await sealed_values(settings, token, lambda _: None)}
    assert tried >= {"reviews", "support-tickets", "resolutions"}
    before = await insights(settings, token)
    assert [await opened(guard, one) for one in before]
    async with traffic(shop, MIA, "u1", "u2"):
        code, proof = await command(settings, folder, MIA, "--reference", "case-1", "--prove", "--json")
    assert (code, proof["holds"], proof["outstanding"], proof["reference"]) == (0, True, [], "case-1")
    assert proof["tests"]["refused_after"] == proof["tests"]["opened_before"] > 0
    assert proof["not_processed_before"].keys() >= {"reviews", "queries", "resolutions"}
    assert proof["mac"] == mac(proof, keys.tokeniser)
    assert proof["found"] is True
    keys.keyring.forget(lambda _: True)
    for one in before:
        with pytest.raises(ErasedKey):
            await opened(guard, one)
    await shop.produce_many(of(MIA))
    await decided(settings)
    latest = max(await insights(settings, token), key=lambda one: one.time)
    assert latest.sealed["text"].key not in proof["destroyed_keys"]
    assert b"@mail.example" in await opened(guard, latest)
    await keys.close()


async def noa_is_erased(settings: Settings) -> None:
    """Who does nothing later: state, memory and the snapshots of workers that run hold nothing of them."""
    sources = {f"t{one.causes[0][1:]}".encode() for one in await insights(settings, NOA)}
    assert sources <= await remembered(settings)
    request = Request(NOA, prove=True)
    proof, _ = await erased(settings, request, request.event())
    assert proof.holds
    assert proof.tests is not None
    assert proof.tests.opened_before == proof.tests.refused_after > 0
    assert (len(proof.acknowledged), proof.entry.withdrawn) == (1, len(sources))
    assert (await state_of(settings))["users"].keys() >= {"u1", "u2"}
    assert NOA not in (await state_of(settings))["users"]
    assert NOA not in in_snapshot(settings)
    assert not sources & await remembered(settings)
