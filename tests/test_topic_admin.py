"""Topics on a real broker: made once, compared ever after."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from streams.cli.topics import DIFFERS, topics
from streams.contracts import REVIEWS, TOPICS
from streams.local import LocalStack
from streams.settings import KafkaSettings, Settings
from streams.topic_admin import (
    Difference,
    FoundTopic,
    TopicAdminError,
    TopicSpec,
    create_topics,
    ensure_topics,
    plan,
    topic_admin,
    wanted_topics,
)

SPEC = TopicSpec("reviews", 4, 1, {"retention.ms": "1000", "cleanup.policy": "delete"})


def found(**changes: object) -> dict[str, FoundTopic]:
    fields: dict[str, object] = {
        "name": "reviews",
        "partitions": 4,
        "replication_factor": 1,
        "config": {"retention.ms": "1000", "cleanup.policy": "delete", "flush.ms": "1"},
    }
    return {"reviews": FoundTopic(**(fields | changes))}  # type: ignore[arg-type]


def test_what_is_missing_is_to_be_created() -> None:
    assert plan({}, [SPEC]).create == [SPEC]


def test_what_is_as_wanted_is_left_and_other_topics_are_no_concern() -> None:
    same = plan(found() | {"other": FoundTopic("other", 1, 1, {})}, [SPEC])
    assert (same.create, same.differences, same.same) == ([], [], ["reviews"])


def test_every_difference_is_named_with_both_values() -> None:
    there = found(
        partitions=2, replication_factor=3, config={"retention.ms": "5", "cleanup.policy": "delete"}
    )
    assert plan(there, [SPEC]).differences == [
        Difference("reviews", "partitions", "4", "2"),
        Difference("reviews", "replication factor", "1", "3"),
        Difference("reviews", "retention.ms", "1000", "5"),
    ]


def test_settings_decide_prefix_width_and_replicas() -> None:
    kafka = KafkaSettings(topic_prefix="x.", partitions=12, replication_factor=3, min_insync_replicas=2)
    wanted = wanted_topics(Settings(kafka=kafka), [REVIEWS])
    assert [(spec.name, spec.partitions, spec.replication_factor) for spec in wanted] == [
        ("x.reviews", 12, 3)
    ]
    assert wanted[0].config["min.insync.replicas"] == "2"


@pytest.fixture
def settings(kafka: str, prefix: str) -> Settings:
    return Settings(kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=2))


async def test_creating_twice_creates_once(settings: Settings) -> None:
    first = await create_topics(settings)
    second = await create_topics(settings)
    assert len(first.create) == len(TOPICS)
    assert (second.create, second.differences, len(second.same)) == ([], [], len(TOPICS))


async def test_two_who_create_at_once_both_succeed(settings: Settings) -> None:
    async with topic_admin(settings) as one, topic_admin(settings) as other:
        wanted = wanted_topics(settings)
        await one.create(wanted)
        await other.create(wanted)
        assert len(await other.found(spec.name for spec in wanted)) == len(wanted)


async def test_configuration_is_applied_on_request_and_the_rest_of_it_stays(settings: Settings) -> None:
    await create_topics(settings)
    name = settings.wire_topic("reviews")
    async with topic_admin(settings) as admin:
        await admin.apply_config(
            await admin.found([name]),
            [Difference(name, "retention.ms", "1000", ""), Difference(name, "flush.ms", "77777", "")],
        )
    left = await create_topics(settings)
    assert [(entry.topic, entry.what, entry.found) for entry in left.differences] == [
        (name, "retention.ms", "1000")
    ]
    assert (await create_topics(settings, apply_config=True)).differences == []
    assert (await create_topics(settings)).differences == []
    async with topic_admin(settings) as admin:
        assert (await admin.found([name]))[name].own["flush.ms"] == "77777"


async def test_partitions_are_never_changed(settings: Settings) -> None:
    await create_topics(settings)
    wider = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"partitions": 8})})
    differences = (await create_topics(wider, apply_config=True)).differences
    assert {entry.what for entry in differences} == {"partitions"}
    async with topic_admin(settings) as admin:
        name = settings.wire_topic("reviews")
        assert (await admin.found([name]))[name].partitions == 2


async def test_more_replicas_than_brokers_is_refused_with_the_reason(settings: Settings) -> None:
    kafka = settings.kafka.model_copy(update={"replication_factor": 3})
    with pytest.raises(TopicAdminError, match="InvalidReplicationFactor"):
        await create_topics(settings.model_copy(update={"kafka": kafka}))


async def test_no_broker_is_said_with_what_to_check() -> None:
    with pytest.raises(TopicAdminError, match="check that it runs"):
        await create_topics(Settings(kafka=KafkaSettings(bootstrap="127.0.0.1:9")))


async def test_topics_can_be_ensured_where_a_loop_runs_already(settings: Settings) -> None:
    assert len(ensure_topics(settings).create) == len(TOPICS)


def test_the_command_creates_then_says_same(kafka: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", prefix)
    arguments = ["create", "--bootstrap", kafka, "--json"]
    run = CliRunner().invoke
    dry = run(topics, [*arguments, "--dry-run"])
    assert (dry.exit_code, len(orjson.loads(dry.output)["missing"])) == (DIFFERS, len(TOPICS))
    first = run(topics, arguments)
    assert (first.exit_code, len(orjson.loads(first.output)["created"])) == (0, len(TOPICS))
    second = run(topics, arguments)
    assert (second.exit_code, len(orjson.loads(second.output)["same"])) == (0, len(TOPICS))
    listed = run(topics, ["list", "--bootstrap", kafka, "--json"])
    assert all(row["exists"] for row in orjson.loads(listed.output))
    assert "reviews" in run(topics, ["list", "--bootstrap", kafka]).output


def test_the_command_says_what_differs_and_exits_with_3(
    kafka: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", prefix)
    CliRunner().invoke(topics, ["create", "--bootstrap", kafka])
    monkeypatch.setenv("SHOPSTREAM_KAFKA__PARTITIONS", "7")
    result = CliRunner().invoke(topics, ["create", "--bootstrap", kafka])
    assert result.exit_code == DIFFERS
    assert f"differs  {prefix}reviews: partitions is 4, wanted 7" in result.output


def test_the_command_prints_acls_without_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", "p.")
    result = CliRunner().invoke(topics, ["create", "--print-acls", "--worker", "User:w 1"])
    assert result.exit_code == 0
    assert "--allow-principal 'User:w 1' --operation Read --topic p.reviews\n" in result.output


def test_the_command_fails_clearly_without_a_broker() -> None:
    result = CliRunner().invoke(topics, ["create", "--bootstrap", "127.0.0.1:9"])
    assert result.exit_code == 1
    assert "no answer from Kafka at 127.0.0.1:9" in result.output


def test_the_command_finds_the_embedded_broker_of_the_data_folder(
    stack: LocalStack, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", prefix)
    monkeypatch.setenv("SHOPSTREAM_DATA_DIR", str(stack.data_dir))
    monkeypatch.delenv("SHOPSTREAM_KAFKA__BOOTSTRAP", raising=False)
    assert CliRunner().invoke(topics, ["create"]).exit_code == 0


def test_the_command_without_any_broker_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTREAM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SHOPSTREAM_KAFKA__BOOTSTRAP", raising=False)
    result = CliRunner().invoke(topics, ["create"])
    assert result.exit_code == 1
    assert "--bootstrap" in result.output
