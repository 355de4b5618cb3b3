"""`shopstream train reviews` on a small encoder; the shipped model on plain sentences."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from models.engine.encoder import Encoder
from models.heads import read_heads
from models.reviews import ReviewReader
from models.sources import HEADS_FILE, TERMS_FILE, resolve
from models.terms import read_terms
from models.training.checkpoint import CHECKPOINT_FILE
from models.training.metrics import measure
from streams.cli.train import train
from tests.models.plain import PLAIN
from tests.models.review_files import rows, write_csv
from tests.models.tiny_folders import tiny_folder

QUICK = ("--method", "full", "--learning-rate", "2e-3", "--epochs", "6", "--patience", "6", "--threads", "1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", rows(360))


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return f"path:{tiny_folder(tmp_path, 'embed')}"


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(train, ["reviews", *map(str, arguments)])


@pytest.mark.slow
async def test_a_trained_model_is_a_folder_that_reads_reviews(file: Path, base: str, tmp_path: Path) -> None:
    done = run("--data", file, "--base", base, "--out", "mine", "--json", *QUICK)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    sentiment = report["test"]["sentiment"]["all"]
    assert sentiment["this model"]["accuracy"] > 0.9 > sentiment["commonest class"]["accuracy"]
    stars = report["test"]["stars"]
    assert stars["this model"] < stars["mean of the training part"]
    source = resolve(f"path:{tmp_path / 'mine'}")
    assert report["model"]["digest"] == source.digest
    assert str(file) not in (tmp_path / "mine" / "CARD.md").read_text()
    assert (tmp_path / "mine" / "curves.png").read_bytes()[:4] == b"\x89PNG"
    with Encoder.load(source, threads=1, **PLAIN) as encoder:
        reader = ReviewReader(
            encoder, read_heads(source.folder / HEADS_FILE), read_terms(source.folder / TERMS_FILE)
        )
        good, bad = await reader.read(["love beautiful perfect gorgeous", "awful broke refund ugly cheap"])
    assert (good.label, bad.label) == ("positive", "negative")
    assert good.stars is not None
    assert bad.stars is not None
    assert good.stars > bad.stars + 1
    assert (
        run("--data", file, "--base", base, "--out", "mine", *QUICK).exit_code != 0
    )  # it is not overwritten


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_training_that_is_killed_ends_as_if_it_had_not_been(file: Path, base: str, tmp_path: Path) -> None:
    """SIGKILL to the real command, with a checkpoint after each step so that there is one to go on from."""
    program = (
        "import models.training.checkpoint as kept\n"
        "kept.Checkpoints.due = property(lambda self: True)\n"
        "from streams.cli import main\n"
        "main()\n"
    )
    slower = [one if one != "6" else "12" for one in QUICK]
    command = [
        sys.executable,
        "-c",
        program,
        "train",
        "reviews",
        "--data",
        str(file),
        "--base",
        base,
        *slower,
    ]
    killed = subprocess.Popen([*command, "--out", "killed"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (tmp_path / "killed" / CHECKPOINT_FILE).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    for out in ("killed", "whole"):
        subprocess.run([*command, "--out", out], cwd=tmp_path, check=True, capture_output=True, timeout=240)
    reports = [json.loads((tmp_path / out / "report.json").read_text()) for out in ("killed", "whole")]
    assert reports[0]["test"] == reports[1]["test"]
    for weights in ("delta.safetensors", HEADS_FILE):
        assert (tmp_path / "killed" / weights).read_bytes() == (tmp_path / "whole" / weights).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--data", "none.csv", "--out", "x"], 1, "none.csv"),
        (["--data", "reviews.csv", "--out", "x", "--text-column", "nope"], 1, "--text-column"),
        (["--data", "reviews.csv", "--out", "x", "--base", "package:nope"], 1, "pip install nope"),
        (["--out", "x"], 2, "--data"),
        (["--data", "reviews.csv", "--out", "x", "--seed", "-1"], 2, "--seed"),
    ],
)
@pytest.mark.usefixtures("file", "base")
def test_failures_say_what_to_do(arguments: list[str], code: int, said: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, said in done.output) == (code, True), done.output


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_models")
async def test_the_shipped_model_reads_plain_reviews_as_they_are_meant() -> None:
    """A few plain sentences of each class, written for this test: most must be read as meant."""
    meant = [
        (0, "Returned it. The fabric is thin and scratchy, and a seam ripped on the first day."),
        (0, "So disappointed, it looks nothing like the photo and it is huge on me."),
        (0, "Poor quality, would not recommend to anyone."),
        (0, "质量太差了，用了两天就坏了，客服也不理人。"),
        (1, "It's okay. Pretty color but the fit is odd, so I'm on the fence about keeping it."),
        (2, "Perfect fit and so soft, I bought it in two colors!"),
        (2, "Gorgeous dress, I wore it to a wedding and felt wonderful."),
        (2, "Comfortable jeans, true to size, great with boots."),
        (2, "非常满意，物流很快，质量也很好，下次还会再来。"),
    ]
    source = resolve("shipped:reviews")
    with Encoder.load(source, threads=1) as encoder:
        reader = ReviewReader(
            encoder, read_heads(source.folder / HEADS_FILE), read_terms(source.folder / TERMS_FILE)
        )
        readings = await reader.read([text for _, text in meant])
    said = np.array([int(np.argmax(reading.probabilities)) for reading in readings])
    truth = np.array([label for label, _ in meant])
    assert measure(truth, said, ("negative", "neutral", "positive")).accuracy >= 8 / 9
