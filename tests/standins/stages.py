"""A second topic beside reviews: queries, answered at once."""

from collections.abc import Sequence

from streams.contracts.events import Query
from streams.contracts.ids import result_id
from streams.contracts.results import SearchRanking
from streams.contracts.topics import QUERIES, SEARCH_RANKINGS
from streams.delivery.stage import Results, stage
from tests.standins.house import StandInHouse


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
