"""The commands with texts that are sealed before they are sent."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy.hpke import PublicKey
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.cli.test_produce import sent

File = Callable[..., Path]
WORDS = "write to anna@secret.example"


@pytest.fixture
def public_key(settings: Settings, shopstream: Shell, tmp_path: Path) -> Path:
    """As `keys public` writes it."""
    KeyFile(settings.kek_file).create(KeyMaterial.generate())
    path = tmp_path / "shop.json"
    assert shopstream("keys", "public", "--out", path).code == 0
    return path


def test_produced_with_a_public_key_no_word_is_in_kafka(
    shopstream: Shell, settings: Settings, reviews: File, public_key: Path
) -> None:
    file = reviews(
        {"id": "r-1", "text": WORDS, "title": WORDS, "note": WORDS},
        {"id": "r-2", "text": WORDS, "rating": "bad"},
        {"id": "r-3", "text": WORDS * 800},
    )
    said = shopstream("produce", "--topic", "reviews", file, "--seal-with", public_key, "--json")
    assert said.code == 1, said
    assert said.json["sent"] == 1
    assert said.json["reasons"] == {"too_long": 1, "wrong_type": 1}
    (record,) = sent(settings)
    assert b"secret" not in record.value
    event = json.loads(record.value)
    assert (event["id"], "note" in event, record.key) == ("r-1", False, b"user-42")
    assert {*event["text"], *event["title"]} == {"sealed"}
    said = shopstream("tail", "reviews", "--plaintext", "--until-caught-up", "--json")
    assert [(line["value"]["text"], line["value"]["title"]) for line in said.lines] == [("***", "***")]
    assert event["text"]["sealed"]["ciphertext"] not in said.out
    said = shopstream("validate", "--topic", "reviews", "-", stdin=record.value)
    assert said.out == "1 good, 0 bad\n2 texts are sealed: their length can't be checked here\n"
    said = shopstream("validate", "--topic", "reviews", "-", "--json", stdin=record.value)
    assert said.json["sealed_texts"] == 2


def test_lines_that_could_not_be_sealed_are_not_sent_on_request_either(
    shopstream: Shell, settings: Settings, reviews: File, public_key: Path
) -> None:
    said = shopstream(
        "produce", "--topic", "reviews", reviews({"id": "r-1"}), "--seal-with", public_key, "--no-validate"
    )
    assert said.code == 2
    assert "--no-validate" in said.err
    assert sent(settings) == []


def test_a_file_that_is_no_public_key_sends_nothing(
    shopstream: Shell, settings: Settings, reviews: File, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    said = shopstream("produce", "--topic", "reviews", reviews({"id": "r-1"}), "--seal-with", wrong)
    assert said.code == 78
    assert "keys public" in said.err
    assert sent(settings) == []


def test_the_public_key_is_printed_and_changes_with_a_rotation(
    shopstream: Shell, settings: Settings, public_key: Path
) -> None:
    material = KeyFile(settings.kek_file).load()
    printed = shopstream("keys", "public")
    assert printed.out == public_key.read_text()
    assert printed.json["key"] == material.intake[-1].id
    assert printed.json["tenant"] == settings.privacy.tenant
    rotated = shopstream("keys", "rotate", "--intake")
    assert rotated.code == 0, rotated
    after = KeyFile(settings.kek_file).load()
    assert after.intake[:-1] == material.intake
    assert after.current == material.current
    assert shopstream("keys", "public").json["key"] == after.intake[-1].id in rotated.out


def test_an_intake_key_is_made_where_there_is_none(
    shopstream: Shell, settings: Settings, tmp_path: Path
) -> None:
    said = shopstream("keys", "public")
    assert said.code == 78
    assert "keys init" in said.err
    made = KeyMaterial.generate()
    KeyFile(settings.kek_file).create(KeyMaterial(made.keks, made.current, made.token_key))
    said = shopstream("keys", "public")
    assert said.code == 0, said
    (key,) = KeyFile(settings.kek_file).load().intake
    assert PublicKey.from_json(said.out.encode(), "it").id == key.id
