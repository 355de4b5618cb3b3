"""murmur2 and the default partitioner, by Kafka's own vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts import murmur2, partition_for

# org.apache.kafka.common.utils.UtilsTest.testMurmur2
VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "expected"), VECTORS.items())
def test_hashes_are_kafkas(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected


@pytest.mark.parametrize(("key", "expected"), VECTORS.items())
def test_partitions_are_kafkas(key: bytes, expected: int) -> None:
    assert partition_for(key, 7) == (expected & 0x7FFFFFFF) % 7


@given(st.binary(max_size=100))
def test_hashes_are_signed_32_bit(key: bytes) -> None:
    assert -(2**31) <= murmur2(key) < 2**31


@given(st.binary(max_size=50), st.integers(1, 1_000))
def test_a_partition_exists_and_stays(key: bytes, partitions: int) -> None:
    assert 0 <= partition_for(key, partitions) < partitions
    assert partition_for(key, partitions) == partition_for(key, partitions, "other event")


def test_a_record_without_key_goes_by_its_event() -> None:
    places = {partition_for(None, 8, f"event-{number}") for number in range(200)}
    assert places == set(range(8))
    assert partition_for(None, 8, "event-1") == partition_for(None, 8, "event-1")


def test_a_topic_has_a_partition() -> None:
    with pytest.raises(ValueError, match="partition"):
        partition_for(b"x", 0)
