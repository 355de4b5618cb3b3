"""Results in a few lines for people, all masked as consumers get them."""

from collections.abc import Iterator
from functools import singledispatch

from streams.contracts.dead_letters import DeadLetter
from streams.contracts.results import (
    RankedItem,
    Recommendations,
    Result,
    ReviewInsight,
    SearchRanking,
    SupportReply,
)
from streams.printing import printable

SHOWN_ITEMS = 3
LONGEST = 150


@singledispatch
def shown(result: Result) -> Iterator[str]:
    """The lines of a result; the first says what it is about."""
    raise TypeError(f"a {type(result).__name__} is not shown")


@shown.register
def _(insight: ReviewInsight) -> Iterator[str]:
    label = insight.sentiment.label
    stars = f", {insight.rating} stars" if insight.rating else ""
    probability = getattr(insight.sentiment.probabilities, label)
    yield f"review of {insight.product_id}{stars}: {label} ({probability:.0%})"
    yield f"  {printable(insight.text, LONGEST)}"


@shown.register
def _(ranking: SearchRanking) -> Iterator[str]:
    yield f'query "{printable(ranking.query, LONGEST)}"'
    yield from map(_item, range(1, SHOWN_ITEMS + 1), ranking.items)


@shown.register
def _(reply: SupportReply) -> Iterator[str]:
    yield f'ticket "{printable(reply.text, LONGEST)}"'
    if reply.reply is not None:
        yield f"  reply ({reply.confidence:.0%}): {printable(reply.reply, LONGEST)}"
        yield f"  from {', '.join(cited.title or cited.source_id for cited in reply.citations)}"
    elif reply.handoff is not None:
        yield f"  to a person: {reply.handoff.reason.replace('_', ' ')} ({reply.confidence:.0%})"


@shown.register
def _(recommendations: Recommendations) -> Iterator[str]:
    causes = f"{len(recommendations.causes)} change" + ("s" if len(recommendations.causes) > 1 else "")
    yield f"recommended to {recommendations.user} after {causes}"
    yield from map(_item, range(1, SHOWN_ITEMS + 1), recommendations.items)


@shown.register
def _(letter: DeadLetter) -> Iterator[str]:
    field = f" at {letter.field}" if letter.field else ""
    yield f"dead letter from {letter.origin.topic}: {letter.reason.value}{field}"


def _item(place: int, item: RankedItem) -> str:
    reasons = ", ".join(
        reason.kind.replace("_", " ") + (f" [{', '.join(reason.products)}]" if reason.products else "")
        for reason in item.reasons
    )
    return f"  {place}. {printable(item.title or item.product_id, 60)} ({item.score:.2f}): {reasons}"
