"""The erasure ledger as a view of this process: whom it names, until that was acted upon."""

from collections.abc import Sequence
from dataclasses import dataclass

from streams.contracts.codec import decode_result
from streams.contracts.topics import ERASURE_LEDGER
from streams.contracts.violation import ContractViolation
from streams.views.unkept import UnkeptView


@dataclass(frozen=True, slots=True)
class Named:
    """Whom entries name.

    Attributes:
        subjects: the keyed digests in those that can be read.
        unreadable: whether there are others, as of a newer release: they may name anybody.
    """

    subjects: frozenset[str] = frozenset()
    unreadable: bool = False

    def __bool__(self) -> bool:
        return bool(self.subjects) or self.unreadable

    def __contains__(self, subject: str) -> bool:
        return self.unreadable or subject in self.subjects


class LedgerView(UnkeptView):
    """A `View` of `erasure-ledger`. It is read from the beginning at every start, so it keeps no snapshot."""

    layout = "ledger/1"

    def __init__(self) -> None:
        self._pending: set[str] = set()
        self._unreadable = False
        self._seen = 0

    def __len__(self) -> int:
        """Entries read."""
        return self._seen

    def take(self) -> Named:
        """Whom the entries name that came since the last call."""
        named = Named(frozenset(self._pending), self._unreadable)
        self._pending, self._unreadable = set(), False
        return named

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes entries in; `View.apply` says more. Nobody deletes any."""
        del deleted
        unreadable = []
        for place, value in enumerate(upserted):
            try:
                self._pending.add(decode_result(ERASURE_LEDGER, value).subject)
                self._seen += 1
            except ContractViolation:
                self._unreadable = True
                unreadable.append(place)
        return unreadable

    def clear(self) -> None:
        """Begins anew."""
        self._seen = 0
