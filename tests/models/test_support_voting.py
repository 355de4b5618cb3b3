import pytest

from models.support.equality import answer_key
from models.support.memory import Known, Source
from models.support.space import Near
from models.support.voting import weigh


def near(answer: str, standing: float, language: str | None = None, tags: tuple[str, ...] = ()) -> Near:
    source = Source(f"{answer}-{standing}", "ticket", answer, "?", language=language, tags=tags)
    return Near(Known(source, answer_key(answer)), 0.9, standing)


def test_two_that_agree_outvote_one_that_is_a_little_nearer() -> None:
    verdict = weigh([near("one", 5.1), near("two", 5.0), near("Two!", 5.0)])
    assert verdict is not None
    assert [one.source.answer for one in verdict.best.supporters] == ["two", "Two!"]
    assert verdict.evidence.margin == pytest.approx(-0.1)


def test_one_that_is_much_nearer_outvotes_many() -> None:
    verdict = weigh([near("one", 7.0), *(near("two", 5.0) for _ in range(10))])
    assert verdict is not None
    assert verdict.best.supporters[0].source.answer == "one"


def test_unrelated_neighbours_leave_most_of_the_vote_to_none_of_them() -> None:
    unrelated, related = weigh([near("one", -1.0)]), weigh([near("one", 5.0)])
    assert unrelated is not None
    assert related is not None
    assert unrelated.best.share < 0.05
    assert related.best.share > 0.95
    assert unrelated.evidence < related.evidence


def test_one_tag_makes_one_candidate_of_all_words_and_languages() -> None:
    said = [("It is on its way.", "en"), ("Ask your neighbours.", "en"), ("包裹已经发出。", "zh")]
    tagged = weigh([near(answer, 3.0, language, ("parcel", answer)) for answer, language in said])
    untagged = weigh([near(answer, 3.0, language) for answer, language in said])
    assert tagged is not None
    assert untagged is not None
    assert (len(tagged.candidates), len(untagged.candidates)) == (1, 3)
    assert (tagged.best.topic, untagged.best.topic) == (("tag", "parcel"), ("answer", "it is on its way"))
    assert tagged.best.share == pytest.approx(sum(one.share for one in untagged.candidates))


def test_equal_answers_of_two_tags_are_two_candidates() -> None:
    verdict = weigh([near("Yes.", 3.0, tags=("parcel",)), near("Yes.", 2.9, tags=("refund",))])
    assert verdict is not None
    assert len(verdict.candidates) == 2


def test_only_the_nearest_fifteen_vote() -> None:
    verdict = weigh([*(near("one", 3.0) for _ in range(15)), near("two", 3.0)])
    assert verdict is not None
    assert [len(one.supporters) for one in verdict.candidates] == [15]


def test_the_tickets_language_decides_between_nearly_equal_candidates_only() -> None:
    close = [near("yes", 5.0, "en"), near("是的", 4.95, "zh-Hans")]
    far = [near("yes", 6.0, "en"), near("是的", 4.0, "zh-Hans")]
    for neighbours, language, answer in (
        (close, "zh", "是的"),
        (close, "en-GB", "yes"),
        (close, "fr", "yes"),
        (close, None, "yes"),
        (far, "zh", "yes"),
    ):
        verdict = weigh(neighbours, language)
        assert verdict is not None
        assert verdict.best.supporters[0].source.answer == answer


def test_nobody_near_is_no_verdict() -> None:
    assert weigh([]) is None
