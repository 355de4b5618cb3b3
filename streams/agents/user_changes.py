"""What became known about users in; recommendations out, one for all that a batch says about a user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from streams.agents._ranked import ranked_items
from streams.contracts.ids import result_id
from streams.contracts.results import Recommendations
from streams.contracts.topics import RECOMMENDATIONS, USER_CHANGES
from streams.delivery.stage import Placed, Results, stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.recommend import Candidates
    from streams.contracts.records import UserChange
    from streams.house import House

RECOMMENDED: Final = 10
"""Products in one result."""


def begin_again(house: House, committed: Mapping[int, int]) -> None:
    """Partitions were handed out anew: how far Redis is with them has to be read again."""
    house.users.start_generation(committed)


@stage(consumes=USER_CHANGES, emits=[RECOMMENDATIONS], on_assignment=begin_again)
async def recommend(changes: Sequence[Placed[UserChange]], house: House) -> Results:
    """Brings users' state in Redis up to date, and recommends to each user whose picture changed."""
    pictures = await house.users.apply(changes)
    caused: dict[str, list[UserChange]] = {}
    for placed in changes:
        caused.setdefault(placed.event.user, []).append(placed.event)
    gone = {user for user, causes in caused.items() if causes[-1].kind == "forgotten"}
    await house.standings.prefetch(())
    drafts: dict[str, Candidates] = {}
    for user in caused.keys() - gone:
        popular = house.standings.popular
        drafts[user] = house.recommender.candidates(pictures[user].history, popular, RECOMMENDED)
        await asyncio.sleep(0)  # a user takes milliseconds, and queries wait on this loop, too
    known = await house.standings.prefetch(
        product_id for draft in drafts.values() for product_id in draft.ids
    )
    lacking = [*house.lacking(), *([] if known else ["standings"])]
    results = []
    for user, causes in caused.items():
        results.append(
            forgotten(user, causes)
            if user in gone
            else recommendations(user, causes, drafts[user], lacking, house)
        )
        await asyncio.sleep(0)
    return Results(results)


def forgotten(user: str, causes: Sequence[UserChange]) -> Recommendations:
    """The answer to an erasure that nothing of the user's follows: an empty list, in the place of the last one."""
    return Recommendations(
        id=result_id(RECOMMENDATIONS.name, [cause.id for cause in causes]),
        causes=[cause.id for cause in causes],
        time=max(cause.time for cause in causes),
        status="forgotten",
        user=user,
    )


def recommendations(
    user: str, causes: Sequence[UserChange], candidates: Candidates, lacking: Sequence[str], house: House
) -> Recommendations:
    """One user's result; nothing is shown for which no reason can be given."""
    latest = max(cause.time for cause in causes)
    covered = house.catalogue_coverage
    ranked = house.recommender.rank(candidates, house.standings, RECOMMENDED, latest.timestamp())
    return Recommendations(
        id=result_id(RECOMMENDATIONS.name, [cause.id for cause in causes]),
        causes=[cause.id for cause in causes],
        time=latest,
        model=house.recommend_models,
        degraded=[*covered.degraded(), *lacking],
        user=user,
        items=ranked_items((one for one in ranked if one.reasons), house.catalogue),
        coverage=covered.coverage(),
    )
