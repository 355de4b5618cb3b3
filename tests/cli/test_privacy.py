"""`shopstream privacy check`: a dry run without Kafka, Redis or keys."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from privacy.sealed_text import SealedText
from streams.cli import main
from streams.contracts.examples import example_document
from tests.cli.conftest import Said
from tests.models.plain import PLAIN_MODELS
from tests.models.tiny_folders import eager_tagger

MAIL, NUMBER = "anna@example.org", "785 8949"


@pytest.fixture(autouse=True)
def nothing_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker, no data folder, no settings file, no tagger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOPSTREAM_KAFKA__BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("SHOPSTREAM_MODELS__TAGGER", "")


def check(*arguments: object, stdin: bytes | None = None, **variables: str) -> Said:
    environment = {f"SHOPSTREAM_PRIVACY__{name}": value for name, value in variables.items()}
    command = ["privacy", "check", *map(str, arguments)]
    result = CliRunner().invoke(main, command, input=stdin, env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def reviews(*changes: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps({**example_document("reviews"), **one}).encode() for one in changes)


GIVEN = reviews(
    {"title": NUMBER, "text": f"call me: {NUMBER} or {MAIL}"},
    {"title": "fine", "text": f"order {NUMBER}"},
)


def test_it_shows_kind_place_and_placeholder_and_nothing_of_the_texts() -> None:
    said = check("-", "--explain", stdin=GIVEN)
    assert said.code == 0
    assert "EMAIL 21..37 score 0.90 by email -> [EMAIL_1]" in said.out
    assert (
        "line 1, title: mask, original sealed\n  PHONE 0..8 score 1.00 as elsewhere in the event" in said.out
    )
    assert "3 would be replaced (2 PHONE, 1 EMAIL)" in said.out
    for text in (said.out, check("-", "--explain", "--json", stdin=GIVEN).out):
        assert NUMBER not in text
        assert MAIL not in text


def test_values_and_texts_are_printed_where_they_are_asked_for() -> None:
    said = check("-", "--show-values", stdin=GIVEN)
    assert f"'{MAIL}'" in said.out
    assert "leaves as: call me: [PHONE_1] or [EMAIL_1]" in said.out
    fields = check("-", "--show-values", "--json", stdin=GIVEN).json["fields"]
    assert fields[0]["leaves_as"] == "call me: [PHONE_1] or [EMAIL_1]"
    assert [one["value"] for one in fields[0]["findings"]] == [NUMBER, MAIL]


def test_explanations_name_the_context_word_and_what_was_nearly_found() -> None:
    report = check("-", "--explain", "--json", stdin=GIVEN).json
    called, *_ = report["fields"][0]["considered"]
    assert (called["verdict"], called["context_word"], called["threshold"]) == ("found", "call", 0.5)
    missed = report["fields"][-1]
    assert missed["findings"] == []
    assert [one["verdict"] for one in missed["considered"]] == ["below threshold"]


def test_a_failed_checksum_is_told() -> None:
    said = check("-", "--text", "--explain", stdin=b"4111 1111 1111 1112")
    assert "failed check: CARD 0..19" in said.out
    assert "Luhn" in said.out


def test_exit_codes_for_a_build() -> None:
    assert check("-", "--fail-on-find", stdin=GIVEN).code == 1
    assert check("-", "--fail-on-find", stdin=reviews({"title": "fine", "text": "fine"})).code == 0
    assert (
        check("-", "--fail-on-find", "--text", stdin=MAIL.encode(), TOPICS__reviews__treatment="keep").code
        == 0
    )
    bad = check("-", stdin=b'{"id": "r1"}\n' + GIVEN)
    assert bad.code == 1
    assert "line 1: no event of reviews: missing_field" in bad.out
    assert check("-", "--field", "body", stdin=GIVEN).code == 2
    assert check("-", "--topic", "catalog", stdin=GIVEN).code == 2


def test_a_mistake_in_the_settings_is_told_before_anything_is_read() -> None:
    said = check("-", stdin=GIVEN, THRESHOLDS='{"CRAD": 0.5}')
    assert said.code == 78
    assert "privacy.thresholds.CRAD" in said.err


def test_it_goes_by_the_settings() -> None:
    rules = {
        "reviews.text": {"treatment": "tokenise", "kinds": ["EMAIL"]},
        "reviews.title": {"treatment": "drop"},
    }
    report = check("-", "--json", stdin=GIVEN, FIELDS=json.dumps(rules)).json
    text = report["fields"][0]
    assert (text["treatment"], text["original"]) == ("tokenise", "sealed")
    phone, mail = text["findings"]
    assert (phone["masked"], "rule" in phone["stays"]) == (None, True)
    assert mail["masked"].startswith("[EMAIL:tok_")
    assert (report["replaced"], report["kept"], report["dropped_fields"]) == ({"EMAIL": 1}, {"PHONE": 1}, 2)


def test_plain_lines_are_texts_of_the_topics_field() -> None:
    said = check("-", "--text", "--topic", "queries", stdin=f"{MAIL}\n\nnothing\n".encode())
    assert "line 1, text: mask, original dropped" in said.out
    assert "2 checked" in said.out
    articles = check("-", "--text", "--topic", "resolutions", stdin=MAIL.encode())
    assert "line 1, answer: mask, original sealed" in articles.out


def test_what_the_producer_sealed_is_counted_and_not_looked_into() -> None:
    text = SealedText(key="intake-1", enc=bytes(32), ciphertext=bytes(40)).document()
    report = check("-", "--json", stdin=reviews({"title": MAIL, "text": text})).json
    assert (report["sealed_fields"], report["replaced"]) == (1, {"EMAIL": 1})


def test_one_field_only() -> None:
    report = check("-", "--field", "title", "--json", stdin=GIVEN).json
    assert report["fields"] == []


def test_a_long_file_is_counted_to_its_end_and_printed_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "texts"
    file.write_text("".join(f"user{number}@example.org\n" for number in range(700)))
    report = check(file, "--text", "--limit", "3", "--json").json
    assert report["replaced"] == {"EMAIL": 700}
    assert (len(report["fields"]), report["fields_left_out"]) == (3, 697)
    assert [one["findings"][0]["masked"] for one in report["fields"]] == ["[EMAIL_1]"] * 3


def test_the_tagger_of_the_settings_is_asked_and_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes every word for a name or a city, with random weights."""
    for name, value in PLAIN_MODELS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHOPSTREAM_MODELS__TAGGER", f"path:{eager_tagger(tmp_path)}")
    said = check("-", "--text", "--explain", "--show-values", stdin=b"anna petrova of york!")
    assert said.code == 0
    assert "by tagger" in said.out
    assert not {"anna", "petrova", "york"} & set(said.out.split("leaves as:")[1].split("\n")[0].split())
    untouched = check("-", "--text", "--topic", "queries", "--json", stdin=b"anna petrova").json
    assert untouched["fields"] == []
    monkeypatch.setenv("SHOPSTREAM_MODELS__TAGGER", f"path:{tmp_path / 'nowhere'}")
    assert check("-", "--text", stdin=b"anna").code == 78
