import csv
import gzip
import json
from pathlib import Path

import pytest

from models import TrainingDataError
from models.training.review_data import Columns, read_reviews
from models.training.splits import Part, part_of
from models.training.tables import rows_of
from tests.models.review_files import rows, write_csv


@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r.tsv", "r.jsonl", "r.jsonl.gz"])
def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    table = [{"text": 'a "quoted", text\nof two lines', "stars": "5"}, {"text": "çà 好", "stars": ""}]
    path = tmp_path / name
    with (
        gzip.open(path, "wt", newline="", encoding="utf-8")
        if name.endswith("gz")
        else path.open("w", newline="", encoding="utf-8") as stream
    ):
        if "jsonl" in name:
            stream.writelines(json.dumps(row | {"stars": row["stars"] or None}) + "\n\n" for row in table)
        else:
            writer = csv.DictWriter(stream, ["text", "stars"], delimiter="\t" if name == "r.tsv" else ",")
            writer.writeheader()
            writer.writerows(table)
    assert list(rows_of(path)) == table


def test_reviews_fall_into_parts_by_their_text_alone(tmp_path: Path) -> None:
    made = rows(300)
    for row in made:
        row["Title"] = "A title"
    data = read_reviews(write_csv(tmp_path / "r.csv", made), Columns())
    for part, examples in data.parts.items():
        for example in examples:
            assert part_of(example.text.removeprefix("A title. ")) is part
    assert sum(len(examples) for examples in data.parts.values()) == 300


def test_no_text_is_in_two_parts_though_titles_differ(tmp_path: Path) -> None:
    made = [row | {"Title": title} for row in rows(300) for title in ("One", "Two")]
    data = read_reviews(write_csv(tmp_path / "r.csv", made), Columns(title=""))
    texts = [text for part in Part for text in data.texts(part)]
    assert len(texts) == len(set(texts)) == 300
    assert data.skipped == {"repeated text": 300}


def test_rows_without_text_or_whole_stars_are_counted_and_left_out(tmp_path: Path) -> None:
    odd = [
        {"Title": "", "Review Text": text, "Rating": stars}
        for text, stars in [
            ("", "5"),
            ("  ", "5"),
            ("a", ""),
            ("b", "0"),
            ("c", "6"),
            ("d", "3.5"),
            ("e", "five"),
            ("f", "nan"),
        ]
    ]
    data = read_reviews(write_csv(tmp_path / "r.csv", rows(300) + odd), Columns())
    assert data.skipped == {"no text": 2, "no whole stars from 1 to 5": 6}


def test_columns_can_be_named(tmp_path: Path) -> None:
    renamed = [
        {"corps": row["Review Text"], "note": row["Rating"] + ".0", "titre": "Oh"} for row in rows(300)
    ]
    path = write_csv(tmp_path / "r.csv", renamed)
    data = read_reviews(path, Columns(text="corps", stars="note", title="titre"))
    assert data.columns == {"text": "corps", "stars": "note", "title": "titre"}
    assert all(one.text.startswith("Oh. ") for one in data.parts[Part.TRAIN])
    with pytest.raises(TrainingDataError, match="--text-column"):
        read_reviews(path, Columns())
    with pytest.raises(TrainingDataError, match="there is no column 'nota' for --stars-column"):
        read_reviews(path, Columns(text="corps", stars="nota"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", b"", "no rows"),
        ("r.csv", b"\xff\xfe\x00bad", "UTF-8"),
        ("r.csv.gz", b"not gzip", "can't be read"),
        ("r.jsonl", b'{"text": "a"}\n{"text": \n', "line 2: not JSON"),
        ("r.jsonl", b"[1]\n", "line 1: not a JSON object"),
        ("r.xlsx", b"", "is not one of"),
        ("r.csv", b"text,stars\na,5\nb,1\n", "are needed"),
    ],
)
def test_a_file_that_can_not_be_used_is_said_to_be(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainingDataError, match=message):
        read_reviews(tmp_path / name, Columns())


def test_a_missing_file_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="there is no file"):
        read_reviews(tmp_path / "none.csv", Columns())
