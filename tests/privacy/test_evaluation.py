"""Scoring: figures that were computed by hand."""

from collections.abc import Sequence

import pytest

from privacy.detect import Span
from privacy.evaluation import turns as turns_module
from privacy.evaluation.alignment import ANY, Count, Entity, align
from privacy.evaluation.annotated import AnnotatedText, Annotation
from privacy.evaluation.labels import LabelMap
from privacy.evaluation.report import ANY_KIND, BOTH, LABELLED, PATTERNS, TAGGER, evaluate_detection
from privacy.evaluation.scores import Scoreboard
from privacy.evaluation.shapes import shape, shapes_of_errors
from privacy.evaluation.turns import System, in_turns

TEXT = "abcdefghij 0123456789 abcdefghij"


def system(found: dict[str, list[Span]], kinds: Sequence[str] = ("PHONE", "EMAIL")) -> System:
    return System("ours", lambda texts: [found[text] for text in texts], frozenset(kinds), "a table")


def span(start: int, end: int, label: str, score: float = 0.9) -> Span:
    return Span(start, end, label, score, "table")


def test_characters_are_right_only_as_their_own_kind_and_masked_as_any() -> None:
    rows = align(TEXT, [Entity(0, 20, "ADDRESS")], [Entity(11, 21, "PHONE")])
    phone, address, anything = rows["PHONE"], rows["ADDRESS"], rows[ANY]
    assert (phone[Count.CHARACTERS_FOUND], phone[Count.CHARACTERS_RIGHT]) == (10, 0)
    assert (address[Count.CHARACTERS_LABELLED], address[Count.CHARACTERS_RECALLED]) == (20, 0)
    assert address[Count.CHARACTERS_MASKED] == 9
    assert (anything[Count.CHARACTERS_FOUND], anything[Count.CHARACTERS_RIGHT]) == (10, 9)
    assert (anything[Count.CHARACTERS_LABELLED], anything[Count.CHARACTERS_RECALLED]) == (20, 9)


def test_a_date_of_birth_in_a_date_is_right_and_the_date_is_found() -> None:
    rows = align(TEXT, [Entity(11, 21, "DATE")], [Entity(11, 21, "BIRTH_DATE")])
    assert rows["BIRTH_DATE"][Count.CHARACTERS_RIGHT] == rows["DATE"][Count.CHARACTERS_RECALLED] == 10
    assert rows["BIRTH_DATE"][Count.ENTITIES_RIGHT] == rows["DATE"][Count.ENTITIES_RECALLED] == 1


@pytest.mark.parametrize(
    ("start", "end", "same"),
    [
        (11, 21, True),
        (10, 22, True),  # blanks on both sides don't count
        (12, 21, True),  # 9 of 10
        (13, 21, False),  # 8 of 10
        (8, 21, False),  # 10 of 12
    ],
)
def test_an_entity_is_the_same_when_its_letters_and_digits_overlap_by_nine_tenths(
    start: int, end: int, same: bool
) -> None:
    rows = align(TEXT, [Entity(11, 21, "PHONE")], [Entity(start, end, "PHONE")])
    assert rows["PHONE"][Count.ENTITIES_RIGHT] == rows["PHONE"][Count.ENTITIES_RECALLED] == int(same)


def test_scores_add_up_over_texts() -> None:
    board = Scoreboard(
        [
            align(TEXT, [Entity(11, 21, "PHONE")], [Entity(11, 21, "PHONE"), Entity(0, 5, "PHONE")]),
            align(TEXT, [Entity(11, 21, "PHONE")], []),
        ]
    )
    score = board.score({"PHONE"})
    characters, entities = score.characters, score.entities
    assert (score.labelled, score.found) == (2, 2)
    assert characters.precision.value == pytest.approx(10 / 15)
    assert characters.recall.value == score.masked.value == pytest.approx(0.5)
    assert characters.f2.value == pytest.approx(5 * (2 / 3) * 0.5 / (4 * (2 / 3) + 0.5))
    assert entities.precision.value == entities.recall.value == entities.f2.value == 0.5


def test_intervals_hold_the_figure_and_shrink_with_the_number_of_texts() -> None:
    hit = align(TEXT, [Entity(11, 21, "PHONE")], [Entity(11, 21, "PHONE")])
    miss = align(TEXT, [Entity(11, 21, "PHONE")], [])
    few, many = (Scoreboard([hit, miss] * times).score({"PHONE"}).characters.recall for times in (10, 1000))
    for recall in (few, many):
        assert recall.value == 0.5
        assert recall.low is not None
        assert recall.high is not None
        assert recall.low < 0.5 < recall.high
    # 1.96 standard errors of a share of .5 among 2,000
    assert many.low == pytest.approx(0.5 - 0.0219, abs=0.004)
    assert few.low is not None
    assert few.low < 0.4


def test_what_is_nothing_of_nothing_is_no_figure() -> None:
    board = Scoreboard([align(TEXT, [Entity(11, 21, "PHONE")], [Entity(0, 5, "CARD")])])
    phone, card, none = (board.score({kind}).characters for kind in ("PHONE", "CARD", "IBAN"))
    assert (phone.precision.value, phone.recall.value, phone.f2.value) == (None, 0, 0)
    assert (card.precision.value, card.recall.value, card.f2.value) == (0, None, None)
    assert (none.precision.value, none.recall.value, none.f2.value) == (None, None, None)


def test_groups_count_what_no_pattern_covers_and_name_it() -> None:
    text = AnnotatedText(
        TEXT, (Annotation(0, 10, "NAME"), Annotation(11, 21, "phone_number"), Annotation(22, 32, "SHOE"))
    )
    found = {TEXT: [span(11, 21, "PHONE"), span(11, 15, "CARD", 0.5)]}
    report = evaluate_detection([text], [system(found)], LabelMap.default()).systems["ours"]
    recall = {name: score.characters.recall.value for name, score in report.groups.items()}
    assert recall == {
        PATTERNS: 1,
        TAGGER: 0,
        BOTH: 0.5,
        LABELLED: pytest.approx(1 / 3),
        ANY_KIND: pytest.approx(1 / 3),
    }
    assert report.not_covered == ["PERSON", "SHOE"]
    assert report.kinds["PHONE"].found == 1  # the overlapping, less sure finding gave way


def test_detectors_take_turns_and_the_first_turns_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "CHUNK", 2)
    texts = [str(number) for number in range(7)]
    calls: list[tuple[str, list[str]]] = []

    def logged(name: str) -> System:
        def find(chunk: Sequence[str]) -> list[list[Span]]:
            calls.append((name, list(chunk)))
            return [[span(0, 1, text)] for text in chunk]

        return System(name, find, frozenset(), "")

    ours, peers = in_turns(texts, [logged("a"), logged("b")])
    assert [name for name, _ in calls] == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert [chunk for name, chunk in calls if name == "b"] == [["0", "1"], ["2", "3"], ["4", "5"], ["6"]]
    assert (
        [found[0].label for found in ours.findings] == [found[0].label for found in peers.findings] == texts
    )
    assert ours.texts_timed == 3


def test_shapes_of_errors_hold_no_value() -> None:
    text = "Ring 0171 Ab-34 or 5678"
    labelled, found = [Entity(5, 15, "PHONE")], [Entity(19, 23, "PHONE"), Entity(5, 9, "PHONE")]
    shapes = shapes_of_errors([text], [labelled], [found], {"PHONE"})
    assert shapes.missed == {"PHONE 9999 Aa-99": 1}
    assert shapes.false == {"PHONE 9999": 1}
    assert shape("Ünï 12٣") == "Aaa 999"
