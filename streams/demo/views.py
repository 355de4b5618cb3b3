"""Shows a run while it goes, on standard error: live in a terminal, line by line elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from streams.demo.progress import Progress
from streams.demo.showing import shown
from streams.tasks import cancelled

LIVE_SECONDS: Final = 0.2
PLAIN_SECONDS: Final = 3.0
WAITING_SECONDS: Final = 10.0


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
        await cancelled(task)
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
        elif progress.seconds >= self._due:
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
    behind = sum(tally.lag for tally in progress.topics.values())
    return (
        f"{progress.sent:,} sent, {progress.decided:,} of {progress.expected:,} decided, "
        f"{progress.rate:,.0f} a second, lag {behind:,}"
    )


def picture(progress: Progress) -> RenderableType:
    """Progress bar, figures by topic, and the latest result of each kind."""
    parts: list[RenderableType] = [
        Text(f"{progress.seconds:5.1f} s  {progress.doing}", style="bold"),
        Padding(
            ProgressBar(total=max(1, progress.expected), completed=progress.decided), 0
        ),  # which ends its line
        _topics(progress),
    ]
    latest = progress.latest
    for result in (latest.insight, latest.ranking, latest.reply, latest.recommendations, latest.letter):
        if result is not None:
            first, *others = shown(result)
            parts += [Text(first, style="bold cyan", no_wrap=True, overflow="ellipsis")]
            parts += [Text(line, no_wrap=True, overflow="ellipsis") for line in others]
    return Group(*parts)


def _topics(progress: Progress) -> Table:
    table = Table("topic", box=None, padding=(0, 2), header_style="dim")
    for column in ("sent", "decided", "a second", "lag"):
        table.add_column(column, justify="right")
    for name, tally in progress.topics.items():
        cells = (tally.sent, tally.decided, tally.rate, tally.lag)
        table.add_row(name, *(f"{cell:,.0f}" for cell in cells))
    return table
