"""Who gets a core first: threads of bulk work stand back from all others."""

import os
import sys
import threading
from contextlib import suppress
from typing import Final

BULK: Final = 10
"""Niceness of bulk threads on the CPU: beside one of normal priority they get a tenth of a core, and do not starve.
A query beside them keeps the median of an idle machine; with 19 it is no faster."""


def lower_priority(thread: int = 0) -> None:
    """Give a thread of this process, by its native id, the niceness of bulk work (Linux only).

    Threads that it starts later inherit it.

    Args:
        thread: 0 is the calling one.
    """
    if sys.platform == "linux":
        native = thread or threading.get_native_id()
        with suppress(OSError):  # it ended meanwhile
            os.setpriority(os.PRIO_PROCESS, native, max(BULK, os.getpriority(os.PRIO_PROCESS, native)))
