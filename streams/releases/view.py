"""`model-releases` as a view of this process: the latest release of each role, until it was acted upon."""

from collections.abc import Sequence

from streams.contracts.codec import decode_result
from streams.contracts.records import ModelRelease
from streams.contracts.topics import MODEL_RELEASES
from streams.contracts.violation import ContractViolation
from streams.views.unkept import UnkeptView


class ReleasesView(UnkeptView):
    """A `View` without snapshots: it is small, and read from the beginning at every start."""

    layout = "releases/1"

    def __init__(self) -> None:
        self._latest: dict[str, ModelRelease] = {}
        self._pending: dict[str, ModelRelease] = {}

    def __len__(self) -> int:
        """Roles with a release."""
        return len(self._latest)

    def take(self) -> ModelRelease | None:
        """A release that nobody has taken yet, the latest of its role; None where there is none."""
        if not self._pending:
            return None
        _, release = self._pending.popitem()
        return release

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes releases in; `View.apply` says more. A deletion leaves what serves."""
        for role in deleted:
            self._latest.pop(role, None)
            self._pending.pop(role, None)
        unreadable = []
        for place, value in enumerate(upserted):
            try:
                release = decode_result(MODEL_RELEASES, value)
            except ContractViolation:
                unreadable.append(place)
            else:
                self._latest[release.role] = self._pending[release.role] = release
        return unreadable

    def clear(self) -> None:
        """Begins anew."""
        self._latest, self._pending = {}, {}
