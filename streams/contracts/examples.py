"""One worked example of every topic's value, as producers write and consumers read it.

They appear in the AsyncAPI document and in the tests; the personal data in them is made up.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import orjson

from privacy.envelope import SealedEnvelope
from privacy.plaintext import Plaintext
from streams.contracts.codec import encode, encode_event
from streams.contracts.dead_letters import DeadLetter, Origin
from streams.contracts.events import (
    CatalogItem,
    Erasure,
    Event,
    Interaction,
    Query,
    QueryFilters,
    Resolution,
    Review,
    SupportTicket,
)
from streams.contracts.fields import Contract, Money
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.records import (
    CatalogEntry,
    ErasureEntry,
    MemoryEntry,
    ModelRelease,
    ReleasedModel,
    UserChange,
)
from streams.contracts.results import (
    AspectOpinion,
    Citation,
    Coverage,
    Intent,
    ModelRef,
    Probabilities,
    RankedItem,
    Recommendations,
    ReviewInsight,
    SearchRanking,
    Sentiment,
    SupportReply,
    Why,
    Written,
)

_TIME: Final = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
_ENCODER: Final = ModelRef(id="all-MiniLM-L6-v2", version="1", digest="sha256:" + "5c" * 32)
_READER: Final = ModelRef(id="shopstream-reviews", version="1", digest="sha256:" + "a1" * 32)
_TAGGER: Final = ModelRef(id="pii", version="1", digest="sha256:" + "b2" * 32)
_SEALED: Final = SealedEnvelope(
    v=1, alg="A256GCM", key="local-1/1", nonce="AAECAwQFBgcICQoL", ciphertext="q83vEjRWeJCrze8SNFZ4kA"
)


def catalog() -> CatalogItem:
    """A product on sale."""
    return CatalogItem(
        id="item-7001-3",
        time=_TIME,
        product_id="boot-7001",
        title="Fjell waterproof hiking boot",
        description="Leather boot with a membrane and a grippy sole, for wet trails.",
        brand="Fjell",
        categories=["Shoes > Hiking boots"],
        attributes={"colour": "brown", "waterproof": True, "weight_g": 640, "sizes": ["40", "41", "42"]},
        price=Money(amount=Decimal("129.90"), currency="EUR"),
        stock=17,
        sku="FJ-7001",
        gtin="4006381333931",
        language="en",
        url="https://shop.example/p/boot-7001",
    )


def query() -> Query:
    """A search with a price limit."""
    return Query(
        id="query-88",
        time=_TIME,
        text=Plaintext("waterproof hiking boots"),
        filters=QueryFilters(price_max=Decimal("150.00"), currency="EUR", in_stock=True),
        limit=10,
        user_id="user-42",
        language="en",
        expires_at=datetime(2026, 3, 14, 9, 26, 58, tzinfo=UTC),
    )


def interaction() -> Interaction:
    """A purchase that a search led to."""
    return Interaction(
        id="order-501-1",
        time=_TIME,
        kind="purchase",
        user_id="user-42",
        product_id="boot-7001",
        price=Money(amount=Decimal("129.90"), currency="EUR"),
        query_id="query-88",
        position=1,
        order_id="order-501",
    )


def review() -> Review:
    """A review whose author left an address in it."""
    return Review(
        id="review-9",
        time=_TIME,
        product_id="boot-7001",
        user_id="user-42",
        title=Plaintext("Dry feet at last"),
        text=Plaintext("Kept me dry for a week in the rain. Ask me: mia@example.com"),
        rating=5,
        language="en",
    )


def support_ticket() -> SupportTicket:
    """A question about an order."""
    return SupportTicket(
        id="ticket-310",
        time=_TIME,
        subject=Plaintext("Where is my parcel?"),
        text=Plaintext("It was due on Monday. Call me on +49 30 901820."),
        user_id="user-42",
        channel="email",
        language="en",
        order_id="order-501",
    )


def resolution() -> Resolution:
    """A help article."""
    return Resolution(
        id="article-12-1",
        time=_TIME,
        kind="article",
        source_id="article-12",
        title=Plaintext("Tracking a parcel"),
        answer=Plaintext("Open the link in the dispatch e-mail; it shows the parcel's last scan."),
        url="https://shop.example/help/tracking",
        language="en",
        tags=["delivery"],
    )


def erasure() -> Erasure:
    """A user who asked to be forgotten."""
    return Erasure(id="erasure-4", time=_TIME, user_id="user-42", reference="case-2026-118")


def search_ranking() -> SearchRanking:
    """The answer to `query`."""
    return SearchRanking(
        id=result_id("search-rankings", ["query-88"]),
        causes=["query-88"],
        time=_TIME,
        model=[_ENCODER],
        query="waterproof hiking boots",
        user="user-42",
        items=[
            RankedItem(
                product_id="boot-7001",
                score=1.31,
                parts={"lexical": 0.62, "vector": 0.58, "personal": 0.11},
                reasons=[Why(kind="text_match", note="title: waterproof, hiking, boot")],
            )
        ],
        found=1,
        coverage=Coverage(indexed=300, expected=300),
    )


def recommendations() -> Recommendations:
    """What follows from `interaction`."""
    return Recommendations(
        id=result_id("recommendations", ["order-501-1"]),
        causes=["order-501-1"],
        time=_TIME,
        model=[_ENCODER],
        user="user-42",
        items=[
            RankedItem(
                product_id="wax-12",
                score=0.71,
                parts={"taken_together": 0.6, "text": 0.11},
                reasons=[Why(kind="taken_together", products=["boot-7001"])],
            )
        ],
    )


def support_reply() -> SupportReply:
    """The answer to `support_ticket`."""
    return SupportReply(
        id=result_id("support-replies", ["ticket-310"]),
        causes=["ticket-310"],
        time=_TIME,
        model=[_ENCODER],
        ticket_id="ticket-310",
        user="user-42",
        subject="Where is my parcel?",
        text="It was due on Monday. Call me on [PHONE_1].",
        language="en",
        intent=Intent(label="track_order", confidence=0.94),
        urgency="normal",
        reply="Open the link in the dispatch e-mail; it shows the parcel's last scan.",
        citations=[
            Citation(
                source_id="article-12",
                kind="article",
                score=0.88,
                title="Tracking a parcel",
                url="https://shop.example/help/tracking",
            )
        ],
        confidence=0.91,
        masked={"PHONE": 1},
        masked_by=_TAGGER,
        sealed={"text": _SEALED},
    )


def review_insight() -> ReviewInsight:
    """`review` understood."""
    return ReviewInsight(
        id=result_id("review-insights", ["review-9"]),
        causes=["review-9"],
        time=_TIME,
        model=[_READER],
        product_id="boot-7001",
        user="user-42",
        rating=5,
        title="Dry feet at last",
        text="Kept me dry for a week in the rain. Ask me: [EMAIL_1]",
        language="en",
        sentiment=Sentiment(
            label="positive", probabilities=Probabilities(negative=0.01, neutral=0.05, positive=0.94)
        ),
        stars=4.7,
        aspects=[AspectOpinion(aspect="function", sentiment="positive", probability=0.88)],
        helpfulness=0.61,
        masked={"EMAIL": 1},
        masked_by=_TAGGER,
        sealed={"text": _SEALED},
    )


def dead_letter() -> DeadLetter:
    """A review with six stars."""
    origin = Origin(topic="reviews", partition=2, offset=1_234, timestamp=1_773_480_413_000, key="tok_5b1c")
    return DeadLetter(
        id=result_id("dead-letters", [origin.reference]),
        causes=["review-10"],
        time=_TIME,
        reason=Reason.OUT_OF_RANGE,
        field="/rating",
        detail="outside its bounds",
        attempts=1,
        origin=origin,
        size=212,
        digest="dig_77aa",
        sealed=_SEALED,
    )


def user_change() -> UserChange:
    """What `review` says about its author."""
    return UserChange(
        id=result_id("user-changes", ["review-9"]),
        causes=["review-9"],
        time=_TIME,
        user="user-42",
        kind="reviewed",
        product_id="boot-7001",
        rating=5,
        sentiment=review_insight().sentiment,
        stars=4.7,
        aspects=review_insight().aspects,
    )


def catalog_entry() -> CatalogEntry:
    """`catalog` as the workers' indexes take it; a real vector has some hundred numbers."""
    return CatalogEntry(
        id=result_id("catalog-vectors", ["item-7001-3"]),
        causes=["item-7001-3"],
        time=_TIME,
        model=[_ENCODER],
        product=catalog(),
        vector="ADgAuAA4ALg=",
    )


def memory_entry() -> MemoryEntry:
    """`resolution`, masked, as the workers' indexes take it; a real vector has some hundred numbers."""
    given = resolution()
    return MemoryEntry(
        id=result_id("support-memory", [given.id]),
        causes=[given.id],
        time=_TIME,
        model=[_ENCODER],
        source_id=given.source_id,
        kind=given.kind,
        title="Tracking a parcel",
        answer="Open the link in the dispatch e-mail; it shows the parcel's last scan.",
        url=given.url,
        language=given.language,
        tags=given.tags,
        vector="ADgAuAA4ALg=",
    )


def erasure_entry() -> ErasureEntry:
    """`erasure` carried out."""
    given = erasure()
    return ErasureEntry(
        id=result_id("erasure-ledger", [given.id]),
        causes=[given.id],
        time=given.time,
        subject="8d" * 32,
        erased_at=_TIME,
        keys=["dk_5f0c1a"],
        withdrawn=1,
        reference=given.reference,
    )


def model_release() -> ModelRelease:
    """The shop's own reader of reviews in place of the shipped one."""
    return ModelRelease(
        id="01e5bd6a-7c43-4b8e-9a51-51f3fd1c4c5e",
        time=_TIME,
        role="reviews",
        source="path:/models/reviews-2",
        version="2",
        digest="sha256:" + "3f" * 32,
        previous=ReleasedModel(source="shipped:reviews", version="1", digest=_READER.digest),
        by="ops",
        note="trained on our own reviews",
    )


_EXAMPLES: Final[dict[str, Callable[[], Contract]]] = {
    "catalog": catalog,
    "queries": query,
    "interactions": interaction,
    "reviews": review,
    "support-tickets": support_ticket,
    "resolutions": resolution,
    "erasures": erasure,
    "search-rankings": search_ranking,
    "recommendations": recommendations,
    "support-replies": support_reply,
    "review-insights": review_insight,
    "dead-letters": dead_letter,
    "user-changes": user_change,
    "catalog-vectors": catalog_entry,
    "support-memory": memory_entry,
    "erasure-ledger": erasure_entry,
    "model-releases": model_release,
}


@cache
def example(topic_name: str) -> Contract:
    """Return the example of a topic's value.

    Raises:
        KeyError: there is no such topic.
    """
    return _EXAMPLES[topic_name]()


def example_bytes(topic_name: str) -> bytes:
    """Return the example as it lies on the topic."""
    value = example(topic_name)
    if isinstance(value, Event):
        return encode_event(value)
    if isinstance(value, Written):
        return encode(value)
    raise TypeError(f"{topic_name} carries nothing that is sent")


def example_document(topic_name: str) -> dict[str, Any]:
    """Return the example as parsed JSON."""
    document: dict[str, Any] = orjson.loads(example_bytes(topic_name))
    return document
