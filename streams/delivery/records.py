"""What passes between the parts of delivery."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from aiokafka import ConsumerRecord

Headers = list[tuple[str, bytes]]


class Outgoing(NamedTuple):
    """One record to be written, in the transaction of the partition whose input it answers."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class Verdict:
    """What was decided of one input record: what to write for it, and how it counts."""

    outgoing: list[Outgoing] = field(default_factory=list)
    outcome: str = "answered"


class Processor(Protocol):
    """Decides batches of input records; the contract stages' is `processing.StageProcessor`."""

    async def decide(self, records: Sequence[ConsumerRecord]) -> list[Verdict]:
        """One verdict a record, in order. Raises only for defects that end the worker."""
        ...

    async def condemn(self, record: ConsumerRecord, deaths: int) -> Verdict:
        """The verdict on a record that killed the worker each time it was tried."""
        ...
