"""`shopstream validate` and `shopstream contracts`."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from streams.cli.contracts import contracts
from streams.cli.validate import validate
from streams.contracts import CONTRACT, TOPICS
from streams.contracts.examples import example_bytes, example_document

GOOD = example_bytes("reviews")
BAD = orjson.dumps(example_document("reviews") | {"rating": 4711, "text": "bob@example.com"})


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    file = tmp_path / "reviews.jsonl"
    file.write_bytes(b"\n".join([GOOD, b"", BAD, b"bob@example.com", GOOD[:-1] + b',"more":1}']))
    return file


def test_bad_lines_are_named_by_number_reason_and_field_never_by_content(mixed: Path) -> None:
    result = CliRunner().invoke(validate, [str(mixed), "--topic", "reviews"])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "line 3: out_of_range at /rating: outside its bounds",
        "line 4: not_json: not one JSON object in UTF-8",
        "2 good, 2 bad (1 out_of_range, 1 not_json)",
        "1 unknown fields would be left out",
    ]


def test_a_program_gets_json(mixed: Path) -> None:
    result = CliRunner().invoke(validate, [str(mixed), "--topic", "reviews", "--json"])
    report = orjson.loads(result.output)
    assert result.exit_code == 1
    assert (report["lines"], report["good"], report["bad"], report["unknown_fields"]) == (4, 2, 2, 1)
    assert report["problems"][0] == {
        "line": 3,
        "reason": "out_of_range",
        "field": "/rating",
        "detail": "outside its bounds",
    }


def test_standard_input_is_read(mixed: Path) -> None:
    result = CliRunner().invoke(validate, ["-", "--topic", "reviews"], input=GOOD + b"\r\n" + GOOD)
    assert (result.exit_code, result.output) == (0, "2 good, 0 bad\n")


def test_no_more_problems_are_printed_than_asked_for(mixed: Path) -> None:
    result = CliRunner().invoke(validate, [str(mixed), "--topic", "reviews", "--limit", "1"])
    assert "… and 1 more bad lines" in result.output


def test_only_topics_with_events_can_be_validated(mixed: Path) -> None:
    assert CliRunner().invoke(validate, [str(mixed), "--topic", "review-insights"]).exit_code == 2
    assert CliRunner().invoke(validate, ["no-such-file", "--topic", "reviews"]).exit_code == 2


@pytest.mark.parametrize("name", TOPICS)
def test_schema_and_example_of_each_topic_can_be_printed(name: str) -> None:
    schema = CliRunner().invoke(contracts, ["schema", name])
    assert orjson.loads(schema.output)["$id"] == f"urn:shopstream:contract:{name}:{CONTRACT}"
    assert orjson.loads(CliRunner().invoke(contracts, ["example", name]).output) == example_document(name)


def test_the_asyncapi_document_follows_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", "p.")
    document = orjson.loads(CliRunner().invoke(contracts, ["asyncapi"]).output)
    assert document["channels"]["reviews"]["address"] == "p.reviews"
