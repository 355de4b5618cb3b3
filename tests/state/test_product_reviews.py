"""What products' reviews say: sums by day of event time, the same in whatever order they come, and decayed."""

import random
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.contracts.records import UserChange
from streams.settings import ProductSettings, Settings
from streams.state.product_report import ProductReport, product_report
from streams.state.replaying import replay
from streams.state.users import UserState
from streams.state.writing import Bounds
from tests.state.conftest import Publish, States
from tests.state.shop import START, change, changes, feeling, in_batches, opinion, placed

KEPT = 20
GOOD, BAD = feeling(0.9, 0.05), feeling(0.1, 0.7)


def review(number: int, day: float, **fields: Any) -> UserChange:
    return change(number, f"u{number % 5}", "reviewed", day=day, **fields)


def client_of(state: UserState) -> Redis:
    assert state._cache.client is not None
    return state._cache.client


async def report_of(state: UserState, product_id: str = "p1") -> ProductReport:
    report = await product_report(client_of(state), state._group_id, product_id)
    assert report is not None
    return report


def date_of(day: int) -> Any:
    return (START + timedelta(days=day)).date()


async def test_each_day_has_its_sums(states: States) -> None:
    state = states()
    fit, look = opinion("fit", "negative"), opinion("look", "positive")
    await state.apply(
        placed(
            [
                review(1, 3.1, rating=5, stars=1.0, sentiment=GOOD, aspects=[look]),
                review(2, 3.9, stars=2.25, sentiment=BAD, aspects=[fit, look]),
                review(3, 1, rating=2, sentiment=BAD, aspects=[fit]),
                review(4, 1),
                change(5, day=9),
            ]
        )
    )
    report = await report_of(state)
    assert report.counts == {"viewed": 1, "reviewed": 4}
    assert (report.popularity, report.rank) == (1.0, 1)
    assert list(report.reviews.days) == [date_of(1), date_of(3)]
    late = report.reviews.days[date_of(3)]
    assert (late.reviews, late.rated, late.stars) == (2, 1, 3.625)  # the author's stars before the model's
    assert late.shares == {"negative": 0.5, "neutral": 0, "positive": 0.5}
    assert late.aspects == {
        "look": {"negative": 0, "mixed": 0, "positive": 2},
        "fit": {"negative": 1, "mixed": 0, "positive": 0},
    }
    every = report.reviews.all()
    assert (every.reviews, every.rated) == (4, 2)
    assert every.stars == pytest.approx((5 + 2.25 + 2) / 3)
    assert report.reviews.window(1, date_of(3)) == late
    assert report.reviews.window(3, date_of(3)).reviews == 4
    assert report.reviews.window(7, date_of(2)).reviews == 2


async def test_decay_goes_by_event_time(states: States) -> None:
    state = states()
    await state.apply(
        placed([review(1, 0, rating=1), review(2, 10, rating=5), review(3, 20, rating=5, sentiment=GOOD)])
    )
    reviews = (await report_of(state)).reviews
    now = reviews.decayed(date_of(20), 10, 365)
    assert now.reviews == 1.75
    assert now.stars == pytest.approx((1 / 4 + 5 / 2 + 5) / 1.75)
    later = reviews.decayed(date_of(120), 10, 365)
    assert later.stars == pytest.approx(now.stars)
    assert later.reviews == pytest.approx(1.75 / 2**10)
    assert reviews.decayed(date_of(10), 10, 365).reviews == 2.5  # what is newer weighs no more than 1


def late_ones(seed: int) -> list[UserChange]:
    """More days than are kept, in no order; some far too late."""
    rng = random.Random(seed)
    return [
        review(
            number,
            rng.choice((rng.randrange(30), rng.randrange(400))),
            rating=rng.randint(1, 5),
            aspects=[opinion(rng.choice(("fit", "look")), "mixed")],
        )
        for number in range(200)
    ]


async def test_late_reviews_count_the_same_whatever_the_order(states: States) -> None:
    """Within the bound, in the day that they are of; beyond it, with all that is older."""
    every = late_ones(1)
    newest = max((one.time - START).days for one in every)
    dumps = []
    for group, order in {"a": every, "b": every[::-1], "c": sorted(every, key=lambda one: one.time)}.items():
        state = states(Bounds(review_days=KEPT), group=group)
        for batch in in_batches(random.Random(group), placed(order)):
            await state.apply(batch)
        dumps.append((await state.dump())["reviews"])
        report = await report_of(state)
    assert dumps[0] == dumps[1] == dumps[2]
    days = [(one.time - START).days for one in every]
    kept = {date_of(day): days.count(day) for day in days if day > newest - KEPT}
    assert {day: one.reviews for day, one in report.reviews.days.items()} == kept
    assert report.reviews.older.reviews == len(every) - sum(kept.values()) > 0
    assert report.reviews.newest == date_of(newest)
    assert report.reviews.all().aspects.keys() == {"fit", "look"}
    weights = [2 ** (-min(newest - day, KEPT) / 30) for day in days]
    assert report.reviews.decayed(date_of(newest), 30, KEPT).reviews == pytest.approx(sum(weights))


async def test_what_is_applied_twice_counts_once(states: States) -> None:
    state = states()
    every = placed(changes(5, 120))
    await state.apply(every)
    before = await state.dump()
    assert before["reviews"]
    state.start_generation()
    await state.apply(every[60:])
    assert await state.dump() == before


async def test_a_replay_gives_the_same_sums_and_takes_a_new_bound(
    states: States, with_topic: Settings, publish: Publish
) -> None:
    bounded = with_topic.model_copy(update={"products": ProductSettings(lateness_days=KEPT)})
    state = states(settings=bounded)
    every = late_ones(2)
    for first in range(0, len(every), 50):
        await state.apply(await publish(every[first : first + 50]))
    before = await state.dump()
    assert "older" in before["reviews"]["p1"]
    assert (await replay(bounded, client_of(state), None)).epoch == 2
    assert await state.dump() == before
    await replay(with_topic, client_of(state), None)
    after = await state.dump()
    assert len(after["reviews"]["p1"]) > KEPT + 2  # "older" and "newest"
    assert (await report_of(state)).reviews.all().reviews == len(every)


async def test_an_unknown_product_has_no_report(states: States) -> None:
    state = states()
    await state.apply(placed([change(1)]))
    assert await product_report(client_of(state), state._group_id, "p2") is None
