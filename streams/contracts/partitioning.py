"""Where a key lives: the partition that Apache Kafka's Java producer would choose.

All that Shopstream writes is placed by this, so that consumers in any language find a key where they expect
it.
"""

from functools import lru_cache
from typing import Final

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Return Kafka's 32-bit murmur2 hash of ``data``, as a signed integer.

    Source: ``org.apache.kafka.common.utils.Utils.murmur2``.
    """
    h = _SEED ^ len(data)
    body = len(data) & ~3
    for start in range(0, body, 4):
        k = int.from_bytes(data[start : start + 4], "little") * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = h * _M & _MASK ^ k
    if tail := data[body:]:
        h = (h ^ int.from_bytes(tail, "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    h ^= h >> 15
    return h - (1 << 32) if h >> 31 else h


@lru_cache(maxsize=65_536)
def _hash(key: bytes) -> int:
    return murmur2(key) & 0x7FFFFFFF


def partition_for(key: bytes | None, partitions: int, event_id: str = "") -> int:
    """Return the partition of ``key`` among ``partitions``, as Java's default partitioner.

    A record without key goes by the hash of ``event_id``: spread out, and the same on every replay.

    Raises:
        ValueError: ``partitions`` is not positive.
    """
    if partitions < 1:
        raise ValueError("a topic has at least one partition")
    if key is None:
        return (murmur2(event_id.encode()) & 0x7FFFFFFF) % partitions
    return _hash(key) % partitions
