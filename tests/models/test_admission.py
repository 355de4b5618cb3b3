import pytest

from models import EngineClosed
from models.engine.admission import Admission


def test_who_does_not_fit_waits_until_someone_leaves() -> None:
    room = Admission(10)
    assert room.enter(6).done()
    second = room.enter(6)
    assert not second.done()
    room.leave(6)
    assert second.done()
    assert room.inside == 6


def test_nobody_overtakes() -> None:
    room = Admission(10)
    room.enter(6)
    large, small = room.enter(6), room.enter(1)
    assert not small.done()
    room.leave(6)
    assert large.done()
    assert small.done()


def test_a_request_larger_than_the_room_gets_it_alone() -> None:
    room = Admission(10)
    first, giant = room.enter(1), room.enter(1_000)
    assert first.done()
    assert not giant.done()
    room.leave(1)
    assert giant.done()
    assert not room.enter(1).done()
    room.leave(1_000)
    assert room.inside == 1


def test_a_cancelled_place_does_not_hold_up_the_line() -> None:
    room = Admission(10)
    room.enter(10)
    gone, next_one = room.enter(10), room.enter(10)
    assert gone.cancel()
    room.leave(10)
    assert next_one.done()
    assert room.inside == 10


def test_closing_turns_away_who_waits_and_who_comes() -> None:
    room = Admission(1)
    room.enter(1)
    waiting = room.enter(1)
    room.close()
    for place in (waiting, room.enter(1)):
        with pytest.raises(EngineClosed):
            place.result(0)


def test_a_room_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Admission(0)
