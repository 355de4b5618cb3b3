"""The topic table: what flows where, by which key, how wide, for how long.

Retention is by arrival (``LogAppendTime``): a producer's clock can neither keep personal data for ever nor
have it deleted unread. Topics with personal data in plaintext are kept for `ERASURE_HORIZON`, in segments of
a day, so that the broker deletes a record at most a day later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, TypeVar

from streams.contracts.dead_letters import DeadLetter
from streams.contracts.events import (
    CatalogItem,
    Erasure,
    Event,
    Interaction,
    Query,
    Resolution,
    Review,
    SupportTicket,
)
from streams.contracts.fields import Contract
from streams.contracts.records import CatalogEntry, ErasureEntry, MemoryEntry, ModelRelease, UserChange
from streams.contracts.results import Recommendations, Result, ReviewInsight, SearchRanking, SupportReply

ERASURE_HORIZON: Final = timedelta(days=7)
RESULTS_KEPT: Final = timedelta(days=30)
CHANGES_KEPT: Final = timedelta(days=730)
SEGMENT: Final = timedelta(days=1)
MIB: Final = 1 << 20

M = TypeVar("M", bound=Contract)


@dataclass(frozen=True, kw_only=True)
class Topic(Generic[M]):
    """One row of the table.

    Attributes:
        name: without the prefix that settings may put before it.
        model: type of its values.
        key: the record key of a value, as text; encoded as UTF-8.
        key_of: what the key is, for documents.
        direction: ``in`` (shops produce), ``out`` (shops consume), ``internal``.
        cleanup: Kafka's ``cleanup.policy``.
        retention: how long records are kept; None where compaction alone decides.
        partitions: multiple of the partitions in settings; at least one partition.
        max_message_bytes: largest record batch, compressed; no value may be larger either, uncompressed.
        personal: whether values hold personal data in plaintext.
        per_encoder: whether there is one for each encoder, named by its digest, so that two vector spaces never mix.
    """

    name: str
    model: type[M]
    key: Callable[[M], str]
    key_of: str
    direction: Literal["in", "out", "internal"]
    cleanup: Literal["delete", "compact"] = "delete"
    retention: timedelta | None
    partitions: float = 1.0
    max_message_bytes: int = MIB
    personal: bool = False
    per_encoder: bool = False

    @property
    def deletable(self) -> bool:
        """Whether a null value deletes what the key names."""
        return self.cleanup == "compact"

    def partition_count(self, base: int) -> int:
        """Partitions when settings say ``base``."""
        return max(1, round(base * self.partitions))

    def broker_config(self, min_insync_replicas: int) -> dict[str, str]:
        """Return the topic's configuration on the broker, in Kafka's names and units."""
        config = {
            "cleanup.policy": self.cleanup,
            "retention.ms": _milliseconds(self.retention),
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(min_insync_replicas),
            "message.timestamp.type": "LogAppendTime",
            "segment.ms": _milliseconds(SEGMENT),
        }
        if self.deletable:
            # Within the horizon a deleted record's text is gone; for as long, followers can see the deletion.
            config["max.compaction.lag.ms"] = _milliseconds(ERASURE_HORIZON)
            config["delete.retention.ms"] = _milliseconds(ERASURE_HORIZON)
        return config


def _milliseconds(span: timedelta | None) -> str:
    return "-1" if span is None else str(span // timedelta(milliseconds=1))


def _query_key(query: Query) -> str:
    return query.user_id or query.session_id or query.id


def _dead_letter_key(letter: DeadLetter) -> str:
    return letter.origin.key or letter.id


def _cause(result: Result) -> str:
    """The key of a result that has one cause."""
    return result.causes[0]


CATALOG: Final = Topic[CatalogItem](
    name="catalog", model=CatalogItem, key=lambda item: item.product_id, key_of="product_id",
    direction="in", cleanup="compact", retention=None,
)  # fmt: skip
QUERIES: Final = Topic[Query](
    name="queries", model=Query, key=_query_key, key_of="user_id, else session_id, else id",
    direction="in", retention=ERASURE_HORIZON, personal=True,
)  # fmt: skip
INTERACTIONS: Final = Topic[Interaction](
    name="interactions", model=Interaction, key=lambda event: event.user_id, key_of="user_id",
    direction="in", retention=ERASURE_HORIZON, personal=True,
)  # fmt: skip
REVIEWS: Final = Topic[Review](
    name="reviews", model=Review, key=lambda review: review.user_id, key_of="user_id",
    direction="in", retention=ERASURE_HORIZON, personal=True,
)  # fmt: skip
SUPPORT_TICKETS: Final = Topic[SupportTicket](
    name="support-tickets", model=SupportTicket, key=lambda ticket: ticket.id, key_of="id",
    direction="in", retention=ERASURE_HORIZON, personal=True,
)  # fmt: skip
RESOLUTIONS: Final = Topic[Resolution](
    name="resolutions", model=Resolution, key=lambda resolution: resolution.source_id, key_of="source_id",
    direction="in", cleanup="compact", retention=None, personal=True,
)  # fmt: skip
ERASURES: Final = Topic[Erasure](
    name="erasures", model=Erasure, key=lambda erasure: erasure.user_id, key_of="user_id",
    direction="in", retention=ERASURE_HORIZON, partitions=0.25, personal=True,
)  # fmt: skip
SEARCH_RANKINGS: Final = Topic[SearchRanking](
    name="search-rankings", model=SearchRanking, key=_cause, key_of="the query's id",
    direction="out", retention=ERASURE_HORIZON,
)  # fmt: skip
RECOMMENDATIONS: Final = Topic[Recommendations](
    name="recommendations", model=Recommendations, key=lambda result: result.user, key_of="user",
    direction="out", retention=RESULTS_KEPT,
)  # fmt: skip
SUPPORT_REPLIES: Final = Topic[SupportReply](
    name="support-replies", model=SupportReply, key=lambda reply: reply.ticket_id, key_of="ticket_id",
    direction="out", retention=RESULTS_KEPT,
)  # fmt: skip
REVIEW_INSIGHTS: Final = Topic[ReviewInsight](
    name="review-insights", model=ReviewInsight, key=lambda insight: insight.product_id, key_of="product_id",
    direction="out", retention=RESULTS_KEPT,
)  # fmt: skip
# A sealed original is a third larger than the original, which may be as large as its topic allows.
DEAD_LETTERS: Final = Topic[DeadLetter](
    name="dead-letters", model=DeadLetter, key=_dead_letter_key, key_of="the input key, tokenised; else id",
    direction="out", retention=RESULTS_KEPT, max_message_bytes=2 * MIB,
)  # fmt: skip
USER_CHANGES: Final = Topic[UserChange](
    name="user-changes", model=UserChange, key=lambda change: change.user, key_of="user",
    direction="internal", retention=CHANGES_KEPT,
)  # fmt: skip

CATALOG_VECTORS: Final = Topic[CatalogEntry](
    name="catalog-vectors", model=CatalogEntry, key=lambda entry: entry.product.product_id, key_of="product_id",
    direction="internal", cleanup="compact", retention=None, max_message_bytes=2 * MIB, per_encoder=True,
)  # fmt: skip
SUPPORT_MEMORY: Final = Topic[MemoryEntry](
    name="support-memory", model=MemoryEntry, key=lambda entry: entry.source_id, key_of="source_id",
    direction="internal", cleanup="compact", retention=None, max_message_bytes=2 * MIB, per_encoder=True,
)  # fmt: skip

ERASURE_LEDGER: Final = Topic[ErasureEntry](
    name="erasure-ledger", model=ErasureEntry, key=lambda entry: entry.subject, key_of="subject",
    direction="internal", cleanup="compact", retention=None, partitions=0.25,
)  # fmt: skip

MODEL_RELEASES: Final = Topic[ModelRelease](
    name="model-releases", model=ModelRelease, key=lambda release: release.role, key_of="role",
    direction="internal", cleanup="compact", retention=None, partitions=0,
)  # fmt: skip

TOPICS: Final = MappingProxyType[str, Topic[Any]](
    {
        topic.name: topic
        for topic in (
            CATALOG, QUERIES, INTERACTIONS, REVIEWS, SUPPORT_TICKETS, RESOLUTIONS, ERASURES,
            SEARCH_RANKINGS, RECOMMENDATIONS, SUPPORT_REPLIES, REVIEW_INSIGHTS, DEAD_LETTERS, USER_CHANGES,
            CATALOG_VECTORS, SUPPORT_MEMORY, ERASURE_LEDGER, MODEL_RELEASES,
        )
    }
)  # fmt: skip

EACH_IN_ONE: Final = MappingProxyType[str, Topic[Any]](
    {
        CATALOG.name: CATALOG_VECTORS, QUERIES.name: SEARCH_RANKINGS, INTERACTIONS.name: USER_CHANGES,
        REVIEWS.name: REVIEW_INSIGHTS, SUPPORT_TICKETS.name: SUPPORT_REPLIES, RESOLUTIONS.name: SUPPORT_MEMORY,
        ERASURES.name: ERASURE_LEDGER, USER_CHANGES.name: RECOMMENDATIONS,
    }
)  # fmt: skip
"""Input topics, and the topic that has each of their events in the causes of exactly one result."""

_BY_MODEL: Final[dict[type[Contract], Topic[Any]]] = {topic.model: topic for topic in TOPICS.values()}


def topic_of(model: type[M]) -> Topic[M]:
    """Return the topic whose values are ``model``.

    Raises:
        LookupError: no topic carries it.
    """
    try:
        return _BY_MODEL[model]
    except KeyError:
        raise LookupError(f"no topic carries {model.__name__}") from None


def inputs() -> list[Topic[Any]]:
    """Topics that shops produce into; their models are events."""
    return [topic for topic in TOPICS.values() if issubclass(topic.model, Event)]
