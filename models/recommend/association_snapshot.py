"""The snapshot of associations as bytes: a digest and a compressed npz of flat arrays."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
import orjson

MAGIC = b"shopstream/associations/1\n"
"""Which format it is, in its version; then comes the SHA-256 of the rest, then the npz."""


@dataclass(frozen=True, slots=True, eq=False)
class AssociationSnapshot:
    """All users' pairs, one after the other.

    Attributes:
        per_user: the bound of a user's list.
        users: u ids.
        products: p ids.
        ends: [u], where each user's pairs end in the arrays below.
        times: [n], event times.
        places: [n], indices into `products`.
        weights: [n], in thousandths.
    """

    per_user: int
    users: Sequence[str]
    products: Sequence[str]
    ends: npt.NDArray[np.int64]
    times: npt.NDArray[np.float64]
    places: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint16]

    @classmethod
    def of(
        cls,
        per_user: int,
        users: Sequence[str],
        products: Sequence[str],
        rows: Sequence[Sequence[tuple[float, int, int]]],
    ) -> Self:
        """From each user's (time, place of the product, weight)."""
        flat = [pair for row in rows for pair in row]
        return cls(
            per_user=per_user,
            users=users,
            products=products,
            ends=np.cumsum([len(row) for row in rows], dtype=np.int64),
            times=np.array([at for at, _, _ in flat], np.float64),
            places=np.array([place for _, place, _ in flat], np.uint32),
            weights=np.array([weight for _, _, weight in flat], np.uint16),
        )

    def rows(self) -> Iterator[tuple[str, list[float], list[int], list[int]]]:
        """Each user's id, times, places and weights."""
        for user, (start, end) in zip(self.users, pairwise([0, *self.ends.tolist()]), strict=True):
            part = slice(start, end)
            yield user, self.times[part].tolist(), self.places[part].tolist(), self.weights[part].tolist()

    def to_bytes(self) -> bytes:
        """Equal snapshots give equal bytes."""
        head = {"per_user": self.per_user, "users": list(self.users), "products": list(self.products)}
        file = io.BytesIO()
        np.savez_compressed(
            file,
            head=np.frombuffer(orjson.dumps(head), np.uint8),
            ends=self.ends,
            times=self.times,
            places=self.places,
            weights=self.weights,
        )
        body = file.getvalue()
        return MAGIC + hashlib.sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read and check.

        Raises:
            ValueError: damaged, or of another format.
        """
        if not content.startswith(MAGIC):
            raise ValueError(f"not a snapshot of associations of format {MAGIC.decode().strip()}")
        body = len(MAGIC) + hashlib.sha256().digest_size
        if hashlib.sha256(content[body:]).digest() != content[len(MAGIC) : body]:
            raise ValueError("the snapshot of associations is damaged: its digest is another")
        with np.load(io.BytesIO(content[body:]), allow_pickle=False) as file:
            head = orjson.loads(file["head"].tobytes())
            return cls(**head, **{name: file[name] for name in ("ends", "times", "places", "weights")})
