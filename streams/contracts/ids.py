"""Deterministic ids: the same causes give the same result id, in any order and on every replay."""

from collections.abc import Iterable
from hashlib import sha1
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE: Final[UUID] = uuid5(NAMESPACE_URL, "urn:shopstream:results")
_NAMESPACE_BYTES: Final[bytes] = NAMESPACE.bytes
# The variant's two bits, 10, over the upper half of their byte.
_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def result_id(topic_name: str, causes: Iterable[str]) -> str:
    """Return the id of the result in ``topic_name`` that answers ``causes``.

    A version 5 UUID (RFC 9562, section 5.5) over the output topic's name without prefix and the sorted,
    distinct input ids, each preceded by its length in characters, so that no two lists of ids read the same.

    Args:
        topic_name: the output topic's contract name, e.g. ``review-insights``.
        causes: ids of the input events that the result answers; at least one.

    Raises:
        ValueError: there are no causes.
    """
    distinct = sorted(set(causes))
    if not distinct:
        raise ValueError("a result needs at least one cause")
    name = "".join([f"{len(part)}:{part}" for part in (topic_name, *distinct)])
    # What uuid.uuid5 does, without building a UUID object: this runs once a result.
    text = sha1(_NAMESPACE_BYTES + name.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"
