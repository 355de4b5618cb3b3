"""Shows a run while it goes, on standard error: live in a terminal, line by line elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from streams.contracts.results import ReviewInsight
from streams.demo.progress import Progress

LIVE_SECONDS: Final = 0.2
PLAIN_SECONDS: Final = 3.0
WAITING_SECONDS: Final = 10.0
COLOURS: Final = {"negative": "red", "neutral": "yellow", "positive": "green"}


class View(Protocol):
    """Shows progress."""

    every: float

    def show(self, progress: Progress) -> None:
        """Shows how it stands."""
        ...

    def close(self) -> None:
        """Leaves the terminal as it was."""
        ...


@asynccontextmanager
async def watched(progress: Progress) -> AsyncIterator[None]:
    """Shows the progress for as long as the block lasts."""
    console = Console(stderr=True, highlight=False)
    live = console.is_terminal and not console.is_dumb_terminal
    view: View = LiveView(console) if live else PlainView(console)
    task = asyncio.create_task(_repeat(view, progress))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        view.show(progress)
        view.close()


async def _repeat(view: View, progress: Progress) -> None:
    while True:
        view.show(progress)
        await asyncio.sleep(view.every)


class PlainView:
    """A line now and then, and one whenever something else is under way."""

    every = LIVE_SECONDS

    def __init__(self, console: Console) -> None:
        self._console = console
        self._doing = ""
        self._due = 0.0

    def show(self, progress: Progress) -> None:
        """A line, if one is due."""
        if progress.doing != self._doing:
            self._say(progress, progress.doing)
        elif progress.seconds >= self._due and progress.decided < progress.of:
            self._say(progress, figures(progress) if progress.decided else f"still {progress.doing}")

    def _say(self, progress: Progress, what: str) -> None:
        self._doing = progress.doing
        self._due = progress.seconds + (PLAIN_SECONDS if progress.decided else WAITING_SECONDS)
        self._console.print(Text(f"{progress.seconds:5.1f} s  {what}"), soft_wrap=True)

    def close(self) -> None:
        """Nothing is open."""


class LiveView:
    """One screenful that is drawn over and over."""

    every = LIVE_SECONDS

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def show(self, progress: Progress) -> None:
        """Draws it."""
        self._live.update(picture(progress), refresh=True)

    def close(self) -> None:
        """Wipes it; the summary follows."""
        self._live.stop()


def figures(progress: Progress) -> str:
    """Counts and throughput on one line."""
    return (
        f"{progress.sent:,} of {progress.of:,} sent, {progress.answered:,} answered, {progress.dead:,} dead letters, "
        f"{progress.rate:,.0f} a second"
    )


def picture(progress: Progress) -> RenderableType:
    """Progress bar, figures, the latest insights, and the latest one that had something masked."""
    rows = Table.grid(padding=(0, 1), expand=True)
    rows.add_column(min_width=8, no_wrap=True)
    rows.add_column(min_width=4, no_wrap=True, justify="right")
    rows.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for insight in progress.latest:
        rows.add_row(*_row(insight))
    parts: list[RenderableType] = [
        Text(f"{progress.seconds:5.1f} s  {progress.doing}", style="bold"),
        Padding(ProgressBar(total=progress.of, completed=progress.decided), 0),  # which ends its line
        Text(figures(progress)),
        Text(),
        rows,
    ]
    if progress.masked:
        kinds = ", ".join(f"{count} {kind}" for kind, count in progress.masked.masked.items())
        parts += [Text(), Text(f"masked: {kinds}", style="bold"), Text(progress.masked.text)]
    return Group(*parts)


def _row(insight: ReviewInsight) -> tuple[Text, Text, Text]:
    label = insight.sentiment.label
    probability = getattr(insight.sentiment.probabilities, label)
    return Text(label, style=COLOURS[label]), Text(f"{probability:.0%}"), Text(insight.text)
