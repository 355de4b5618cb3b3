"""Explanations: what was found and why, what was left alone and why."""

from hypothesis import given
from hypothesis import strategies as st

from privacy import Detector
from privacy.detect import Explanation, Verdict

DETECTOR = Detector()


def explained(text: str, label: str, detector: Detector = DETECTOR) -> list[tuple[str, Explanation]]:
    return [
        (text[one.span.start : one.span.end], one)
        for one in detector.explain(text)
        if one.span.label == label
    ]


def test_a_finding_is_explained_by_its_score_and_the_check_it_passed() -> None:
    ((value, one),) = explained("pay 4111 1111 1111 1111 now", "CARD")
    assert (value, one.verdict, one.pattern_score) == ("4111 1111 1111 1111", Verdict.FOUND, 0.8)
    assert one.check == "the Luhn check digit, a network's prefix and length"
    assert one.context_word is None


def test_the_word_that_raised_a_score_is_named() -> None:
    ((value, one),) = explained("geboren am 12.03.1990", "BIRTH_DATE")
    assert (value, one.verdict, one.context_word) == ("12.03.1990", Verdict.FOUND, "geboren")
    assert one.pattern_score < one.threshold <= one.span.score


def test_a_candidate_without_context_is_below_the_threshold() -> None:
    ((value, one),) = explained("ordered 12.03.1990", "BIRTH_DATE")
    assert (value, one.verdict, one.context_word) == ("12.03.1990", Verdict.BELOW_THRESHOLD, None)
    assert one.span.score == one.pattern_score < one.threshold
    ((_, one),) = explained("ordered 12.03.1990", "BIRTH_DATE", Detector(thresholds={"BIRTH_DATE": 0.1}))
    assert (one.verdict, one.threshold) == (Verdict.FOUND, 0.1)


def test_a_wrong_check_digit_is_told_once() -> None:
    ((value, one),) = explained("card 4111 1111 1111 1112", "CARD")
    assert (value, one.verdict) == ("4111 1111 1111 1112", Verdict.FAILED_CHECK)


def test_values_behind_references_are_explained_once_and_in_their_place() -> None:
    text = "&amp; anna&#64;example.org bob@example.org"
    assert [value for value, _ in explained(text, "EMAIL")] == ["anna&#64;example.org", "bob@example.org"]


def test_no_explanation_holds_a_value() -> None:
    assert "1990" not in repr(DETECTOR.explain("born 12.03.1990"))


@given(st.text(st.sampled_from("0123456789 -.+()@:aAxX/GBDE\0é\uff11\u200b&#;telborn"), max_size=200))
def test_what_is_detected_is_what_the_found_explanations_cover(text: str) -> None:
    covered = {
        place
        for one in DETECTOR.explain(text)
        if one.verdict is Verdict.FOUND
        for place in range(one.span.start, one.span.end)
    }
    detected = {place for span in DETECTOR.detect([text])[0] for place in range(span.start, span.end)}
    assert detected == covered
