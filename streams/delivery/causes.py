"""Which events of a batch a result answers."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord

from streams.contracts.events import Event
from streams.contracts.records import Tombstone
from streams.contracts.results import Result
from streams.delivery.errors import StageDefect
from streams.delivery.stage import Withdrawal


@dataclass(frozen=True, slots=True)
class Received:
    """An input record and the event that it holds."""

    index: int
    record: ConsumerRecord
    event: Event | Withdrawal


class Positions:
    """Finds the events that a result answers; two events of one id are taken in turn, for each type of result."""

    def __init__(self, received: Sequence[Received]) -> None:
        self._received = received
        self._by_id = {one.event.id: position for position, one in enumerate(received)}
        self._shared: defaultdict[str, list[int]] = defaultdict(list)
        if len(self._by_id) < len(received):
            for position, one in enumerate(received):
                self._shared[one.event.id].append(position)
        self._turns: Counter[tuple[type, str]] = Counter()

    def of(self, result: Result | Tombstone) -> list[int]:
        """Positions of the events that a result names as causes, all of one partition."""
        caused = [self._position(result, cause) for cause in result.causes if cause in self._by_id]
        if not caused:
            raise StageDefect(f"a {type(result).__name__} names no event of its batch as its cause")
        if len(caused) > 1 and len({self._received[position].record.partition for position in caused}) > 1:
            raise StageDefect(
                f"a {type(result).__name__} has causes of several partitions: no transaction spans them"
            )
        return caused

    def _position(self, result: Result | Tombstone, cause: str) -> int:
        if not self._shared:
            return self._by_id[cause]
        turn = self._turns[type(result), cause]
        self._turns[type(result), cause] += 1
        positions = self._shared[cause]
        return positions[min(turn, len(positions) - 1)]
