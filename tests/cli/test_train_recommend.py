"""`shopstream train recommend`, then what it wrote in `evaluate recommend` and in a worker's models."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from models.errors import HeadMismatch
from models.sources.model_folder import read_model_folder
from streams.cli import main
from streams.settings import ModelSettings
from streams.worker_models import Models
from tests.models.plain import PLAIN, PLAIN_MODELS
from tests.models.tiny_folders import tiny_folder
from tests.models.tiny_reviews import tiny_reviews

THINGS = ("apron", "kettle", "lamp", "chair", "towel", "mirror")
COLOURS = ("red", "blue", "green", "black", "white")
USERS = 60


@contextmanager
def loaded(root: Path, encoder: str, projection: Path) -> Iterator[Models]:
    """A worker's models with a projection."""
    settings = ModelSettings(
        reviews=f"path:{tiny_reviews(root)}",
        retrieval_encoder=encoder,
        recommend=f"path:{projection}",
        tagger="",
        threads=1,
        **PLAIN,
    )
    models = Models.load(settings, lambda _: None)
    try:
        yield models
    finally:
        models.engine.close()


def another_encoder(root: Path) -> str:
    """A tiny encoder with other weights."""
    from safetensors.numpy import load_file, save_file

    file = tiny_folder(root, "embed") / "model.safetensors"
    weights = load_file(file)
    weights["embeddings.word_embeddings.weight"] *= 2
    save_file(weights, file, {"format": "pt"})
    return f"path:{file.parent}"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env=PLAIN_MODELS)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Interactions of users who take one thing in its colours, and a catalogue."""
    catalog, data = tmp_path / "catalog.csv", tmp_path / "taken.csv"
    rows = [f"{colour}-{thing},{colour} {thing}" for thing in THINGS for colour in COLOURS]
    catalog.write_text("\n".join(["sku,name", *rows]) + "\n")
    chance = np.random.default_rng(1)
    lines = ["customer_id,sku,date"]
    for user in range(USERS):
        for day, colour in enumerate(chance.permutation(COLOURS)[:4]):
            lines.append(f"c{user},{colour}-{THINGS[user % 6]},2024-01-0{day + 1}")
    data.write_text("\n".join([*lines, "c0,gone,2024-01-09"]) + "\n")
    return data, catalog


def folder_as_evaluated(root: Path) -> Path:
    """The folder of `evaluate recommend`."""
    root.mkdir()
    head = "user_id\titem_id_list\titem_id\n"
    (root / "train.inter").write_text(head + "".join(f"u{n}\t0 1\t2\n" for n in range(20)))
    (root / "valid.inter").write_text(head + "".join(f"u{n}\t0 1 2\t3\n" for n in range(20)))
    (root / "item2index").write_text("".join(f"I{n}\t{n}\n" for n in range(5)))
    texts = "".join(f"I{n}\t{colour} lamp\n" for n, colour in enumerate(COLOURS))
    (root / "text").write_text("item_id\ttext\n" + texts)
    return root


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_projection_is_trained_measured_andloaded(files: tuple[Path, Path], tmp_path: Path) -> None:
    data, catalog = files
    encoder, out = f"path:{tiny_folder(tmp_path, 'embed')}", tmp_path / "mine"
    arguments = [
        "train",
        "recommend",
        "--data",
        data,
        "--catalog",
        catalog,
        "--out",
        out,
        "--encoder",
        encoder,
    ]
    quick = ["--epochs", 2, "--rank", 4, "--batch-size", 32, "--learning-rate", 0.05, "--threads", 1]
    done = run(*arguments, *quick, "--data-licence", "made up", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["data"]["unknown_products"] == 1
    assert report["data"]["parts"]["test"]["users"] == report["test"]["users"] == USERS
    assert set(report["test"]["gains"]) == {"text_profile", "recommend"}
    card = (out / "CARD.md").read_text()
    for said in (
        "Licence of the data: made up",
        report["base"]["digest"],
        report["data"]["digest"],
        "popularity",
    ):
        assert said in card
    for name in ("settings.json", "report.json", "curves.csv", "projection.safetensors"):
        assert (out / name).is_file()
    assert read_model_folder(out).task == "recommend"
    assert read_model_folder(out).base.digest == report["base"]["digest"]

    measured = run(
        "evaluate", "recommend", "--data", folder_as_evaluated(tmp_path / "judged"),
        "--encoder", encoder, "--model", f"path:{out}", "--json",
    )  # fmt: skip
    assert measured.exit_code == 0, measured.output
    assert json.loads(measured.stdout)["projection"]["digest"] == report["model"]["digest"]
    shown = run(
        "evaluate", "recommend", "--data", tmp_path / "judged", "--encoder", encoder, "--model", f"path:{out}"
    )
    assert "Projection mine 1.0.0+" in shown.output

    with loaded(tmp_path, encoder, out) as models:
        assert models.projection is not None
        projection, identity = models.projection
        assert projection.width == models.retriever.width
        assert identity.digest == report["model"]["digest"]

    other = another_encoder(tmp_path / "another")
    with pytest.raises(HeadMismatch, match="train it anew"), loaded(tmp_path, other, out):
        pass
    refused = run(
        "evaluate", "recommend", "--data", tmp_path / "judged", "--encoder", other, "--model", f"path:{out}"
    )
    assert (refused.exit_code, "train it anew" in refused.output) == (1, True)


def test_a_missing_column_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    data, catalog = files
    data.write_text(data.read_text().replace("customer_id", "who"))
    arguments = ["train", "recommend", "--data", data, "--catalog", catalog, "--out", tmp_path / "mine"]
    done = run(*arguments)
    assert done.exit_code == 1, done.output
    assert "no column 'user_id'" in done.output
    assert "--user-column" in done.output
    assert not (tmp_path / "mine").exists()
    wrong = run(*arguments, "--user-column", "who", "--text-column", "label")
    assert (wrong.exit_code, "no column 'label' for --text-column" in wrong.output) == (1, True)
    without = run("train", "recommend", "--data", data, "--out", tmp_path / "mine")
    assert (without.exit_code, "--catalog" in without.output) == (1, True)


def test_no_text_and_a_projection_exclude_each_other(tmp_path: Path) -> None:
    done = run("evaluate", "recommend", "--data", tmp_path, "--no-text", "--model", "path:x")
    assert done.exit_code == 2
