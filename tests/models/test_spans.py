"""Spans from the classes of tokens."""

import numpy as np
import pytest

from models.engine.spans import softmax, spans_of

LABELS = ("O", "B-NAME", "I-NAME", "B-CITY", "I-CITY")


def read(text: str, tokens: list[tuple[str, str]], *, spaced: bool = False) -> list[tuple[str, str]]:
    """Spans as (text, label); `tokens` are pieces of the text in order, each with its class."""
    offsets, logits, position = [(0, 0)], [[9.0, 0, 0, 0, 0]], 0
    for piece, label in tokens:
        begin = text.index(piece, position)
        position = begin + len(piece)
        offsets.append((begin - 1 if spaced and begin else begin, position))
        logits.append([9.0 if name == label else 0.0 for name in LABELS])
    offsets.append((0, 0))
    logits.append([0, 9.0, 0, 0, 0])
    return [(text[s.begin : s.end], s.label) for s in spans_of(text, offsets, np.array(logits), LABELS)]


def test_neighbours_of_one_label_are_one_span() -> None:
    assert read(
        "from Ann Lee in Ulm", [("from", "O"), ("Ann", "B-NAME"), ("Lee", "I-NAME"), ("Ulm", "B-CITY")]
    ) == [
        ("Ann Lee", "NAME"),
        ("Ulm", "CITY"),
    ]


def test_a_word_of_which_only_the_label_is_unsure_is_not_lost() -> None:
    probabilities = np.array([[0.45, 0.30, 0.0, 0.25, 0.0], [0.55, 0.45, 0.0, 0.0, 0.0]])
    (found,) = spans_of("Paris went", [(0, 5), (6, 10)], np.log(probabilities + 1e-9), LABELS)
    assert (found.begin, found.end, found.label) == (0, 5, "NAME")
    assert found.probability == pytest.approx(0.55, abs=1e-6)


def test_a_new_beginning_is_a_new_span() -> None:
    assert read("Ann Lee", [("Ann", "B-NAME"), ("Lee", "B-NAME")]) == [("Ann", "NAME"), ("Lee", "NAME")]


def test_what_is_between_parts_spans() -> None:
    tokens = [("Ann", "B-NAME"), ("or", "O"), ("Lee", "I-NAME")]
    assert read("Ann or Lee", tokens) == [("Ann", "NAME"), ("Lee", "NAME")]


def test_a_word_takes_its_first_tokens_label() -> None:
    assert read("Heidelberg", [("Hei", "B-CITY"), ("del", "O"), ("berg", "B-NAME")]) == [
        ("Heidelberg", "CITY")
    ]
    assert read("Heidelberg", [("Hei", "O"), ("delberg", "B-CITY")]) == []


def test_punctuation_is_a_word_of_its_own() -> None:
    assert read("Ann, hi", [("Ann", "B-NAME"), (",", "O"), ("hi", "O")]) == [("Ann", "NAME")]
    tokens = [("Anne", "B-NAME"), ("-", "I-NAME"), ("Marie", "I-NAME")]
    assert read("Anne-Marie", tokens) == [("Anne-Marie", "NAME")]


def test_tokens_of_a_script_without_spaces_are_words() -> None:
    tokens = [
        ("我叫", "O"),
        ("王", "B-NAME"),
        ("伟", "I-NAME"),
        ("住", "O"),
        ("北京", "B-CITY"),
        ("12", "I-CITY"),
    ]
    assert read("我叫王伟住北京12", tokens) == [("王伟", "NAME"), ("北京12", "CITY")]


def test_the_halves_of_a_label_count_together() -> None:
    logits = np.log(np.array([[0.4, 0.35, 0.25, 1e-9, 1e-9], [0.2, 0.2, 0.6, 1e-9, 1e-9]]))
    (span,) = spans_of("ab cd", [(0, 2), (3, 5)], logits, LABELS)
    assert (span.begin, span.end, span.label) == (0, 5, "NAME")
    assert span.probability == pytest.approx(0.8)


def test_spaces_that_a_tokenizer_counts_to_a_word_are_not_its() -> None:
    tokens = [("Hi", "O"), ("Ann", "B-NAME"), ("Lee", "I-NAME")]
    assert read("Hi Ann Lee", tokens, spaced=True) == [("Ann Lee", "NAME")]


def test_marks_that_combine_belong_to_their_word() -> None:
    assert read("राम", [("र", "B-NAME"), ("ा", "O"), ("म", "O")]) == [("राम", "NAME")]


def test_a_spans_probability_is_that_of_its_surest_word() -> None:
    logits = np.log(np.array([[0.1, 0.9], [0.3, 0.7], [0.5, 0.5]]))
    (span,) = spans_of("ab cd", [(0, 1), (3, 5), (1, 1)], logits, ("O", "X"))
    assert (span.begin, span.end) == (0, 5)
    assert span.probability == pytest.approx(0.9)


def test_unsure_words_go_on_with_a_sure_one_and_make_no_span_alone() -> None:
    unsure, sure, none = [0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.995, 0.005, 0.0]
    offsets = [(0, 2), (3, 5), (6, 8), (9, 11), (12, 14)]

    def found(*words: list[float]) -> list[tuple[int, int]]:
        logits = np.log(np.array(words) + 1e-9)
        return [(one.begin, one.end) for one in spans_of("aa bb cc dd ee", offsets, logits, ("O", "X", "Y"))]

    assert found(unsure, sure, unsure, none, unsure) == [(0, 8)]
    assert found(unsure, unsure, none, none, none) == []
    assert found(none, sure, none, none, none) == [(3, 5)]
    assert found([0.9, 0.0, 0.1], sure, none, none, none) == [(3, 5)], "of another label it does not go on"


def test_no_tokens_have_no_spans() -> None:
    assert spans_of("", [], np.empty((0, 2)), ("O", "X")) == []


def test_softmax_holds_for_large_logits() -> None:
    np.testing.assert_allclose(softmax(np.array([1e4, 1e4], np.float32)), [0.5, 0.5])
