"""What the commands print: JSON for programs, text for people, progress on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

if TYPE_CHECKING:
    from rich.progress import Progress

SECONDS_A_LINE: Final = 60.0


def print_json(value: object, *, indent: bool = True) -> None:
    """One JSON document; on one line without `indent`."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0, default=str))


@contextmanager
def progress(description: str, total: int | None) -> Iterator["Any"]:
    """A bar on standard error, or in a log a line a minute; yields a function that sets how far the work is.

    Args:
        description: what is under way.
        total: how far it will go; None where that is not known.
    """
    if not sys.stderr.isatty():
        lines = _Lines()
        yield lambda done: lines.tell(description, done, total)
        return
    with _bar() as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage of a work, on standard error, or in a log a line a minute.

    Yields a function that is told a stage's name, how far it is and how far it will go.
    """
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield advance


class _Lines:
    """How far a work is, where no bar can be drawn."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def tell(self, what: str, done: int, total: int | None) -> None:
        """Say so, unless something was said less than a minute ago, or the work began then."""
        if time.monotonic() - self._last < SECONDS_A_LINE:
            return
        self._last = time.monotonic()
        click.echo(f"{what}: {done:,}" if total is None else f"{what}: {done:,} of {total:,}", err=True)


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
