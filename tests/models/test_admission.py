import asyncio

import pytest

from models import EngineClosed
from models.engine.scheduling.admission import Admission
from models.errors import DeadlineExceeded


class Guest:
    """Somebody who enters a room and stays until told to leave."""

    def __init__(self, room: Admission, inputs: int) -> None:
        self.inside = False
        self._leave = asyncio.Event()
        self.task = asyncio.create_task(self._stay(room, inputs))

    async def _stay(self, room: Admission, inputs: int) -> None:
        async with room.place(inputs):
            self.inside = True
            await self._leave.wait()

    async def leave(self) -> None:
        self._leave.set()
        await self.task
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def guests(room: Admission, *inputs: int) -> list[Guest]:
    coming = [Guest(room, one) for one in inputs]
    await settle()
    return coming


async def test_who_does_not_fit_waits_until_someone_leaves() -> None:
    room = Admission(10)
    first, second = await guests(room, 6, 6)
    assert (first.inside, second.inside) == (True, False)
    await first.leave()
    assert second.inside
    assert room.inside == 6
    await second.leave()
    assert room.inside == 0


async def test_nobody_overtakes() -> None:
    room = Admission(10)
    first, large, small = await guests(room, 6, 6, 1)
    assert [large.inside, small.inside] == [False, False]
    await first.leave()
    assert [large.inside, small.inside] == [True, True]
    for guest in (large, small):
        await guest.leave()


async def test_who_gives_up_does_not_hold_up_the_line() -> None:
    room = Admission(10)
    first, gone, last = await guests(room, 10, 10, 10)
    gone.task.cancel()
    await settle()
    await first.leave()
    assert last.inside
    assert room.inside == 10
    await last.leave()


async def test_waiting_has_an_end() -> None:
    room = Admission(1)
    (first,) = await guests(room, 1)
    with pytest.raises(DeadlineExceeded):
        async with room.place(1, 0.01):
            pass
    with pytest.raises(DeadlineExceeded), room.place_now(1, 0.01):
        pass
    await first.leave()
    with room.place_now(1, 0.01):
        assert room.inside == 1
    assert room.inside == 0


async def test_a_timeout_inside_is_not_one_of_the_door() -> None:
    with pytest.raises(TimeoutError):
        async with Admission(1).place(1, 10):
            raise TimeoutError


async def test_closing_turns_away_who_waits_and_who_comes() -> None:
    room = Admission(1)
    first, waiting = await guests(room, 1, 1)
    room.close(lambda: EngineClosed("closed"))
    with pytest.raises(EngineClosed):
        await waiting.task
    with pytest.raises(EngineClosed), room.place_now(1):
        pass
    await first.leave()


def test_a_room_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Admission(0)
