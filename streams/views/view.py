"""What a follower fills: a view, and the copy of it that a snapshot holds."""

from collections.abc import Iterable, Sequence
from typing import Protocol

Chunk = bytes | memoryview


class Dump(Protocol):
    """A copy of a view's content as it was at one moment; later changes of the view don't show in it."""

    def __len__(self) -> int: ...

    def chunks(self) -> Iterable[Chunk]:
        """The content in bytes, piece by piece; called once, in a worker thread, beside the running view."""
        ...


class View(Protocol):
    """An index in this process. Its follower never calls two of its methods at the same time."""

    @property
    def layout(self) -> str:
        """Name and version of what `dump` writes; a snapshot of another layout is not restored."""
        ...

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes records in; on the event loop, so at most some milliseconds of work a call.

        Args:
            upserted: values, in the topic's order.
            deleted: keys whose value is gone; none of them is in `upserted`.

        Returns:
            Places in `upserted` of values that can't be read, ascending; all others are in.
        """
        ...

    def commit(self) -> None:
        """Makes what was applied searchable; in a worker thread."""
        ...

    def dump(self) -> Dump:
        """A copy of the whole content; in a worker thread, quick, since nothing is applied meanwhile."""
        ...

    def restore(self, payload: memoryview) -> None:
        """Fills the view, which is empty, with what a dump wrote; in a worker thread.

        Raises:
            ValueError: it is none of this layout. The view may then be partly filled.
        """
        ...

    def clear(self) -> None:
        """Forgets everything; in a worker thread. A commit follows."""
        ...

    def __len__(self) -> int: ...
