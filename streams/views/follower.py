"""Follows one topic into a view of this process, for ever: every partition, committed records only, no group."""

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiokafka.errors import KafkaError

from streams import metrics
from streams.contracts.topics import ERASURE_HORIZON, Topic
from streams.health import Health
from streams.settings import Settings
from streams.tasks import cancelled
from streams.views.bookmark import Bookmark
from streams.views.feed import Feed, TopicMissing
from streams.views.intake import CHUNK, ViewIntake
from streams.views.keeper import SAVE_SECONDS, Keeper, in_thread
from streams.views.progress import Progress
from streams.views.snapshot import SnapshotFolder
from streams.views.view import View
from streams.views.waiting import until

log = logging.getLogger(__name__)

COMMIT_SECONDS: Final = 0.1
COMMIT_SHARE: Final = 0.2
"""Of the time that commits may take while records keep coming."""
IDLE_POLL_SECONDS: Final = 0.1
DIRTY_POLL_SECONDS: Final = 0.02
REFRESH_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 30.0
LOOKUP_SECONDS: Final = 30.0
RETRY_SECONDS: Final = (0.2, 10.0)
DELETIONS_KEPT: Final = ERASURE_HORIZON - timedelta(days=1)
"""As long as topics keep deletions, but for a day in which to read them."""


class BeginAgain(Exception):
    """The connection is of no more use: a new one looks where the topic stands."""


class Follower:
    """A view's follower: a `Service` of the worker. Starting waits for nothing, not even for the broker.

    Where the broker is away, the topic missing or a record unreadable, the view keeps what it has and the worker goes
    on; `health` says that it does without news.

    Args:
        settings: with a broker's address.
        topic: a row of the topic table.
        index: the view; nobody else changes it.
        health: of the worker.
        snapshots: where to keep the view between runs; None for nowhere.
        save_every: seconds between two snapshots while something changes.

    Attributes:
        name: the topic's on the broker; also the name in `health` and metrics.
        index: the view.
    """

    def __init__(
        self,
        settings: Settings,
        topic: Topic[Any],
        index: View,
        *,
        health: Health,
        snapshots: SnapshotFolder | None = None,
        save_every: float = SAVE_SECONDS,
    ) -> None:
        self.name = settings.wire_topic(topic.name)
        self.index = index
        self._settings = settings
        self._health = health
        self._max_age = DELETIONS_KEPT if topic.deletable else None
        self._progress = Progress(self.name)
        self._intake = ViewIntake(self.name, index, self._progress.positions, deletable=topic.deletable)
        self._keeper = Keeper(self.name, index, snapshots, save_every)
        self._caught_up = asyncio.Event()
        self._dirty = False
        self._commit_due = 0.0
        self._delay = RETRY_SECONDS[0]
        self._task: asyncio.Task[None] | None = None

    @property
    def caught_up(self) -> bool:
        """Whether all is searchable that was there when reading started; unset where it has to begin anew."""
        return self._caught_up.is_set()

    @property
    def current(self) -> bool:
        """Whether it is caught up and applies what comes within about two seconds."""
        return self.caught_up and not self._progress.overdue()

    @property
    def positions(self) -> dict[int, int]:
        """Offset of each partition's next record; all before it is applied."""
        return dict(self._progress.positions)

    def reached(self, ends: Mapping[int, int]) -> bool:
        """Whether all below some offsets is applied."""
        return self._progress.reached(ends)

    async def kept_past(self, ends: Mapping[int, int]) -> None:
        """Waits until all below some offsets is applied, and no snapshot is left from before."""
        await until(lambda: self._progress.reached(ends))
        while not await self._keeper.covers(ends):
            self._keeper.hurry()
            await asyncio.sleep(IDLE_POLL_SECONDS)

    def behind(self) -> int:
        """Offsets between the position and the latest known end: no fewer than the records still to come."""
        return self._progress.behind()

    async def until_caught_up(self) -> None:
        """Waits for `caught_up`."""
        await self._caught_up.wait()

    async def start(self) -> None:
        """Begins to follow."""
        self._task = asyncio.create_task(self._run(), name=f"follow-{self.name}")

    async def stop(self) -> None:
        """Ends, and keeps a snapshot of what is there."""
        if self._task is None:
            return
        await cancelled(self._task)
        self._task = None
        await self._keeper.keep(self._progress.bookmark())

    async def _run(self) -> None:
        while True:
            try:
                async with Feed(self._settings, self.name) as feed:
                    await self._connect(feed)
                    await self._follow(feed)
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker goes on with what the view has
                self._without(error)
            await asyncio.sleep(self._delay * random.uniform(0.5, 1))  # noqa: S311 - no secret
            self._delay = min(2 * self._delay, RETRY_SECONDS[1])

    async def _connect(self, feed: Feed) -> None:
        """Reads on from where it was, else from the snapshot, else from the beginning."""
        state = await feed.state()
        begins, ends = await feed.bounds(state.partitions)

        def problem(mark: Bookmark) -> str | None:
            return mark.problem(state, begins, ends, now=time.time(), max_age=self._max_age)

        mark = self._progress.bookmark()
        if mark is None:
            self._progress.begin(begins, ends, await self._keeper.restore(problem))
        elif trouble := problem(mark):
            log.warning("a view begins anew: %s", trouble, extra={"topic": self.name})
            self._caught_up.clear()
            self._progress.forget()  # first: who stops it now must not keep an empty view under old offsets
            await in_thread(self.index.clear)
            self._dirty = True
            self._progress.begin(begins, ends, None)
        self._progress.connected(state, begins, ends)
        feed.start(self._progress.positions)

    async def _follow(self, feed: Feed) -> None:
        """Takes what comes, until the connection is of no more use."""
        answered = looked_up = refreshed = time.monotonic()
        while True:
            records = await feed.take(CHUNK, DIRTY_POLL_SECONDS if self._dirty else IDLE_POLL_SECONDS)
            if records:
                self._dirty = True
                await self._intake.take(records)
            self._progress.positions.update(await feed.positions())
            await self._commit(idle=not records)
            now = time.monotonic()
            if now - refreshed >= REFRESH_SECONDS:
                refreshed = now
                if await self._refresh(feed):
                    answered = time.monotonic()
                elif time.monotonic() - answered > SILENCE_SECONDS:
                    raise BeginAgain("no answer")
            if now - looked_up >= LOOKUP_SECONDS:
                looked_up = now
                await self._look_up(feed)
            await self._keeper.keep_sometimes(self._progress.bookmark())

    async def _commit(self, *, idle: bool) -> None:
        """Makes what was applied searchable, when it is time."""
        now = time.monotonic()
        if self._dirty and (idle or now >= self._commit_due):
            await in_thread(self.index.commit)
            self._dirty = False
            took = time.monotonic() - now
            metrics.VIEW_COMMIT_SECONDS.labels(self.name).observe(took)
            metrics.VIEW_ENTRIES.labels(self.name).set(len(self.index))
            self._commit_due = now + took + max(COMMIT_SECONDS, took * (1 / COMMIT_SHARE - 1))
        if not self._dirty and not self.caught_up and self._progress.at_goal():
            self._caught_up.set()
            log.info("a view is caught up", extra={"topic": self.name, "entries": len(self.index)})

    async def _refresh(self, feed: Feed) -> bool:
        """Asks where the topic ends; whether there was an answer.

        Raises:
            BeginAgain: the topic goes on and the consumer does not (aiokafka's issue 1154).
        """
        try:
            # Not wait_for(): in Python 3.11 it can swallow a cancellation.
            async with asyncio.timeout(ANSWER_SECONDS):
                self._progress.saw(await feed.ends())
        except (KafkaError, OSError, TimeoutError) as error:
            self._without(error)
            return False
        metrics.VIEW_LAG.labels(self.name).set(self._progress.behind())
        if self._progress.stalled():
            raise BeginAgain("the consumer stands still")
        self._delay = RETRY_SECONDS[0]
        self._health.restored(self.name)
        return True

    async def _look_up(self, feed: Feed) -> None:
        """Notices new partitions, and a topic made anew.

        Raises:
            BeginAgain: there are some, or it was.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                state = await feed.state()
        except (KafkaError, OSError, TimeoutError) as error:
            self._without(error)
            return
        if state != self._progress.state:
            raise BeginAgain("the topic has changed")

    def _without(self, error: Exception) -> None:
        """Says, once, that there is no news."""
        if self.name not in self._health.degraded:
            facts = {"topic": self.name, "error": type(error).__name__}
            if isinstance(error, TopicMissing):
                log.warning("the topic of a view is missing: run `shopstream topics create`", extra=facts)
            elif isinstance(error, KafkaError | OSError | TimeoutError | BeginAgain):
                log.warning("a view gets no news", extra=facts)
            else:
                log.error("a view has failed and is tried again", extra=facts, exc_info=error)
        self._health.without(self.name)
