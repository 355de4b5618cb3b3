"""Results to records: the key's partition, CloudEvents headers, and a size that the broker takes."""

from datetime import UTC, datetime

import orjson
import pytest

from streams.contracts.ids import result_id
from streams.contracts.partitioning import partition_for
from streams.contracts.records import CatalogEntry, Tombstone
from streams.contracts.results import SearchRanking
from streams.contracts.topics import SEARCH_RANKINGS
from streams.delivery.encoding import CAUSE_HEADER, RECORD_OVERHEAD, Encoder, TooLarge
from tests.delivery.fakes import record

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LIMIT = SEARCH_RANKINGS.max_message_bytes - RECORD_OVERHEAD


@pytest.fixture
def encoder() -> Encoder:
    return Encoder("t-{}".format, "/shopstream/queries", {"t-search-rankings": 12})


def ranking(size: int) -> SearchRanking:
    """One whose encoding has so many bytes."""
    one = SearchRanking(
        id=result_id(SEARCH_RANKINGS.name, ["q1"]),
        causes=["q1"],
        time=datetime(2026, 1, 1, tzinfo=UTC),
        query="",
    )
    return one.model_copy(update={"query": "x" * (size - len(one.model_dump_json(exclude_none=True)))})


def test_a_result_goes_where_java_would_put_its_key(encoder: Encoder) -> None:
    outgoing = encoder.encode(ranking(500), record(0))
    assert (outgoing.topic, outgoing.key) == ("t-search-rankings", b"q1")
    assert outgoing.partition == partition_for(b"q1", 12)
    assert orjson.loads(outgoing.value or b"")["causes"] == ["q1"]


def test_the_headers_name_the_result_and_go_on_with_the_trace(encoder: Encoder) -> None:
    result = ranking(500)
    headers = dict(encoder.encode(result, record(0, headers=[("traceparent", TRACE)])).headers)
    assert headers["ce_id"] == result.id.encode()
    assert headers["ce_source"] == b"/shopstream/queries"
    assert headers["traceparent"] == TRACE
    assert "traceparent" not in dict(
        encoder.encode(result, record(0, headers=[("traceparent", b"junk")])).headers
    )


def test_the_largest_result_passes_and_one_byte_more_does_not(encoder: Encoder) -> None:
    assert len(encoder.encode(ranking(LIMIT), record(0)).value or b"") == LIMIT
    with pytest.raises(TooLarge) as raised:
        encoder.encode(ranking(LIMIT + 1), record(0))
    assert (raised.value.topic, raised.value.size) == (SEARCH_RANKINGS.name, LIMIT + 1)
    assert raised.value.causes == {"q1"}


def test_a_tombstone_is_a_null_value_under_the_key_that_it_deletes() -> None:
    encoder = Encoder("t-{}-0a1b".format, "/shopstream/catalog", {"t-catalog-vectors-0a1b": 12})
    causes = ["t-catalog/3/7", "t-catalog/3/9"]
    tombstone = Tombstone(CatalogEntry, "boot-ß", "id-1", causes, datetime(2026, 1, 1, tzinfo=UTC))
    outgoing = encoder.encode(tombstone, record(0, headers=[("traceparent", TRACE)]))
    key = "boot-ß".encode()
    assert (outgoing.topic, outgoing.key, outgoing.value) == ("t-catalog-vectors-0a1b", key, None)
    assert outgoing.partition == partition_for(key, 12)
    headers = dict(outgoing.headers)
    assert orjson.loads(headers[CAUSE_HEADER]) == causes
    assert (headers["ce_id"], headers["ce_source"]) == (b"id-1", b"/shopstream/catalog")
    assert headers["traceparent"] == TRACE


def test_only_tombstones_name_their_causes_in_a_header(encoder: Encoder) -> None:
    assert CAUSE_HEADER not in dict(encoder.encode(ranking(500), record(0)).headers)
