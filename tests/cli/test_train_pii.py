"""`shopstream train pii` on files of every kind that it reads, then what it wrote in `evaluate pii`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.sources.model_folder import read_model_folder
from models.training.pii_sources import part_of_template
from models.training.splits import Part
from streams.cli import main
from tests.models.plain import PLAIN_MODELS
from tests.models.tiny_folders import tiny_folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env=PLAIN_MODELS)


def entry(number: int) -> dict[str, object]:
    name = ("Ann Lee", "Bo Chang", "Noor Haddad")[number % 3]
    text = f"Note {number}: this is {name} calling."
    start = text.index(name)
    span = {"start_position": start, "end_position": start + len(name), "entity_type": "PERSON"}
    return {
        "template_id": number,
        "full_text": text,
        "masked": f"Note {number}: this is {{{{name}}}} calling.",
        "spans": [span],
    }


def written(root: Path) -> list[object]:
    """Small files, and the options that name them."""
    (root / "made.json").write_text(json.dumps([entry(number) for number in range(30)]))
    (root / "lines.txt").write_text("Please ring {{name}} back before noon\n")
    (root / "news.conll").write_text("Ada\tB-PER\nLee\tI-PER\nspoke\tO\n.\tO\n")
    (root / "clean.csv").write_text(
        "text\n" + "".join(f"the colour of item {n} is fine\n" for n in range(80))
    )
    data = [option for name in ("made.json", "lines.txt", "news.conll") for option in ("--data", root / name)]
    return [*data, "--clean", f"{root / 'clean.csv'}:text"]


@pytest.mark.timeout(400)
def test_a_tagger_is_trained_measured_as_it_runs_and_used(tmp_path: Path) -> None:
    base = f"path:{tiny_folder(tmp_path / 'base', 'embed')}"
    options = [
        *("--base", base, "--layers", 1, "--epochs", 2, "--epoch-size", 64, "--device", "cpu"),
        *("--data-licence", "ours", "--name", "names", "--out", tmp_path / "out", "--json"),
    ]
    done = run("train", "pii", *written(tmp_path), *options)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    parts = [part_of_template(number) for number in range(30)]
    assert report["read"]["templates"] == parts.count(Part.TRAIN) + 1
    assert report["read"]["sentences"] == 1
    assert report["training"]["calibrated on"] == "torch cpu float32"
    assert set(report["validation"]["by characters"]) == {"templates", "own sentences"}
    assert report["validation"]["false spans in 200"]["clean.csv"] <= 1
    card = (tmp_path / "out" / "CARD.md").read_text()
    assert "chosen on validation in float32" in card
    assert "ours" in card
    assert read_model_folder(tmp_path / "out").id == "names"

    found = run(
        "evaluate", "pii", "--data", tmp_path / "made.json", "--no-peer", "--json",
        "--tagger", f"path:{tmp_path / 'out'}",
    )  # fmt: skip
    assert found.exit_code == 0, found.output


def test_what_it_cannot_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "news.conll").write_text("Ada B-PER\nspoke\n")
    done = run("train", "pii", "--data", tmp_path / "news.conll", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "line 2: not a word and a label such as B-PER" in done.output
    assert "Ada" not in done.output
