"""What a follower's view holds, whatever happens to its topic."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams import metrics
from streams.health import Health
from streams.local import LocalStack
from streams.settings import Settings
from streams.views import follower as following
from streams.views import progress
from streams.views.feed import Feed
from streams.views.snapshot import SnapshotFolder
from tests.views.conftest import until
from tests.views.shelf import Scribe, Shelf, add_partition, delete_topic, make_topic

Follow = Callable[..., Any]


async def test_updates_and_deletes_show_and_aborted_ones_do_not(
    topic: str, scribe: Scribe, follow: Follow
) -> None:
    await scribe.write(a="1", b="1", c="1")
    one = await follow()
    await one.until_caught_up()
    assert one.index.found == {"a": "1", "b": "1", "c": "1"}
    await scribe.abort(a="never", d="never", b=None)
    await scribe.write(a="2", c=None)
    await until(lambda: one.index.found == {"a": "2", "b": "1"})


async def test_an_open_transaction_is_not_waited_for(topic: str, scribe: Scribe, follow: Follow) -> None:
    await scribe.write(a="1")
    async with scribe.transaction():
        await scribe.send("b", "1")
        one = await follow()
        await one.until_caught_up()
        assert one.index.found == {"a": "1"}
    await until(lambda: "b" in one.index.found)


async def test_markers_after_the_last_record_are_no_backlog(
    topic: str, scribe: Scribe, follow: Follow
) -> None:
    await scribe.write(a="1")
    await scribe.abort(a="never")
    await scribe.abort(b="never")
    one = await follow()
    await one.until_caught_up()
    assert one.behind() == 0
    assert one.current


async def test_an_empty_topic_is_caught_up_at_once(topic: str, follow: Follow) -> None:
    one = await follow()
    async with asyncio.timeout(5):
        await one.until_caught_up()
    assert len(one.index) == 0


async def test_of_one_keys_records_in_a_chunk_only_the_last_is_applied(
    topic: str, scribe: Scribe, follow: Follow
) -> None:
    async with scribe.transaction():
        for number in range(50):
            await scribe.send("a", str(number))
    one = await follow()
    await one.until_caught_up()
    assert one.index.found == {"a": "49"}
    assert one.index.taken < 50


async def test_what_cannot_be_read_is_skipped_counted_and_logged_by_place(
    topic: str, scribe: Scribe, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    async with scribe.transaction():
        await scribe.send("a", "1")
        await scribe.send_bytes(b"b", b"secret words")
        await scribe.send("c", "defect")
        await scribe.send_bytes(b"\xff", None)
        await scribe.send("d", "1")
    one = await follow()
    await one.until_caught_up()
    assert one.index.found == {"a": "1", "d": "1"}
    assert metrics.VIEW_SKIPPED.labels(topic)._value.get() == 3
    skipped = [record for record in caplog.records if "skipped" in record.message]
    assert sorted(getattr(record, "offset", -1) for record in skipped) == [1, 2, 3]
    assert "secret" not in caplog.text


async def test_a_restart_reads_only_what_came_since(
    topic: str, scribe: Scribe, follow: Follow, folder: SnapshotFolder
) -> None:
    await scribe.write(**{f"k{number}": "1" for number in range(40)})
    first = await follow(snapshots=folder)
    await first.until_caught_up()
    await first.stop()
    await scribe.write(k0="2", k1=None, new="1")
    second = await follow(snapshots=folder)
    await second.until_caught_up()
    assert first.index.taken == 40
    assert second.index.taken == 3
    expected = {**first.index.found, "k0": "2", "new": "1"}
    del expected["k1"]
    assert second.index.found == expected


async def test_a_snapshot_is_written_while_it_runs(
    topic: str, scribe: Scribe, follow: Follow, folder: SnapshotFolder
) -> None:
    await follow(snapshots=folder, save_every=0.1)
    await scribe.write(a="1")
    await until(
        lambda: (kept := folder.read(topic, Shelf.layout)) is not None and bytes(kept.payload) == b'{"a":"1"}'
    )


async def test_a_snapshot_from_before_an_erasure_is_replaced_though_none_is_due(
    topic: str, scribe: Scribe, follow: Follow, folder: SnapshotFolder, tmp_path: Path
) -> None:
    await scribe.write(a="1", b="2")
    first = await follow(snapshots=folder)
    await first.until_caught_up()
    await first.stop()
    (left := tmp_path / "views" / f"{topic}.new").write_bytes(b"of a writer that was killed")
    second = await follow(snapshots=folder)
    await second.until_caught_up()
    await scribe.write(a=None)
    await until(lambda: second.index.found == {"b": "2"})
    await second.kept_past(second.positions)
    kept = folder.read(topic, Shelf.layout)
    assert kept is not None
    assert bytes(kept.payload) == b'{"b":"2"}'
    assert not left.exists()


async def test_no_snapshot_is_made_where_none_is(
    topic: str, scribe: Scribe, follow: Follow, folder: SnapshotFolder
) -> None:
    await scribe.write(a="1")
    one = await follow(snapshots=folder)
    await one.until_caught_up()
    await one.kept_past(one.positions)
    assert folder.read(topic, Shelf.layout) is None


async def test_a_damaged_snapshot_is_not_used(
    topic: str,
    scribe: Scribe,
    follow: Follow,
    folder: SnapshotFolder,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await scribe.write(a="1", b="1")
    first = await follow(snapshots=folder)
    await first.until_caught_up()
    await first.stop()
    (file,) = (tmp_path / "views").glob("*.view")
    file.write_bytes(file.read_bytes().replace(b'"a":"1"', b'"a":"9"'))
    second = await follow(snapshots=folder)
    await second.until_caught_up()
    assert second.index.found == {"a": "1", "b": "1"}
    assert second.index.taken == 2
    assert "a snapshot is not used: it is damaged" in caplog.messages


async def test_a_snapshot_of_a_topic_that_was_made_anew_is_not_used(
    settings: Settings, topic: str, scribe: Scribe, follow: Follow, folder: SnapshotFolder
) -> None:
    await scribe.write(old="1")
    first = await follow(snapshots=folder)
    await first.until_caught_up()
    await first.stop()
    await delete_topic(settings)
    await make_topic(settings)
    await scribe.write(a="1", b="1", c="1")  # further on than the snapshot's offsets
    second = await follow(snapshots=folder)
    await second.until_caught_up()
    assert second.index.found == {"a": "1", "b": "1", "c": "1"}


async def test_a_running_follower_begins_anew_with_a_topic_made_anew(
    settings: Settings, topic: str, scribe: Scribe, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOKUP_SECONDS", 0.2)
    await scribe.write(old="1", older="1")
    one = await follow()
    await one.until_caught_up()
    await delete_topic(settings)
    await make_topic(settings)
    await scribe.write(a="1")
    await until(lambda: one.index.found == {"a": "1"})
    await until(lambda: one.caught_up)


async def test_partitions_that_are_added_are_read(
    settings: Settings, topic: str, scribe: Scribe, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOKUP_SECONDS", 0.2)
    await scribe.write(a="1")
    one = await follow()
    await one.until_caught_up()
    await add_partition(settings)
    await scribe.look_again()
    async with scribe.transaction():
        await scribe.send("b", "1", partition=2)
    await until(lambda: one.index.found == {"a": "1", "b": "1"})
    assert one.index.taken == 2


async def test_a_consumer_that_stands_still_is_replaced(
    topic: str, scribe: Scribe, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.5)
    monkeypatch.setattr(following, "REFRESH_SECONDS", 0.1)
    one = await follow()
    await one.until_caught_up()
    feeds: set[int] = set()
    take = Feed.take

    async def stand_still(feed: Feed, limit: int, seconds: float) -> Any:
        feeds.add(id(feed))
        if len(feeds) > 1:
            return await take(feed, limit, seconds)
        await asyncio.sleep(seconds)
        return []

    monkeypatch.setattr(Feed, "take", stand_still)
    await scribe.write(a="1")
    await until(lambda: one.index.found == {"a": "1"})


async def test_a_missing_topic_is_waited_for(settings: Settings, scribe: Scribe, follow: Follow) -> None:
    health = Health()
    one = await follow(health=health)
    await until(lambda: one.name in health.degraded)
    assert not one.caught_up
    await make_topic(settings)
    await scribe.write(a="1")
    await until(lambda: one.index.found == {"a": "1"})
    await until(lambda: one.name not in health.degraded)


@pytest.mark.slow
async def test_a_broker_that_restarts_is_waited_for(
    stack: LocalStack, topic: str, scribe: Scribe, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "aiokafka")
    health = Health()
    await scribe.write(a="1")
    one = await follow(health=health)
    await one.until_caught_up()
    try:
        await asyncio.to_thread(stack.kafka.kill)
        await until(lambda: one.name in health.degraded, 30)
        assert one.index.found == {"a": "1"}
    finally:
        await asyncio.to_thread(stack.kafka.start)
    await scribe.write(b="1")
    await until(lambda: one.index.found == {"a": "1", "b": "1"}, 60)
    await until(lambda: one.name not in health.degraded)
    assert one.index.taken == 2
