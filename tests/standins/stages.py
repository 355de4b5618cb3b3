"""The review stage as in production but for texts that ask for more, and a second topic beside: queries."""

from collections.abc import Sequence
from typing import Any

from streams.agents.reviews import understand_reviews
from streams.contracts.events import Query, Review
from streams.contracts.ids import result_id
from streams.contracts.records import Tombstone
from streams.contracts.results import Result, ReviewInsight, SearchRanking
from streams.contracts.topics import QUERIES, REVIEW_INSIGHTS, REVIEWS, SEARCH_RANKINGS, USER_CHANGES
from streams.delivery.stage import Results, stage
from tests.standins.house import SWELL, StandInHouse


@stage(consumes=REVIEWS, emits=[REVIEW_INSIGHTS, USER_CHANGES])
async def understand_or_swell(reviews: Sequence[Review], house: Any) -> Results:
    """What the real stage says; of texts with `SWELL`, more than the topic takes."""
    understood = await understand_reviews(reviews, house)
    return Results(swollen(result) for result in understood.all)


def swollen(result: Result | Tombstone) -> Result | Tombstone:
    if isinstance(result, ReviewInsight) and SWELL in result.text:
        return result.model_copy(update={"text": result.text.ljust(REVIEW_INSIGHTS.max_message_bytes)})
    return result


@stage(consumes=QUERIES, emits=[SEARCH_RANKINGS])
async def answer_queries(queries: Sequence[Query], house: StandInHouse) -> Results:
    """An empty ranking for each."""
    del house
    return Results(
        SearchRanking(
            id=result_id(SEARCH_RANKINGS.name, [query.id]), causes=[query.id], time=query.time, query="masked"
        )
        for query in queries
    )
