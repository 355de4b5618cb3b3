"""What workers answer: the result of each output topic, and the changes they keep.

No field holds personal data in plaintext: text is masked, originals are sealed, users are tokens.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from annotated_types import MaxLen, MinLen
from pydantic import Field

from privacy.envelope import SealedEnvelope
from streams.contracts.events import CONTRACT, CatalogItem
from streams.contracts.fields import (
    MAX_TEXT,
    Contract,
    ContractVersion,
    Count,
    Identifier,
    Language,
    Line,
    Money,
    Probability,
    Score,
    Slug,
    Time,
    Url,
)
from streams.contracts.reasons import Reason

MOST_KEYS: Final = 10_000
"""Destroyed data keys that a ledger entry names, the latest."""

# Masks may be longer than what they stand for: "[NATIONAL_ID_12]" for nine digits.
Masked = Annotated[str, Field(max_length=8 * MAX_TEXT)]
Causes = Annotated[list[Identifier], MinLen(1), MaxLen(10_000)]
UserToken = Annotated[Identifier, Field(repr=False)]
MaybeUserToken = Annotated[Identifier | None, Field(repr=False)]
FieldName = Annotated[str, Field(min_length=1, max_length=100)]
Label = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Z][A-Z0-9_]*$")]
MaskedKinds = Annotated[dict[Label, Count], MaxLen(100)]
SealedFields = Annotated[dict[FieldName, SealedEnvelope], MaxLen(100)]


class ModelRef(Contract):
    """A model that had a part in a result."""

    id: Identifier
    version: Identifier
    digest: Identifier
    """Content hash of weights and configuration, e.g. ``sha256:…``."""


class Written(Contract):
    """What all has that Shopstream writes."""

    id: Identifier
    time: Time
    contract: ContractVersion = CONTRACT


class Result(Written):
    """What every result has."""

    id: Identifier
    """UUIDv5 of the output topic and the causes: the same on every replay."""
    causes: Causes
    """Ids of the input events that this answers."""
    time: Time
    """Event time of the latest cause."""
    model: Annotated[list[ModelRef], MaxLen(20)] = Field(default_factory=list)
    """The models that made it."""
    degraded: Annotated[list[Slug], MaxLen(20)] = Field(default_factory=list)
    """What was missing when it was made, e.g. ``history``, ``catalogue``."""


class Coverage(Contract):
    """How much of an index a worker had when it answered."""

    indexed: Count
    expected: Count | None = None
    """By the topic's end offset at the time; absent: unknown."""


class Probabilities(Contract):
    """Calibrated probabilities of the three classes; their sum is 1."""

    negative: Probability
    neutral: Probability
    positive: Probability


class Sentiment(Contract):
    """The most probable class, and all three."""

    label: Literal["negative", "neutral", "positive"]
    probabilities: Probabilities


StarsEstimate = Annotated[float, Field(ge=1, le=5)]


class AspectOpinion(Contract):
    """What a review says about one side of a product."""

    aspect: Slug
    """Such as ``fit``, ``quality``, ``delivery``; an open vocabulary, the model's."""
    sentiment: Literal["negative", "mixed", "positive"]
    probability: Probability
    """That the review says this about it."""


AspectOpinions = Annotated[list[AspectOpinion], MaxLen(30)]


class ReviewInsight(Result):
    """A review understood. Key: ``product_id``."""

    product_id: Identifier
    user: MaybeUserToken = None
    """User token: the user id, or its HMAC where ids are tokenised."""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    title: Masked | None = None
    text: Masked
    language: Language | None = None
    sentiment: Sentiment
    stars: StarsEstimate | None = None
    """The model's estimate from the text alone; absent where the model gives none."""
    aspects: AspectOpinions = Field(default_factory=list)
    """What the review speaks of; empty also where the model knows no aspects."""
    helpfulness: Probability | None = None
    """That readers find the review helpful; absent where the model does not tell."""
    masked: MaskedKinds = Field(default_factory=dict)
    """How many spans of each kind were masked."""
    masked_by: ModelRef | None = None
    """The tagger that looked for names and addresses in the texts; absent where none did."""
    sealed: SealedFields = Field(default_factory=dict)
    """Originals of the fields that masking changed."""


class Why(Contract):
    """One true reason for an item's place."""

    kind: Slug
    """Such as ``text_match``, ``taken_together``, ``popular``."""
    products: Annotated[list[Identifier], MaxLen(10)] = Field(default_factory=list)
    """The products that it refers to."""
    note: Annotated[str, Field(max_length=500)] | None = None
    """For people, without personal data."""


class RankedItem(Contract):
    """A product and why it stands where it stands."""

    product_id: Identifier
    title: Line | None = None
    """As the catalogue had it."""
    score: Score
    parts: Annotated[dict[Slug, Score], MaxLen(30)] = Field(default_factory=dict)
    """What the score is made of, e.g. ``lexical``, ``vector``, ``personal``."""
    reasons: Annotated[list[Why], MaxLen(10)] = Field(default_factory=list)


class SearchRanking(Result):
    """The answer to a query. Key: the query's id, its only cause."""

    status: Literal["ranked", "expired"] = "ranked"
    query: Masked
    """The query's text, masked."""
    read_as: Masked | None = None
    """What was searched for, where spelling or vocabulary changed it."""
    user: MaybeUserToken = None
    items: Annotated[list[RankedItem], MaxLen(100)] = Field(default_factory=list)
    found: Count | None = None
    """How many of the retrieved products satisfied the filters, before the limit; the shop may have more."""
    coverage: Coverage | None = None
    masked: MaskedKinds = Field(default_factory=dict)
    sealed: SealedFields = Field(default_factory=dict)


class Recommendations(Result):
    """Products for a user whose picture changed. Key: ``user``."""

    status: Literal["recommended", "forgotten"] = "recommended"
    """``forgotten``: the user was erased, ``items`` is empty, and what was kept of earlier lists has to go."""
    user: UserToken
    items: Annotated[list[RankedItem], MaxLen(100)] = Field(default_factory=list)
    coverage: Coverage | None = None


class Intent(Contract):
    """What a ticket is about; ``none`` when it is none of the known."""

    label: Slug
    confidence: Probability


class Citation(Contract):
    """A source that a reply rests on."""

    source_id: Identifier
    kind: Literal["ticket", "article"]
    score: Score
    title: Annotated[str, Field(max_length=4_000)] | None = None
    url: Url | None = None
    quote: Annotated[str, Field(max_length=4_000)] | None = None


class Handoff(Contract):
    """Why a person should answer, with what was found for them."""

    reason: Slug
    """Such as ``low_confidence``, ``no_source``, ``asked_for_person``, ``personal_answer``, ``conflicting_sources``."""
    draft: Masked | None = None


class SupportReply(Result):
    """The answer to a ticket, or its handoff. Key: ``ticket_id``."""

    ticket_id: Identifier
    user: MaybeUserToken = None
    subject: Masked | None = None
    text: Masked
    """The ticket's text, masked."""
    language: Language | None = None
    intent: Intent | None = None
    urgency: Literal["low", "normal", "high"] | None = None
    sentiment: Sentiment | None = None
    reply: Masked | None = None
    """Absent when the ticket is handed off."""
    citations: Annotated[list[Citation], MaxLen(20)] = Field(default_factory=list)
    confidence: Probability
    """Calibrated probability that the reply settles the ticket."""
    handoff: Handoff | None = None
    coverage: Coverage | None = None
    masked: MaskedKinds = Field(default_factory=dict)
    masked_by: ModelRef | None = None
    """As of `ReviewInsight`."""
    sealed: SealedFields = Field(default_factory=dict)


class UserChange(Result):
    """What became known about a user: the record from which user state is built. Key: ``user``."""

    user: UserToken
    kind: Literal[
        "viewed",
        "clicked",
        "carted",
        "bought",
        "removed",
        "dismissed",
        "reviewed",
        "searched",
        "asked",
        "forgotten",
    ]
    """``forgotten``: the user was erased; all that came before counts no more."""
    product_id: Identifier | None = None
    quantity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    price: Money | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    sentiment: Sentiment | None = None
    stars: StarsEstimate | None = None
    """Of a review, as the model estimates them."""
    aspects: AspectOpinions = Field(default_factory=list)
    """Of a review."""
    text: Masked | None = None
    """A query's or ticket's text, masked."""
    query_id: Identifier | None = None
    sealed: SealedFields = Field(default_factory=dict)


PackedVector = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
"""Float16 numbers, little-endian, in base64; `streams.contracts.vectors` packs and unpacks it."""


class CatalogEntry(Result):
    """A product and its vector, as every worker's index takes it. Key: ``product_id``; a null value deletes."""

    product: CatalogItem
    vector: PackedVector
    """Of the product's text, by the encoder that the topic is named after."""


class MemoryEntry(Result):
    """A resolution, masked, and its vector. Key: ``source_id``; a null value withdraws it."""

    source_id: Identifier
    kind: Literal["ticket", "article"]
    question: Masked | None = None
    title: Masked | None = None
    answer: Masked
    url: Url | None = None
    user: MaybeUserToken = None
    """Whose ticket it was."""
    language: Language | None = None
    products: Annotated[list[Identifier], MaxLen(100)] = Field(default_factory=list)
    tags: Annotated[list[Slug], MaxLen(20)] = Field(default_factory=list)
    vector: PackedVector
    masked: MaskedKinds = Field(default_factory=dict)
    masked_by: ModelRef | None = None
    """As of `ReviewInsight`."""
    sealed: SealedFields = Field(default_factory=dict)


class ErasureEntry(Result):
    """An erasure that was carried out. Key: ``subject``. Kept for ever, apart from backups: a restore goes by it.

    ``degraded`` names ``memory`` where what support knew could not be looked through as a whole: erase again.
    """

    subject: Identifier
    """Keyed digest (HMAC) of the user token: whoever has the key can look a user up, nobody can guess one back."""
    erased_at: Time
    """When the data keys were destroyed: keys of this subject that were made before are gone for good."""
    keys: Annotated[list[Identifier], MaxLen(MOST_KEYS)] = Field(default_factory=list)
    """Ids of the destroyed data keys, as envelopes name them; those of the subject's earlier erasures, too."""
    withdrawn: Count = 0
    """Resolved tickets of the user that were withdrawn from what support knows."""
    reference: Identifier | None = None
    """The request's case number."""


ModelSource = Annotated[str, Field(max_length=1_000, pattern=r"^[a-z]+:[^\x00-\x1f\x7f]+$")]
"""Where weights are found, as in settings: ``path:/models/reviews-7``, ``shipped:reviews``."""


class ReleasedModel(Contract):
    """Weights, and how every worker finds them."""

    source: ModelSource
    version: Identifier
    digest: Identifier
    """``sha256:…``: what a worker finds there has to have it."""


class ModelRelease(Written):
    """The model that all workers run in a role from now on. Key: ``role``."""

    id: Identifier
    time: Time
    """When it was released."""
    role: Slug
    """Such as ``reviews`` or ``tagger``."""
    source: ModelSource
    version: Identifier
    digest: Identifier
    """``sha256:…``: what a worker finds there has to have it."""
    previous: ReleasedModel | None = None
    """What it took the place of: what a rollback releases again."""
    by: Identifier
    """Who released it."""
    note: Annotated[str, Field(max_length=500)] | None = None

    @property
    def released(self) -> ReleasedModel:
        """The model alone."""
        return ReleasedModel(source=self.source, version=self.version, digest=self.digest)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The result that deletes: a null value under a key of a compacted topic.

    Attributes:
        of: type of the values of that topic.
        key: what is deleted.
        id: as of every result.
        causes: ids of the deletions that it answers.
        time: event time of the latest.
    """

    of: type[Contract]
    key: str
    id: str
    causes: list[str]
    time: datetime


class Origin(Contract):
    """Where the event of a dead letter lies."""

    topic: Annotated[str, Field(min_length=1, max_length=249)]
    partition: Annotated[int, Field(ge=0, le=2**31 - 1)]
    offset: Annotated[int, Field(ge=0, le=2**63 - 1)]
    timestamp: Annotated[int, Field(ge=-1, le=2**63 - 1)] | None = None
    """The record's timestamp, milliseconds since 1970."""
    key: Identifier | None = None
    """Token (HMAC) of the record's key."""

    @property
    def reference(self) -> str:
        """``topic/partition/offset``: stands for the event where its id can't be told."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class DeadLetter(Result):
    """An event that could not be served. Key: the input record's, tokenised."""

    reason: Reason
    field: Annotated[str, Field(max_length=500)] | None = None
    """JSON pointer (RFC 6901) to the field at fault; names of the contract only, never of the input."""
    detail: Annotated[str, Field(max_length=500)]
    """Constant text for people; never contains input."""
    attempts: Count = 0
    """How often the work on it was begun."""
    origin: Origin
    size: Count
    """Bytes of the original value."""
    digest: Identifier | None = None
    """Keyed digest (HMAC) of the original value: tells equal ones, can't be guessed back."""
    error: Identifier | None = None
    """Name of the exception's type."""
    user: MaybeUserToken = None
    """Whose key seals the original; absent: the day's unattributed key."""
    sealed: SealedEnvelope | None = None
    """The original value; absent when it was too large to keep."""
