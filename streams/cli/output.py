"""What the commands print: JSON for programs, text for people, progress on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from rich.progress import Progress


def print_json(value: object, *, indent: bool = True) -> None:
    """One JSON document; on one line without `indent`."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0, default=str))


@contextmanager
def progress(description: str, total: int | None) -> Iterator["Any"]:
    """A bar on standard error while it is a terminal; yields a function that sets how far the work is.

    Args:
        description: what is under way.
        total: how far it will go; None where that is not known.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with _bar() as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage of a work, on standard error while it is a terminal.

    Yields a function that is told a stage's name, how far it is and how far it will go.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield advance


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
