"""What shops produce: the event of each input topic.

An event is read with its defaults filled in, unknown fields left out. What a person wrote is `Plaintext`: it
prints as ``***`` and only ``privacy`` opens it; its producer may have sealed it (`sealing`). Ids are plain strings and
may be personal data (an e-mail address as user id), so user ids stay out of ``repr``.
"""

from typing import Annotated, ClassVar, Final, Literal

from annotated_types import MaxLen
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from streams.contracts.fields import (
    Amount,
    Contract,
    ContractVersion,
    Count,
    Identifier,
    Language,
    Line,
    Money,
    Prose,
    ShortText,
    Slug,
    Text,
    Time,
    Url,
)

CONTRACT_MAJOR: Final = 1
CONTRACT: Final = "1.2"

UserId = Annotated[Identifier, Field(repr=False)]
MaybeUserId = Annotated[Identifier | None, Field(repr=False)]


class Event(Contract):
    """What every event has."""

    id: Identifier
    """Unique within its topic: results name it as their cause, a resend within 24 hours repeats it."""
    time: Time
    """When it happened, by the producer's clock; windows and decay go by this."""
    contract: ContractVersion = CONTRACT
    """Version that the event follows. Another major version is refused, a newer minor one accepted."""


class Review(Event):
    """A customer's review of a product. Key: ``user_id``."""

    product_id: Identifier
    user_id: UserId
    text: Text
    title: ShortText | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    """Stars, 1 (worst) to 5."""
    language: Language | None = None


AttributeValue = (
    Annotated[str, Field(max_length=500)]
    | bool
    | Annotated[int, Field(ge=-(10**15), le=10**15)]
    | Annotated[float, Field(ge=-1e15, le=1e15)]
    | Annotated[list[Annotated[str, Field(max_length=500)]], MaxLen(50)]
)
"""A product attribute's value: text, truth, number, or a list of texts."""


class CatalogItem(Event):
    """A product as it is sold now, whole: each event replaces the former.

    Key: ``product_id``; a null value deletes.
    """

    product_id: Identifier
    title: Line
    description: Prose = ""
    brand: Line | None = None
    categories: Annotated[list[Line], MaxLen(20)] = Field(default_factory=list)
    """From general to special, or several; a path is written with `` > ``."""
    attributes: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=100)], AttributeValue], MaxLen(200)
    ] = Field(default_factory=dict)
    price: Money | None = None
    stock: Count | None = None
    """Units to sell; 0 is sold out, absent is unknown and counts as available."""
    sku: Identifier | None = None
    gtin: Annotated[str, Field(pattern=r"^(?:[0-9]{8}|[0-9]{12,14})$")] | None = None
    """GTIN-8, -12, -13 or -14 (GS1), digits only."""
    language: Language | None = None
    """Of title and description."""
    url: Url | None = None
    image_url: Url | None = None
    replenishable: bool = False
    """Whether people buy it again, so that it may be recommended after a purchase."""


class QueryFilters(Contract):
    """What a ranked product must satisfy; within a list any, between fields all."""

    categories: Annotated[list[Line], MaxLen(50)] = Field(default_factory=list)
    brands: Annotated[list[Line], MaxLen(50)] = Field(default_factory=list)
    attributes: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=100)], Annotated[list[AttributeValue], MaxLen(50)]
        ],
        MaxLen(20),
    ] = Field(default_factory=dict)
    price_min: Amount | None = None
    price_max: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    """Of the two price bounds; absent: the catalogue's own."""
    in_stock: bool = False


class Query(Event):
    """A search. Key: ``user_id``, else ``session_id``, else the query's id."""

    text: ShortText
    filters: QueryFilters = Field(default_factory=QueryFilters)
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    user_id: MaybeUserId = None
    session_id: Identifier | None = None
    language: Language | None = None
    expires_at: Time | None = None
    """Past this the answer is ``expired``, cheap and at once."""


class Interaction(Event):
    """What a user did with a product. Key: ``user_id``."""

    kind: Literal["view", "click", "cart", "purchase", "remove", "dismiss"]
    """``remove``: out of the cart; ``dismiss``: not interested."""
    user_id: UserId
    product_id: Identifier
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    price: Money | None = None
    """Of one unit, as paid or shown."""
    query_id: Identifier | None = None
    """The search whose ranking led here."""
    position: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Place in that ranking or list, from 1."""
    session_id: Identifier | None = None
    order_id: Identifier | None = None


class SupportTicket(Event):
    """A customer's question. Key: the ticket's id, which is the event's ``id``."""

    text: Text
    subject: ShortText | None = None
    user_id: MaybeUserId = None
    channel: Slug | None = None
    """Such as ``email``, ``chat``, ``phone``; an open vocabulary."""
    language: Language | None = None
    order_id: Identifier | None = None
    product_id: Identifier | None = None


class Resolution(Event):
    """How an agent answered a ticket, or a help article. Key: ``source_id``; a null value withdraws it."""

    kind: Literal["ticket", "article"]
    source_id: Identifier
    """The ticket's id, or the article's."""
    answer: Text
    question: Text | None = None
    """What was asked; required for a ticket."""
    title: ShortText | None = None
    """Required for an article."""
    url: Url | None = None
    user_id: MaybeUserId = None
    """Whose ticket it was, so that an erasure finds it."""
    language: Language | None = None
    products: Annotated[list[Identifier], MaxLen(100)] = Field(default_factory=list)
    tags: Annotated[list[Slug], MaxLen(20)] = Field(default_factory=list)

    _needs: ClassVar[dict[str, str]] = {"ticket": "question", "article": "title"}

    @model_validator(mode="after")
    def _can_be_found(self) -> "Resolution":
        """A resolution is found by its question or its title."""
        needed = self._needs[self.kind]
        if getattr(self, needed) is None:
            raise PydanticCustomError("missing_beside", "needed for this kind", {"field": needed})
        return self


class Erasure(Event):
    """A user to forget. Key: ``user_id``."""

    user_id: UserId
    reference: Identifier | None = None
    """The request's case number, for the proof."""
