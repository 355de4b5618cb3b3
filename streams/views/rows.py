"""Entries with vectors as a snapshot's payload.

A line of JSON with the shape; the vectors as a float16 matrix, row after row, little-endian; then lines of JSON arrays,
each with the fields of the next `LINE` entries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from streams.views.view import Chunk

LINE: Final = 256
"""Entries: orjson holds the interpreter while it writes or reads a line, about half a millisecond."""

Vectors = npt.NDArray[np.float32]
Packed = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The `Dump` of a view of dataclass instances and their vectors.

    Attributes:
        entries: immutable dataclass instances of one type, in any number; of their fields JSON must have the types, or
            `str` must say them (Decimal).
        vectors: float16 [entries, width].
    """

    entries: Sequence[Any]
    vectors: Packed

    def __len__(self) -> int:
        return len(self.entries)

    def chunks(self) -> Iterator[Chunk]:
        """The payload."""
        count, width = self.vectors.shape
        yield orjson.dumps({"count": count, "width": width}) + b"\n"
        if count:  # no view can be cast whose shape has a zero
            yield np.ascontiguousarray(self.vectors, "<f2").data.cast("B")
        for start in range(0, count, LINE):
            yield orjson.dumps(self.entries[start : start + LINE], default=str) + b"\n"


def read_rows(payload: memoryview, width: int) -> Iterator[tuple[list[dict[str, Any]], Vectors]]:
    """Reads what `Rows` wrote: fields of some entries, and their vectors, float32 [n, width].

    Raises:
        ValueError: it is something else, or the width is another.
    """
    with BytesIO(payload) as lines:
        shape = orjson.loads(lines.readline())
        if not isinstance(shape, dict) or shape.get("width") != width:
            raise ValueError("vectors of another width")
        count, start = int(shape["count"]), lines.tell()
        packed = np.frombuffer(payload, "<f2", count * width, start).reshape(count, width)
        lines.seek(start + packed.nbytes)
        done = 0
        for line in lines:
            entries = orjson.loads(line)
            yield entries, packed[done : done + len(entries)].astype(np.float32)
            done += len(entries)
        if done != count:
            raise ValueError("entries and vectors differ in number")
