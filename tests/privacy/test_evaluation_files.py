"""What is read for an evaluation: annotated texts, labels, clean texts."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from privacy.detect import Span
from privacy.evaluation.annotated import Annotation
from privacy.evaluation.clean import false_alarms, read_clean
from privacy.evaluation.dataset import Part, read_annotated
from privacy.evaluation.errors import EvaluationDataError
from privacy.evaluation.labels import LabelMap
from privacy.evaluation.turns import System

SECRET = "me@example.com"
GOOD = {
    "full_text": f"😀 {SECRET}",
    "spans": [
        {"entity_type": "EMAIL_ADDRESS", "entity_value": SECRET, "start_position": 2, "end_position": 16}
    ],
    "template_id": 1,
}


def written(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def changed(**span: Any) -> dict[str, Any]:
    return GOOD | {"spans": [GOOD["spans"][0] | span]}  # type: ignore[index]


def test_positions_count_code_points(tmp_path: Path) -> None:
    path = tmp_path / "data.json.gz"
    path.write_bytes(gzip.compress(json.dumps([GOOD]).encode()))
    (one,) = read_annotated(path)
    assert one.annotations == (Annotation(2, 16, "EMAIL_ADDRESS"),)
    assert SECRET not in repr(one)


def test_the_parts_are_disjoint_and_complete(tmp_path: Path) -> None:
    path = written(tmp_path / "data.json", [{"full_text": f"text {n}", "spans": []} for n in range(100)])
    parts = {part: {one.text for one in read_annotated(path, part)} for part in Part}
    assert parts[Part.DEVELOPMENT] | parts[Part.HELD_OUT] == parts[Part.ALL]
    assert not parts[Part.DEVELOPMENT] & parts[Part.HELD_OUT]
    assert 5 < len(parts[Part.HELD_OUT]) < 25
    assert parts[Part.HELD_OUT_TEMPLATES] == parts[Part.HELD_OUT]  # none was made from a template


def test_a_template_is_held_out_with_all_its_texts(tmp_path: Path) -> None:
    entries = [{"full_text": f"text {n}", "spans": [], "template_id": n % 20} for n in range(100)]
    path = written(tmp_path / "data.json", entries)
    texts = [int(one.text.split()[1]) for one in read_annotated(path, Part.HELD_OUT_TEMPLATES)]
    templates = {number % 20 for number in texts}
    assert sorted(texts) == [number for number in range(100) if number % 20 in templates]
    assert 2 < len(templates) < 14


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"full_text": SECRET}, "must be a JSON array"),
        ([], "has no texts"),
        ([GOOD, "text"], "entry 2: not an object"),
        ([GOOD | {"spans": None}], "entry 1: not an object with a text"),
        ([changed(end_position=99)], "entry 1, span 1: start_position and end_position"),
        ([changed(start_position=True)], "entry 1, span 1: start_position and end_position"),
        ([changed(start_position=3)], "is not entity_value"),
        ([changed(entity_type="")], "entity_type must be a text"),
    ],
)
def test_damaged_data_is_located_without_its_text(tmp_path: Path, value: object, says: str) -> None:
    with pytest.raises(EvaluationDataError, match=says) as raised:
        read_annotated(written(tmp_path / "data.json", value))
    assert SECRET not in str(raised.value)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    damaged = tmp_path / "data.json.gz"
    damaged.write_bytes(gzip.compress(b"[]" * 100)[:-10])
    for path in (tmp_path / "none.json", damaged):
        with pytest.raises(EvaluationDataError, match=path.name):
            read_annotated(path)


def test_labels_of_other_sets_are_mapped_and_unknown_ones_keep_their_name(tmp_path: Path) -> None:
    labels = LabelMap.read(written(tmp_path / "map.json", {"telefono": "phone", "PER": "AGENT"}))
    assert [labels.kind(name) for name in ("Telefono", "per", "us_ssn", "Shoe")] == [
        *("PHONE", "AGENT", "NATIONAL_ID", "SHOE"),
    ]
    with pytest.raises(EvaluationDataError, match="one JSON object"):
        LabelMap.read(written(tmp_path / "bad.json", {"a": 1}))


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("clean.csv", 'id,note\n1,"one, two"\n2,\n3,three\n', "note"),
        ("clean.tsv", "id\tnote\n1\tone, two\n3\tthree\n", "note"),
        ("clean.jsonl", '{"note": "one, two"}\n\n{"id": 2}\n{"note": "three"}\n', "note"),
        ("clean.txt", "one, two\n\nthree\n", None),
    ],
)
def test_clean_texts_are_read_from_tables_and_lines(
    tmp_path: Path, name: str, content: str, field: str | None
) -> None:
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(content.encode()))
    assert read_clean(path, field) == ["one, two", "three"]


@pytest.mark.parametrize(
    ("name", "content", "field", "says"),
    [
        ("clean.csv", "id,note\n", "text", "no column 'text'; it has id, note"),
        ("clean.csv", "id,note\n1,a\n", None, "--field"),
        ("clean.jsonl", "{}\nx\n", "note", "line 2: not JSON"),
        ("clean.jsonl", '{"note": 1}\n', "note", "line 1: 'note' is not a text"),
        ("clean.txt", " \n", None, "has no texts"),
        ("clean.pdf", "x", None, "is not one of .csv"),
    ],
)
def test_clean_files_that_will_not_do_are_refused(
    tmp_path: Path, name: str, content: str, field: str | None, says: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(EvaluationDataError, match=says):
        read_clean(path, field)


def test_false_alarms_are_counted_per_two_hundred_texts_and_shown_in_context() -> None:
    span = Span(4, 7, "PHONE", 0.5, "phone")
    found = {"size 123 red": [span, Span(9, 12, "BIC", 0.6, "bic")], "blue": []}
    report = false_alarms(
        ["blue", "size 123 red"], System("x", lambda texts: [found[t] for t in texts], frozenset(), "")
    )
    assert (report.texts, report.per_200, report.kinds) == (2, 200, {"PHONE": 1, "BIC": 1})
    first = report.alarms[0]
    assert (first.text, first.before, first.value, first.after) == (2, "size", " 12", "3 red")
