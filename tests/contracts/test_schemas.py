"""JSON Schema and AsyncAPI: valid by their own rules, and true."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from streams.contracts import TOPICS, ContractViolation, Event, Topic, decode, topic_of
from streams.contracts.asyncapi import asyncapi_document
from streams.contracts.examples import example, example_document
from streams.contracts.fields import Contract
from streams.contracts.schemas import json_schema
from streams.contracts.topics import inputs

ALL = pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
OFFICIAL = Path(__file__).with_name("asyncapi-3.0.0.schema.json.gz")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi_document(prefix="shop.", partitions=6, replicas=3)


@ALL
def test_a_schema_is_valid_and_its_example_fits(topic: Topic[Any]) -> None:
    schema = json_schema(topic)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    validator.validate(example_document(topic.name))


@ALL
def test_an_example_is_of_its_topics_model(topic: Topic[Any]) -> None:
    assert type(example(topic.name)) is topic.model
    assert topic_of(topic.model) is topic
    assert topic.key(example(topic.name))


@pytest.mark.parametrize("topic", inputs(), ids=lambda topic: topic.name)
def test_schema_and_codec_agree_on_fields_removed_and_emptied(topic: Topic[Any]) -> None:
    validator = Draft202012Validator(json_schema(topic))
    for name in example_document(topic.name):
        changes: list[dict[str, object]] = [
            {},
            {name: None},
            {name: ""},
            {name: 12},
            {name: []},
            {name: "x" * 30_000},
        ]
        for change in changes:
            document = {
                key: value for key, value in example_document(topic.name).items() if key != name
            } | change
            try:
                decode(topic, orjson.dumps(document), now=datetime(2026, 4, 1, tzinfo=UTC))
            except ContractViolation:
                accepted = False
            else:
                accepted = True
            known_gap = (
                topic.name,
                name,
                change,
            ) in [  # a rule across fields, and a format, which are not in the schema
                ("resolutions", "title", {}),
                ("resolutions", "title", {"title": None}),
            ] or (name in ("time", "expires_at") and change == {name: ""})
            assert known_gap or validator.is_valid(document) == accepted, (name, list(change.values())[:1])


def test_the_document_is_valid_asyncapi(document: dict[str, Any]) -> None:
    official = orjson.loads(gzip.decompress(OFFICIAL.read_bytes()))
    validator = Draft7Validator(official)
    assert [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)] == []
    broken = {**document, "channels": {"x": {"messages": 3}}}
    assert not validator.is_valid(broken)


def test_examples_in_the_document_fit_their_own_schemas(document: dict[str, Any]) -> None:
    for name, message in document["components"]["messages"].items():
        for part in ("payload", "headers"):
            schema = {**message[part], "components": document["components"]}
            validator = Draft202012Validator(schema)
            for shown in message["examples"]:
                validator.validate(shown[part])
                assert shown[part], name


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return here + [found for child in node.values() for found in references(child)]
        return [found for child in node for found in references(child)] if isinstance(node, list) else []

    found = references(document)
    assert found
    for reference in found:
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_channels_carry_the_settings_and_the_table(document: dict[str, Any]) -> None:
    assert list(document["channels"]) == list(TOPICS)
    reviews = document["channels"]["reviews"]
    assert reviews["address"] == "shop.reviews"
    kafka = reviews["bindings"]["kafka"]
    assert (kafka["partitions"], kafka["replicas"]) == (6, 3)
    assert kafka["topicConfiguration"]["retention.ms"] == 7 * 24 * 3600 * 1000
    assert document["operations"]["receive-reviews"]["action"] == "receive"
    assert document["operations"]["send-review-insights"]["action"] == "send"


def test_events_have_no_field_that_results_lack_an_answer_for() -> None:
    """Every input's model is an event, every other topic's model is none."""
    for topic in TOPICS.values():
        assert issubclass(topic.model, Event) == (topic.direction == "in")


def test_a_model_without_topic_is_named() -> None:
    class Stray(Contract):
        pass

    with pytest.raises(LookupError, match="Stray"):
        topic_of(Stray)
