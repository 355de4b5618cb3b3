"""The four commands of docs/models.md as they are written there: from a shop's own table to workers with its model."""

import json
import os
import random
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.sources import identify
from streams.contracts.examples import example_document
from tests.models.review_files import write_csv
from tests.models.tiny_folders import tiny_folder
from tests.models.tiny_reviews import tiny_reviews

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
THINGS = ("boots", "jacket", "tent", "lamp", "bottle", "backpack", "stove", "gloves")
SENTENCES = {
    1: (
        "The {} broke after a week.",
        "I sent the {} back, it is useless.",
        "Never buy this {}, bad and ugly.",
    ),
    3: ("The {} is okay, no more.", "An average {} for the price.", "The {} is fine, but not special."),
    5: ("I love this {}!", "The {} is perfect, great quality.", "Best {} I ever had, beautiful and warm."),
}


def table(path: Path) -> None:
    """240 reviews with stars, in made-up sentences."""
    chance = random.Random(4)
    rows = []
    for number in range(240):
        stars = (1, 3, 5)[number % 3]
        said = " ".join(chance.choice(SENTENCES[stars]).format(chance.choice(THINGS)) for _ in range(3))
        rows.append({"title": f"Order {number}", "text": said, "stars": str(stars)})
    write_csv(path, rows)


def commands() -> list[list[str]]:
    """The commands of the page's first block."""
    _, _, rest = PAGE.read_text().partition("## Four commands")
    block = re.search(r"```console\n(.*?)```", rest, re.DOTALL)
    assert block
    lines = [line.partition("#")[0] for line in block[1].splitlines()]
    return [shlex.split(line.removeprefix("$ shopstream ")) for line in lines]


class Shop:
    """A folder with the table, and the commands run in it."""

    def __init__(self, folder: Path) -> None:
        base = tiny_folder(folder, "embed")
        self.folder = folder
        self.base = f"path:{base}"
        # What the workers have before: tiny models, so that it doesn't take minutes.
        self._environment = os.environ | {
            # Each command is a process that imports torch and transformers.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "SHOPSTREAM_DATA_DIR": str(folder / "data"),
            "SHOPSTREAM_CONFIG": "",
            "SHOPSTREAM_KAFKA__PARTITIONS": "1",
            "SHOPSTREAM_WEB__PORT": "0",
            "SHOPSTREAM_MODELS__REVIEWS": f"path:{tiny_reviews(folder, 'negative', base)}",
            "SHOPSTREAM_MODELS__RETRIEVAL_ENCODER": self.base,
            "SHOPSTREAM_MODELS__TAGGER": "",
            "SHOPSTREAM_MODELS__BACKEND": "torch",
            "SHOPSTREAM_MODELS__PRECISION": "float32",
        }

    def run(self, *arguments: str, may_fail: bool = False) -> str:
        done = subprocess.run(
            self._line(arguments),
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert may_fail or not done.returncode, done.stderr
        return "" if done.returncode else done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        with (
            (self.folder / "log").open("w") as log,
            subprocess.Popen(
                self._line(arguments), cwd=self.folder, env=self._environment, stdout=log, stderr=log
            ) as process,
        ):
            try:
                yield
            finally:
                process.terminate()

    def _line(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-c", "from streams.cli import main; main()", *arguments]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    table(tmp_path / "my-reviews.csv")
    return Shop(tmp_path)


def answered(shop: Shop) -> dict[str, Any]:
    """The insight of a review that is sent now."""
    review = {**example_document("reviews"), "text": "I love this tent! Perfect."}
    (shop.folder / "review.jsonl").write_text(json.dumps(review))
    shop.run("produce", "--topic", "reviews", "review.jsonl", "--wait")
    found: dict[str, Any] = json.loads(
        shop.run("tail", "review-insights", "--from-beginning", "--max", "1", "--json")
    )
    return found


def test_from_a_table_to_workers_with_its_model(shop: Shop) -> None:
    train, evaluate, worker, release = commands()
    shop.run(*train, "--base", shop.base, "--epochs", "2", "--learning-rate", "0.01", "--threads", "1")
    card = (shop.folder / "my-reviews" / "CARD.md").read_text()
    assert "240" in card
    measured = json.loads(shop.run(*evaluate, "--json"))
    assert measured["model"]["id"] == measured["data"]["name"].removesuffix(".csv") == "my-reviews"
    with shop.running(*worker):
        deadline = time.monotonic() + 240
        while not (released := shop.run(*release, may_fail=True)):
            assert time.monotonic() < deadline, (shop.folder / "log").read_text()[-3_000:]
            time.sleep(1)
        assert "serves in" in released or "those that start" in released
        insight = answered(shop)
    mine = identify(f"path:{shop.folder / 'my-reviews'}")
    assert [(one["id"], one["digest"]) for one in insight["value"]["model"]] == [
        ("my-reviews", f"sha256:{mine.digest}")
    ]
