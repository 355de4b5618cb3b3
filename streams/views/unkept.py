"""What views have in common that are small, and read from the beginning at every start: they keep no snapshot."""

from collections.abc import Iterator


class NothingKept:
    """The `Dump` of a view without snapshots."""

    def __len__(self) -> int:
        return 0

    def chunks(self) -> Iterator[bytes]:
        """None."""
        return iter(())


class UnkeptView:
    """The parts of a `View` that have to do with snapshots. What was applied counts at once."""

    layout: str

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
        raise ValueError(f"{self.layout} has no snapshots")
