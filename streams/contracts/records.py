"""What workers write down for themselves and for operators: changes, indexes, erasures, releases.

Like results, without personal data in plaintext.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from annotated_types import MaxLen
from pydantic import Field

from streams.contracts.events import CatalogItem
from streams.contracts.fields import Contract, Count, Identifier, Language, Money, Slug, Time, Url
from streams.contracts.results import (
    AspectOpinions,
    Masked,
    MaskedKinds,
    MaybeUserToken,
    ModelRef,
    Result,
    SealedFields,
    Sentiment,
    StarsEstimate,
    UserToken,
    Written,
)

MOST_KEYS: Final = 10_000
"""Destroyed data keys that a ledger entry names, the latest."""


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
