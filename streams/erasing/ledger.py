"""The erasure ledger as a view of this process: whom it names, until that was acted upon."""

from collections.abc import Iterator, Sequence
from typing import Final

from streams.contracts.codec import decode_result
from streams.contracts.topics import ERASURE_LEDGER
from streams.contracts.violation import ContractViolation


class NothingKept:
    """The `Dump` of a view without snapshots."""

    def __len__(self) -> int:
        return 0

    def chunks(self) -> Iterator[bytes]:
        """None."""
        return iter(())


class LedgerView:
    """A `View` of `erasure-ledger`. It is read from the beginning at every start, so it keeps no snapshot."""

    layout: Final = "ledger/1"

    def __init__(self) -> None:
        self._pending: set[str] = set()
        self._seen = 0

    def __len__(self) -> int:
        """Entries read."""
        return self._seen

    def take(self) -> frozenset[str]:
        """The subjects of entries that came since the last call."""
        pending, self._pending = frozenset(self._pending), set()
        return pending

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes entries in; `View.apply` says more. Nobody deletes any."""
        del deleted
        unreadable = []
        for place, value in enumerate(upserted):
            try:
                self._pending.add(decode_result(ERASURE_LEDGER, value).subject)
                self._seen += 1
            except ContractViolation:
                unreadable.append(place)
        return unreadable

    def commit(self) -> None:
        """Nothing to do."""

    def dump(self) -> NothingKept:
        """Nothing."""
        return NothingKept()

    def restore(self, payload: memoryview) -> None:
        """There is no snapshot to restore from.

        Raises:
            ValueError: always.
        """
        del payload
        raise ValueError("the ledger has no snapshots")

    def clear(self) -> None:
        """Begins anew."""
        self._seen = 0
