"""`shopstream train … --from-topic`: from what customers wrote to a model, and nobody's data beside it."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from streams.contracts.topics import ERASURE_LEDGER
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import make_topics
from tests.models.tiny_folders import tiny_folder

PLANTED = ("zoe.quartermain@example.com", "Quartermain", "zoe")
WORDS = {
    1: "terrible awful broke returned disappointed cheap ugly refund",
    3: "okay average fine mixed decent ordinary acceptable usual",
    5: "love beautiful perfect great comfortable gorgeous flattering lovely",
}


def written(count: int) -> list[dict[str, object]]:
    chance = random.Random(5)
    made: list[dict[str, object]] = []
    for number in range(count):
        stars = (1, 3, 5)[number % 3]
        text = " ".join(chance.choices(WORDS[stars].split(), k=6))
        made.append(
            {
                "id": f"r-{number}",
                "user_id": f"u-{number}",
                "rating": stars,
                "title": "Zoe Quartermain says",
                "text": f"{text} {number}, write to {PLANTED[0]}",
            }
        )
    return made


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_model_is_trained_from_the_topic_and_no_personal_data_is_in_its_folder(
    shopstream: Shell, settings: Settings, reviews: Callable[..., Path], tmp_path: Path
) -> None:
    make_topics(settings, ERASURE_LEDGER)
    KeyFile(settings.kek_file).create(KeyMaterial.generate())
    assert shopstream("produce", "--topic", "reviews", reviews(*written(120), {"id": "r-x"})).code == 0
    out, base = tmp_path / "mine", tiny_folder(tmp_path, "embed")
    said = shopstream(
        "train", "reviews", "--from-topic", "reviews", "--since", "1d", "--out", out, "--base", f"path:{base}",
        "--epochs", 1, "--threads", 1, "--json",
    )  # fmt: skip
    assert said.code == 0, said
    source = said.json["data"]["sources"][0]
    assert (source["name"], source["rows"]) == ("topic reviews", 121)
    assert json.loads((out / "shopstream.json").read_text())["task"] == "reviews"
    held = {path.name: path.read_bytes().lower() for path in out.rglob("*") if path.is_file()}
    assert {"CARD.md", "report.json", "adapter.safetensors", "heads.safetensors"} <= set(held)
    leaks = [(name, word) for name, data in held.items() for word in PLANTED if word.lower().encode() in data]
    assert not leaks
    assert not any(word in said.err + said.out for word in PLANTED)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "one of them"),
        (["--data", "x.csv", "--from-topic", "reviews"], "one of them"),
        (["--data", "x.csv", "--since", "30d"], "goes with --from-topic"),
        (["--from-topic", "reviews", "--since", "yesterday"], "no span"),
        (["--from-topic", "reviews", "--since", "999999w"], "no span"),
    ],
)
def test_there_is_one_source(shopstream: Shell, options: list[str], complaint: str, tmp_path: Path) -> None:
    said = shopstream("train", "reviews", *options, "--out", tmp_path / "mine")
    assert (said.code, complaint in said.err) == (2, True)


def test_without_the_installations_keys_nothing_is_read(
    shopstream: Shell, reviews: Callable[..., Path], tmp_path: Path
) -> None:
    assert shopstream("produce", "--topic", "reviews", reviews({})).code == 0
    said = shopstream("train", "reviews", "--from-topic", "reviews", "--out", tmp_path / "mine")
    assert (said.code, "kek.json" in said.err) == (78, True)
    assert not (tmp_path / "mine").exists()
