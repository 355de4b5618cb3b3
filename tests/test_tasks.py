"""Tasks end for good, also those that swallow a cancellation."""

import asyncio

from streams.tasks import cancelled


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
