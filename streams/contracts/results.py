"""What workers answer: the result of each output topic.

No field holds personal data in plaintext: text is masked, originals are sealed, users are tokens.
"""

from typing import Annotated, Literal

from annotated_types import MaxLen, MinLen
from pydantic import Field

from privacy.envelope import SealedEnvelope
from streams.contracts.events import CONTRACT
from streams.contracts.fields import (
    MAX_TEXT,
    Contract,
    ContractVersion,
    Count,
    Identifier,
    Language,
    Line,
    Probability,
    Score,
    Slug,
    Time,
    Url,
)

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
