"""The end of a worker that was asked to end: bounded, whatever a library waits for.

A stop in the middle of a rebalance, or beside a broker or Redis that hangs, leads through waits of Faust, aiokafka and
our own, not all of which can be cancelled. What is committed is safe, and the next owner decides the rest, so past a
bound a hard exit is right; it says where each task stood.
"""

import asyncio
import logging
import threading

from streams.delivery.fatal import die, place

log = logging.getLogger(__name__)

END_SECONDS = 25.0
"""Less than the supervisor waits before it kills; a good end takes about two seconds, ten with a broker away."""


def end_within(seconds: float = END_SECONDS) -> None:
    """Ends the process with code 70 if it lives still after so many seconds. To be called in the event loop."""
    loop = asyncio.get_running_loop()

    def expire() -> None:
        die(f"asked to end, and not done after {seconds:.0f} s; it waits at {'; '.join(places(loop))}")

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()


def places(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Where each task of a loop stands: name, file and line, no values. May be called from any thread."""
    found = []
    for task in asyncio.all_tasks(loop):
        stack = [place(frame, frame.f_lineno) for frame in task.get_stack()]
        coroutine = getattr(task.get_coro(), "__qualname__", "?")
        found.append(f"{coroutine} at {' > '.join(stack) or '?'}")
    return sorted(found)
