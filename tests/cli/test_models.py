"""`shopstream models` on a tiny encoder that serves both settings; torch alone, so that nothing is converted."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.cli import main
from streams.cli.models import named_models
from streams.settings import ModelSettings
from tests.models.tiny_folders import tiny_folder

Call = Callable[..., "Answer"]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def models(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["models"]
        return found


@pytest.fixture
def call(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Call:
    source = f"path:{tiny_folder(tmp_path_factory.getbasetemp() / 'tiny', 'embed')}"
    environment = {
        "SHOPSTREAM_MODELS__REVIEWS": source,
        "SHOPSTREAM_MODELS__RETRIEVAL_ENCODER": source,
        "SHOPSTREAM_MODELS__TAGGER": "",
        "SHOPSTREAM_MODELS__BACKEND": "torch",
        "SHOPSTREAM_MODELS__PRECISION": "float32",
        "XDG_CACHE_HOME": str(tmp_path),
    }

    def run(*arguments: str, **more: str) -> Answer:
        result = CliRunner().invoke(main, ["models", *arguments], env={**environment, **more})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


def test_a_source_that_two_settings_name_is_one_model() -> None:
    default = ModelSettings()
    assert [one.name for one in named_models(default)] == ["reviews", "retrieval", "tagger"]
    both = default.model_copy(update={"retrieval_encoder": default.reviews, "tagger": ""})
    assert [one.source for one in named_models(both)] == [default.reviews]


def test_list_says_what_runs_each_model_and_why(call: Call) -> None:
    said = call("list", "--json")
    assert said.code == 0
    (row,) = said.models
    assert (row["backend"], row["device"], row["precision"]) == ("torch", "cpu", "float32")
    assert row["prepared"]
    assert len(row["digest"]) == 64
    people = call("list")
    assert "runs on torch cpu float32" in people.out
    assert row["digest"][:10] in people.out


def test_list_tells_what_is_not_measured_yet(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.engine.choosing.choice.kept_choice", lambda *_: None)
    said = call("list")
    assert said.code == 3
    assert "run: shopstream models prepare" in said.out


def test_weights_that_are_not_there_are_an_error_of_the_settings(call: Call) -> None:
    for command in ("list", "prepare", "bench"):
        said = call(command, SHOPSTREAM_MODELS__REVIEWS="path:/nowhere")
        assert said.code == 78
        assert said.err.rstrip().splitlines()[-1].startswith("Error: there is no folder /nowhere")


def test_a_precision_that_can_t_be_had_here_is_told(call: Call) -> None:
    said = call("list", SHOPSTREAM_MODELS__PRECISION="int8")
    assert said.code == 78
    assert "torch has no int8" in said.err


def test_bench_refuses_a_model_that_is_not_there(call: Call) -> None:
    said = call("bench", "--model", "rerank")
    assert said.code == 2
    assert "shopstream models list" in said.err


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_prepare_and_bench_run_the_model(call: Call) -> None:
    prepared = call("prepare", "--json")
    assert prepared.code == 0
    assert [row["runs_on"] for row in prepared.models] == ["torch cpu float32"]
    benched = call("bench", "--json")
    assert benched.code == 0
    (row,) = benched.models
    assert row["chosen"] == "torch cpu float32"
    (trial,) = row["trials"]
    assert trial["tokens_per_second"] > 0
    assert trial["cost"]["per_token"] >= 0


def test_prune_removes_what_was_not_loaded_for_long(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "shopstream" / "models" / "reviews-0123-m1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"files": {}}')
    os.utime(folder, (0, 0))
    said = call("prune", "--dry-run")
    assert "reviews-0123-m1: 0 MB, last used 1970-01-01 00:00 UTC" in said.out
    assert "would be freed" in said.out
    assert folder.is_dir()
    assert json.loads(call("prune", "--unused-for", "999999w", "--json").out)["folders"] == []
    answer = json.loads(call("prune", "--json").out)
    assert answer["removed"]
    assert [one["name"] for one in answer["folders"]] == ["reviews-0123-m1"]
    assert not folder.exists()
    assert call("prune").out == "0 MB freed\n"


def test_prune_refuses_what_is_no_span(call: Call) -> None:
    said = call("prune", "--unused-for", "soon")
    assert said.code == 2
    assert "not a span such as 30d" in said.err
