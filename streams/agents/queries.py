"""Queries in; rankings out, and what their users look for into state."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from models.engine.requests import Priority
from models.errors import DeadlineExceeded
from models.search import Filters, SearchRequest
from privacy.guard import Protected, Sensitive
from streams.agents._changes import change
from streams.agents._ranked import ranked_items
from streams.contracts.ids import result_id
from streams.contracts.results import SearchRanking
from streams.contracts.topics import QUERIES, SEARCH_RANKINGS, USER_CHANGES
from streams.delivery.stage import Results, stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from models.engine.backend import Vectors
    from models.recommend.history import History
    from models.search import SearchAnswer
    from streams.contracts.events import Query, QueryFilters
    from streams.contracts.records import UserChange
    from streams.house import House

log = logging.getLogger(__name__)

SLICE: Final = 8
"""Queries that are searched for at a time."""

Asked = tuple["Query", Protected]
"""A query, and what of it may leave."""


@stage(consumes=QUERIES, emits=[SEARCH_RANKINGS, USER_CHANGES])
async def answer_queries(queries: Sequence[Query], house: House) -> Results:
    """Masks the queries, and ranks products for those whose time has not run out."""
    guarded = await house.guard.protect([sensitive(query) for query in queries])
    asked = list(zip(queries, guarded, strict=True))
    now = house.clock()
    timely = [(query, guarded) for query, guarded in asked if not expired(query, now)]
    histories = await house.users.histories({one.subject for _, one in timely if one.subject is not None})
    vectors = await vectors_of(timely, house)
    answers = await search(timely, vectors, histories or {}, house, now)
    return Results(
        (result(query, guarded, status="expired") for query, guarded in asked if expired(query, now)),
        (
            ranking(*one, answer, house, lacking(one, histories, vectors))
            for one, answer in zip(timely, answers, strict=True)
        ),
        (searched(query, guarded) for query, guarded in asked if guarded.subject is not None),
    )


def sensitive(query: Query) -> Sensitive:
    """What of a query may hold personal data."""
    return Sensitive(
        topic=QUERIES.name, event_id=query.id, subject=query.user_id, fields={"text": query.text}
    )


def expired(query: Query, now: datetime) -> bool:
    """Whether nobody waits for the answer any more."""
    return query.expires_at is not None and query.expires_at < now


async def vectors_of(asked: Sequence[Asked], house: House) -> Vectors | None:
    """Vectors of the queries' texts; None where the models are too busy to make them while somebody waits."""
    texts = [guarded.masked["text"] for _, guarded in asked]
    try:
        return await house.retriever.queries(texts, Priority.QUERY, timeout=house.query_timeout)
    except DeadlineExceeded:
        log.warning("no vectors in time: queries are answered by words alone", extra={"queries": len(texts)})
        return None


async def search(
    asked: Sequence[Asked],
    vectors: Vectors | None,
    histories: Mapping[str, History],
    house: House,
    now: datetime,
) -> list[SearchAnswer]:
    """Finds products for all queries, by words alone where there are no vectors."""
    texts = [guarded.masked["text"] for _, guarded in asked]
    requests = [
        SearchRequest(
            text=text,
            limit=query.limit,
            filters=filters(query.filters),
            history=histories.get(guarded.subject or ""),
            now=now.timestamp(),
        )
        for (query, guarded), text in zip(asked, texts, strict=True)
    ]
    answers: list[SearchAnswer] = []
    for start in range(0, len(requests), SLICE):
        part = slice(start, start + SLICE)
        answers += house.searcher.search(requests[part], None if vectors is None else vectors[part])
        await asyncio.sleep(0)  # a search takes milliseconds, and all topics share this loop
    return answers


def filters(wanted: QueryFilters) -> Filters:
    """The contract's filters as the models take them."""
    return Filters(
        categories=tuple(wanted.categories),
        brands=tuple(wanted.brands),
        attributes={name: tuple(values) for name, values in wanted.attributes.items()},
        price_min=wanted.price_min,
        price_max=wanted.price_max,
        currency=wanted.currency,
        in_stock=wanted.in_stock,
    )


def lacking(asked: Asked, histories: Mapping[str, History] | None, vectors: Vectors | None) -> list[str]:
    """What the answer to a query lacks besides products."""
    history = [] if histories is not None or asked[1].subject is None else ["history"]
    return history if vectors is not None else [*history, "meaning"]


def ranking(
    query: Query, guarded: Protected, answer: SearchAnswer, house: House, lacks: Sequence[str]
) -> SearchRanking:
    """The result of a query that was searched for."""
    covered = house.catalogue_coverage
    return result(
        query,
        guarded,
        model=house.retrieval_models,
        degraded=[*covered.degraded(), *lacks],
        items=ranked_items(answer.items, house.catalogue),
        found=answer.found,
        read_as=answer.read_as,
        coverage=covered.coverage(),
    )


def result(query: Query, guarded: Protected, **answer: Any) -> SearchRanking:
    """A query's result: what is known of the query, and the answer's fields."""
    return SearchRanking(
        id=result_id(SEARCH_RANKINGS.name, [query.id]),
        causes=[query.id],
        time=query.time,
        query=guarded.masked["text"],
        user=guarded.subject,
        masked=guarded.kinds,
        sealed=guarded.sealed,
        **answer,
    )


def searched(query: Query, guarded: Protected) -> UserChange:
    """What a query says about its user."""
    text = guarded.masked["text"]
    return change(QUERIES, query, user=guarded.subject or "", kind="searched", text=text, query_id=query.id)
