"""What becomes of an event that can't be served: the record in `dead-letters`."""

from typing import Annotated

from pydantic import Field

from privacy.envelope import SealedEnvelope
from streams.contracts.fields import Contract, Count, Identifier
from streams.contracts.reasons import Reason
from streams.contracts.results import MaybeUserToken, Result


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
