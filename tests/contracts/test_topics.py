"""The topic table: what operations rely on."""

from typing import Any

import pytest

from streams.contracts import CATALOG, DEAD_LETTERS, ERASURES, QUERIES, RESOLUTIONS, REVIEWS, TOPICS, Topic
from streams.contracts.acls import acls
from streams.contracts.examples import example
from streams.contracts.topics import (
    CATALOG_VECTORS,
    ERASURE_HORIZON,
    ERASURE_LEDGER,
    MODEL_RELEASES,
    SUPPORT_MEMORY,
)

WEEK = str(7 * 24 * 3600 * 1000)
ALL = pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)


@ALL
def test_personal_data_in_plaintext_goes_within_the_horizon(topic: Topic[Any]) -> None:
    if topic.personal:
        config = topic.broker_config(1)
        assert WEEK in (config["retention.ms"], config.get("max.compaction.lag.ms"))
        assert config["segment.ms"] == str(24 * 3600 * 1000)


@ALL
def test_retention_goes_by_arrival_not_by_the_producers_clock(topic: Topic[Any]) -> None:
    assert topic.broker_config(1)["message.timestamp.type"] == "LogAppendTime"


def test_only_compacted_topics_are_deleted_from_by_null() -> None:
    deletable = [topic for topic in TOPICS.values() if topic.deletable]
    assert deletable == [
        CATALOG, RESOLUTIONS, CATALOG_VECTORS, SUPPORT_MEMORY, ERASURE_LEDGER, MODEL_RELEASES,
    ]  # fmt: skip


def test_every_topic_has_a_partition() -> None:
    assert REVIEWS.partition_count(8) == 8
    assert ERASURES.partition_count(8) == 2
    assert ERASURES.partition_count(1) == 1
    assert MODEL_RELEASES.partition_count(8) == 1


def test_a_dead_letter_has_room_for_the_largest_input_sealed() -> None:
    largest = max(topic.max_message_bytes for topic in TOPICS.values() if topic.direction == "in")
    assert DEAD_LETTERS.max_message_bytes > largest * 4 / 3 + 100_000


def test_a_querys_key_is_its_user_else_its_session_else_itself() -> None:
    query = example("queries")
    assert QUERIES.key(query) == "user-42"  # type: ignore[arg-type]
    assert QUERIES.key(query.model_copy(update={"user_id": None, "session_id": "s"})) == "s"  # type: ignore[arg-type]
    assert QUERIES.key(query.model_copy(update={"user_id": None})) == "query-88"  # type: ignore[arg-type]


def commands() -> list[str]:
    return [
        entry.command("kafka:9092")
        for entry in acls(prefix="p.", group="p.shopstream", consumer_groups="shop-")
    ]


def test_the_worker_may_write_transactions_of_its_lanes() -> None:
    assert (
        "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:shopstream-worker"
        " --operation Write --transactional-id p.shopstream- --resource-pattern-type prefixed"
    ) in commands()


def test_each_party_gets_what_it_needs_and_no_more() -> None:
    granted = {
        (entry.principal, entry.operation, entry.name)
        for entry in acls(prefix="p.", group="p.shopstream", consumer_groups="shop-")
    }
    assert ("User:shop-producer", "Write", "p.reviews") in granted
    assert ("User:shop-producer", "Read", "p.reviews") not in granted
    assert ("User:shop-producer", "Write", "p.review-insights") not in granted
    assert ("User:shop-consumer", "Read", "p.review-insights") in granted
    assert ("User:shop-consumer", "Read", "p.reviews") not in granted
    assert ("User:shop-consumer", "Read", "p.user-changes") not in granted
    assert ("User:shopstream-worker", "Read", "p.reviews") in granted
    assert ("User:shopstream-worker", "Write", "p.reviews") not in granted
    assert ("User:shopstream-worker", "Write", "p.resolutions") in granted
    assert ("User:shopstream-operator", "Read", "p.erasure-ledger") in granted
    assert ("User:shopstream-operator", "Read", "p.support-memory-") in granted
    assert ("User:shopstream-operator", "Describe", "p.shopstream") in granted
    assert ("User:shopstream-operator", "Read", "p.user-changes") not in granted
    assert ("User:shopstream-worker", "Write", "p.dead-letters") in granted
    assert ("User:shopstream-worker", "Read", "p.shopstream") in granted
    assert ("User:shopstream-worker", "Read", "p.model-releases") in granted
    assert ("User:shopstream-worker", "Write", "p.model-releases") not in granted
    assert ("User:shopstream-operator", "Read", "p.model-releases") in granted
    assert ("User:shopstream-operator", "Write", "p.model-releases") in granted
    assert ("User:shopstream-worker", "IdempotentWrite", "kafka-cluster") in granted
    assert ("User:shopstream-admin", "Create", "p.reviews") in granted


def test_the_horizon_is_seven_days() -> None:
    assert ERASURE_HORIZON.days == 7
