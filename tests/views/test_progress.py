"""What counts as behind, late and stalled; by a clock of the test's."""

from streams.views.overdue import Overdue
from streams.views.progress import Progress
from streams.views.topic_state import TopicState


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_has_come_within_two_seconds_is_not_overdue() -> None:
    clock = Clock()
    overdue = Overdue(2.0, clock)
    overdue.saw({0: 5})
    assert overdue.partitions({0: 4}) == [0]  # at the first look nothing is known of how long it has waited
    assert overdue.partitions({0: 5}) == []
    clock.now += 1
    overdue.saw({0: 9})
    assert overdue.partitions({0: 5}) == []
    clock.now += 1
    overdue.saw({0: 9})
    clock.now += 1
    overdue.saw({0: 9})
    assert overdue.partitions({0: 5}) == [0]
    assert overdue.partitions({0: 9}) == []


def test_a_position_that_stands_still_before_the_end_has_stalled() -> None:
    clock = Clock()
    progress = Progress("t", clock, clock)
    progress.begin({0: 0, 1: 0}, {0: 5, 1: 0}, None)
    progress.connected(TopicState(None, None, (0, 1)), {0: 0, 1: 0}, {0: 5, 1: 0})
    for _ in range(29):
        clock.now += 1
        progress.saw({0: 5, 1: 0})
    assert progress.behind() == 5
    assert not progress.stalled()
    progress.positions[0] = 3
    progress.saw({0: 5, 1: 0})
    clock.now += 29
    assert not progress.stalled()
    clock.now += 2
    assert progress.stalled()
    progress.positions[0] = 5
    progress.saw({0: 5, 1: 0})
    clock.now += 100
    assert not progress.stalled()


def test_a_bookmark_is_as_fresh_as_the_last_time_that_nothing_was_missing() -> None:
    clock = Clock()
    progress = Progress("t", clock, clock)
    assert progress.bookmark() is None
    progress.begin({0: 0}, {0: 5}, None)
    progress.connected(TopicState("c", "id", (0,)), {0: 0}, {0: 5})
    clock.now += 60
    progress.saw({0: 5})
    mark = progress.bookmark()
    assert mark is not None
    assert mark.fresh == 100
    progress.positions[0] = 5
    progress.saw({0: 5})
    mark = progress.bookmark()
    assert mark is not None
    assert (mark.fresh, mark.offsets) == (160, {0: 5})
