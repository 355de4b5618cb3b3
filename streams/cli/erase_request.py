"""Whom to erase, checked before anything is done or written down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from streams.contracts.events import Erasure
from streams.delivery.identifiers import check_identifiers


@dataclass(frozen=True, slots=True)
class Request:
    """Whom to erase, and how to show it.

    Attributes:
        user: as events name them.
        reference: the request's case number.
        prove: whether earlier sealed values are tried, before and after.
        wait: seconds for all of it, from sending on.
    """

    user: str = field(repr=False)
    reference: str | None = None
    prove: bool = False
    wait: float = 60.0

    def event(self) -> Erasure:
        """What is sent.

        Raises:
            ValidationError: user or reference are not what the contract takes.
            ContractViolation: the reference is personal data.
        """
        event = Erasure(id=str(uuid4()), time=datetime.now(UTC), user_id=self.user, reference=self.reference)
        check_identifiers(event)
        return event
