"""Tasks end for good, also those that swallow a cancellation."""

import asyncio
from contextlib import suppress

import pytest

from streams.tasks import cancelled, heeding


async def test_a_task_that_swallows_its_first_cancellation_ends_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            swallowed += 1
        await asyncio.sleep(60)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(cancelled(task), 10)
    assert task.done()
    assert swallowed == 1


async def test_done_failed_and_no_tasks_are_no_matter() -> None:
    async def fail() -> None:
        raise ValueError

    failed, done = asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(0))
    await asyncio.wait([failed, done])
    await cancelled(failed, done)
    await cancelled()
    assert isinstance(failed.exception(), ValueError)


async def test_what_is_heeded_ends_with_who_asked_for_it_and_gives_answers_and_errors_otherwise() -> None:
    ended = asyncio.Event()

    async def stubborn() -> None:
        for _ in range(2):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
        ended.set()

    async def answer() -> int:
        return 7

    async def fail() -> None:
        raise ValueError

    asking = asyncio.create_task(heeding(stubborn()))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait_for(asyncio.wait([asking]), 10)
    assert asking.cancelled()
    assert ended.is_set()
    assert await heeding(answer()) == 7
    with pytest.raises(ValueError, match=r"^$"):
        await heeding(fail())
