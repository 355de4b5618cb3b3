"""Keeps a view in a snapshot from time to time, and brings it back when a worker starts."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from streams.views.bookmark import Bookmark
from streams.views.snapshot import SnapshotFolder
from streams.views.view import Dump, View

log = logging.getLogger(__name__)

T = TypeVar("T")

SAVE_SECONDS: Final = 600.0


async def in_thread(work: Callable[[], T]) -> T:
    """Runs work in a worker thread; a cancellation waits until the thread is done with it."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Keeper:
    """One view's snapshots.

    Args:
        topic: name on the broker.
        index: the view.
        folder: where they are kept; None for nowhere.
        every: seconds between two while something changes.
    """

    def __init__(
        self, topic: str, index: View, folder: SnapshotFolder | None, every: float = SAVE_SECONDS
    ) -> None:
        self._topic = topic
        self._index = index
        self._folder = folder
        self._every = every
        self._due = time.monotonic() + every
        self._kept: Mapping[int, int] = {}
        self._writing: asyncio.Task[None] | None = None

    async def restore(self, usable: Callable[[Bookmark], str | None]) -> Bookmark | None:
        """Fills the view from its snapshot.

        Args:
            usable: says why a bookmark can't be read on from, or None.

        Returns:
            Up to where the view has read now; None where there is no snapshot that can be used, and the view is empty.
        """
        folder = self._folder
        if folder is None:
            return None
        snapshot = await in_thread(lambda: folder.read(self._topic, self._index.layout))
        if snapshot is None:
            return None
        if problem := usable(snapshot.bookmark):
            log.warning("a snapshot is not used: %s", problem, extra={"topic": self._topic})
            return None
        began = time.monotonic()
        try:
            await in_thread(lambda: self._index.restore(snapshot.payload))
            await in_thread(self._index.commit)
        except Exception as error:  # noqa: BLE001 - the topic has it all
            trouble = {"topic": self._topic, "error": type(error).__name__}
            log.warning("a snapshot is not used: the view does not take it", extra=trouble)
            await in_thread(self._index.clear)
            await in_thread(self._index.commit)
            return None
        facts = {
            "topic": self._topic,
            "entries": snapshot.count,
            "seconds": round(time.monotonic() - began, 2),
        }
        log.info("a view is restored from its snapshot", extra=facts)
        self._kept = snapshot.bookmark.offsets
        return snapshot.bookmark

    async def covers(self, ends: Mapping[int, int]) -> bool:
        """Whether no snapshot is there from before some offsets."""
        folder = self._folder
        if folder is None:
            return True
        there = await in_thread(lambda: folder.offsets(self._topic))
        return there is None or all(there.get(number, 0) >= end for number, end in ends.items())

    def hurry(self) -> None:
        """Makes a snapshot due at once, whatever was written before."""
        self._due = 0.0
        self._kept = {}

    async def keep_sometimes(self, mark: Bookmark | None) -> None:
        """Starts to write a snapshot when one is due; returns when the view is copied and may change again."""
        if time.monotonic() < self._due or (self._writing is not None and not self._writing.done()):
            return
        # Another worker's may be a little less far on: each writes in turn, not all of them each time.
        patience = self._every / 2 if self._due else 0.0
        self._due = time.monotonic() + self._every
        if copy := await self._copy(mark):
            self._writing = asyncio.create_task(self._write(*copy, unless_younger_than=patience))

    async def keep(self, mark: Bookmark | None) -> None:
        """Writes a snapshot if something has changed since the last, and returns when it is on the disk."""
        if self._writing is not None:
            await self._writing
        if copy := await self._copy(mark):
            await self._write(*copy)

    async def _copy(self, mark: Bookmark | None) -> tuple[Bookmark, Dump] | None:
        """The view and its place, where there is something new to keep."""
        if self._folder is None or mark is None or mark.offsets == self._kept:
            return None
        return mark, await in_thread(self._index.dump)

    async def _write(self, mark: Bookmark, dump: Dump, *, unless_younger_than: float = 0.0) -> None:
        folder = self._folder
        if folder is None:
            return
        began = time.monotonic()
        facts: dict[str, object] = {"topic": self._topic, "entries": len(dump)}
        try:
            written = await in_thread(
                lambda: folder.write(mark, self._index.layout, dump, unless_younger_than=unless_younger_than)
            )
        except Exception as error:  # noqa: BLE001 - a full disk, say: the topic has it all
            log.warning("a snapshot was not written", extra={**facts, "error": type(error).__name__})
            return
        self._kept = mark.offsets
        if written:
            seconds = round(time.monotonic() - began, 2)
            log.info("a snapshot is written", extra={**facts, "seconds": seconds})
