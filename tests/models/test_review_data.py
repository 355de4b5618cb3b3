"""Files of reviews in all their forms, put together and split."""

import csv
import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from models import TrainingDataError
from models.training.aspect_labels import SHIPPED, read_aspect_labels, text_key
from models.training.review_data import review_data
from models.training.review_files import Columns, read_source
from models.training.sentiment_labels import sentiments
from models.training.splits import Part, part_of
from models.training.tables import rows_of
from tests.models.review_files import rows, write_csv


def write_lines(path: Path, lines: list[tuple[str, str]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{label}\t{text}\n" for label, text in lines)
    return path


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
    made = [row | {"Title": "A title"} for row in rows(300)]
    data = review_data([read_source(write_csv(tmp_path / "r.csv", made), Columns())], {})
    for part, examples in data.parts.items():
        for example in examples:
            assert example.review.text == f"A title. {example.review.body}"
            assert part_of(example.review.body) is part
    assert sum(len(examples) for examples in data.parts.values()) == 300


def test_no_text_is_in_two_parts_though_titles_and_files_differ(tmp_path: Path) -> None:
    made = [row | {"Title": title} for row in rows(300) for title in ("One", "Two")]
    (tmp_path / "more").mkdir()
    again = [row | {"Review Text": row["Review Text"].upper()} for row in rows(300)]
    sources = [
        read_source(write_csv(tmp_path / "r.csv", made), Columns(title="")),
        read_source(write_csv(tmp_path / "more" / "r.csv", again), Columns()),
    ]
    data = review_data(sources, {})
    texts = [text.casefold() for part in Part for text in data.texts(part)]
    assert len(texts) == len(set(texts)) == 300
    assert data.skipped == {"repeated text": 600}
    assert [one.name for one in data.sources] == ["r.csv (1)", "r.csv (2)"]


def test_rows_without_text_or_whole_stars_are_counted_and_left_out(tmp_path: Path) -> None:
    odd = [
        ("", "5"),
        ("  ", "5"),
        ("a", ""),
        ("b", "0"),
        ("c", "6"),
        ("d", "3.5"),
        ("e", "five"),
        ("f", "nan"),
    ]
    made = rows(3) + [{"Title": "", "Review Text": text, "Rating": stars} for text, stars in odd]
    source = read_source(write_csv(tmp_path / "r.csv", made), Columns())
    assert source.skipped == {"no text": 2, "no whole stars from 1 to 5": 6}
    assert [one.stars for one in source.reviews] == [1, 3, 5]


def test_columns_are_found_by_name_or_named(tmp_path: Path) -> None:
    found = [
        {"REVIEW_BODY": row["Review Text"], "star_rating": row["Rating"], "helpful_votes": "3"}
        for row in rows(3)
    ]
    source = read_source(write_csv(tmp_path / "f.csv", found), Columns())
    assert source.columns == {"text": "REVIEW_BODY", "stars": "star_rating", "helpful": "helpful_votes"}
    assert [one.votes for one in source.reviews] == [3, 3, 3]
    renamed = [{"corps": row["Review Text"], "note": row["Rating"] + ".0", "titre": "Oh"} for row in rows(3)]
    path = write_csv(tmp_path / "r.csv", renamed)
    source = read_source(path, Columns(text="corps", stars="note", title="titre"))
    assert source.columns == {"text": "corps", "stars": "note", "title": "titre"}
    assert all(one.text.startswith("Oh. ") for one in source.reviews)
    with pytest.raises(TrainingDataError, match="--text-column"):
        read_source(path, Columns())
    with pytest.raises(TrainingDataError, match="there is no column 'nota' for --stars-column"):
        read_source(path, Columns(text="corps", stars="nota"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("pos", "neg"), [2, 0]),
        (("Positive", "NEGATIVE", "neutral"), [2, 0, 1]),
        (("1", "0"), [2, 0]),
        (("1", "0", "-1"), [2, 1, 0]),
        (("+1", "-1"), [2, 0]),
        (("0", "1", "2"), [0, 1, 2]),
        (("__label__1", "__label__2"), [0, 2]),
        (("好评", "差评", "中评"), [2, 0, 1]),
        (("5", "1", "3"), [2, 0, 1]),  # stars
    ],
)
def test_labels_before_a_tab_are_understood(
    tmp_path: Path, values: tuple[str, ...], expected: list[int]
) -> None:
    lines = [
        (value, f'"text {number}, with\r a tab\t and one quotation mark')
        for number, value in enumerate(values)
    ]
    source = read_source(write_lines(tmp_path / "r.tsv.gz", lines), Columns())
    assert [one.label for one in source.reviews] == expected
    assert source.reviews[0].body == '"text 0, with\r a tab\t and one quotation mark'
    assert all((one.stars is not None) is ("5" in values) for one in source.reviews)


def test_a_line_with_an_unknown_label_is_counted(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.tsv.gz", [("pos", "a"), ("neg", "b"), ("?", "c"), ("neg", " ")])
    source = read_source(path, Columns())
    assert (len(source.reviews), source.skipped) == (2, {"no known sentiment": 1, "no text": 1})


def test_one_odd_value_does_not_change_what_the_others_mean() -> None:
    assert sentiments(["0", "1"] * 1_000 + ["2"]) == {"0": 0, "1": 2}


def test_a_tsv_with_names_of_columns_is_a_table(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.tsv.gz", [("label", "text"), ("neg", "a"), ("pos", "b")])
    assert [one.label for one in read_source(path, Columns()).reviews] == [0, 2]


def test_aspects_are_found_by_the_digest_of_the_body(tmp_path: Path) -> None:
    made = rows(300)
    key = hashlib.sha256(made[0]["Review Text"].encode()).hexdigest()
    assert text_key(f" {made[0]['Review Text']}\n") == key
    labels = tmp_path / "own.jsonl"
    labels.write_text(json.dumps({"sha256": key, "aspects": {"fit": "mixed"}}) + "\n")
    data = review_data(
        [read_source(write_csv(tmp_path / "r.csv", made), Columns())], read_aspect_labels([labels])
    )
    found = [one for part in Part for one in data.parts[part] if one.aspects is not None]
    assert [(one.review.body, one.aspects) for one in found] == [(made[0]["Review Text"], {"fit": 2})]
    labels.write_text('{"sha256": "x", "aspects": {"fit": "superb"}}\n')
    with pytest.raises(TrainingDataError, match="line 1: not"):
        read_aspect_labels([labels])


def test_the_shipped_labels_can_be_read() -> None:
    assert len(read_aspect_labels(SHIPPED)) == 850


def test_what_is_not_known_is_not_a_number(tmp_path: Path) -> None:
    lines = [("neg", f"bad {number}") for number in range(100)] + [
        ("pos", f"good {number}") for number in range(100)
    ]
    sources = [
        read_source(write_csv(tmp_path / "r.csv", rows(300)), Columns()),
        read_source(write_lines(tmp_path / "l.tsv.gz", lines), Columns()),
    ]
    data = review_data(sources, {})
    stars, of_source = data.stars(Part.TRAIN), data.of_sources(Part.TRAIN)
    assert not np.isnan(stars[of_source == 0]).any()
    assert np.isnan(stars[of_source == 1]).all()
    assert np.isnan(data.votes(Part.TRAIN)).all()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", b"", "no rows"),
        ("r.csv", b"\xff\xfe\x00bad", "UTF-8"),
        ("r.csv.gz", b"not gzip", "can't be read"),
        ("r.tsv.gz", b"not gzip", "can't be read"),
        ("r.jsonl", b'{"text": "a"}\n{"text": \n', "line 2: not JSON"),
        ("r.jsonl", b"[1]\n", "line 1: not a JSON object"),
        ("r.xlsx", b"", "is not one of"),
        ("r.csv", b"text,stars\na,5\nb,1\n", "are needed"),
        ("r.csv", b"text,stars\na,5\nb,5\n", "all reviews are positive"),
    ],
)
def test_a_file_that_can_not_be_used_is_said_to_be(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainingDataError, match=message):
        review_data([read_source(tmp_path / name, Columns())], {})


def test_a_missing_file_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="there is no file"):
        read_source(tmp_path / "none.csv", Columns())
