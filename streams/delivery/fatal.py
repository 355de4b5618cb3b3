"""Tasks whose failure ends the process, and the end itself.

Nothing uncommitted is lost by a hard exit: the partition's next owner aborts the open transaction and decides its
events again. A soft failure could: Faust would restart the agent and skip the batch under way.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

from streams.delivery.errors import EXIT_SOFTWARE

log = logging.getLogger(__name__)
T = TypeVar("T")


def die(why: str, code: int = EXIT_SOFTWARE, error: BaseException | None = None) -> NoReturn:
    """Ends the process at once. The reason must hold no event data; of an error only type and place are logged."""
    log.critical(why, extra={"exit_code": code, "error": describe(error) if error else None})
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def describe(error: BaseException) -> str:
    """The error's type and where it was raised: its message could quote an event."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" at {place(trace.tb_frame, trace.tb_lineno)}" if trace else ""
    return f"{type(error).__name__}{where}"


def place(frame: FrameType, line: int) -> str:
    """File and line, as logs name them."""
    return f"{Path(frame.f_code.co_filename).name}:{line}"


def fatal(coroutine: Coroutine[Any, Any, T], what: str) -> asyncio.Task[T]:
    """A task whose failure ends the process with code 70."""

    def check(task: asyncio.Task[T]) -> None:
        if not task.cancelled() and (error := task.exception()):
            die(f"{what} failed; the supervisor starts the worker again", error=error)

    task = asyncio.ensure_future(coroutine)
    task.add_done_callback(check)
    return task
