"""A backlog of reviews does not hold up queries, and pausing loses no record of either topic."""

from collections.abc import Callable

import pytest

from tests.chaos.run import EXITS, Setting
from tests.faults.head_of_line import Figures, measure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

BACKLOG = 16_000
"""`python -m tests.faults.head_of_line` takes 100,000. Nearly twice a queue's 8,192, so that it is paused."""

RATE = 1_500.0


def everything_once(figures: Figures) -> bool:
    return figures.reviews.holds and figures.queries.holds and figures.reviews.inputs == BACKLOG


async def test_queries_are_answered_beside_a_backlog(setting: Setting, say: Callable[[object], None]) -> None:
    figures = await measure(setting, backlog=BACKLOG, reviews_per_second=RATE, idle_seconds=4)
    say(f"idle {figures.idle}, beside the backlog {figures.loaded}")
    assert everything_once(figures), figures
    # Behind the backlog most would wait for most of the time that it takes; how fast they are, a benchmark says.
    assert figures.loaded.p99 < 1_000 * BACKLOG / RATE / 3, figures


async def test_nothing_is_lost_when_workers_die_beside_a_backlog(setting: Setting) -> None:
    figures = await measure(setting, backlog=BACKLOG, reviews_per_second=RATE, idle_seconds=1, kills=4)
    assert everything_once(figures), figures
    assert figures.exits.keys() <= EXITS, figures
