import numpy as np
import pytest

from models.support.equality import answer_key
from models.support.memory import Known, Neighbour, Source, SupportMemory
from models.support.voting import Scale, weigh

SCALE = Scale(mean=0.2, deviation=0.1)


def near(
    answer: str, similarity: float, language: str | None = None, tags: tuple[str, ...] = ()
) -> Neighbour:
    source = Source(f"{answer}-{similarity}", "ticket", answer, "?", language=language, tags=tags)
    return Neighbour(Known(source, answer_key(answer)), similarity)


def test_two_that_agree_outvote_one_that_is_a_little_nearer() -> None:
    verdict = weigh([near("one", 0.71), near("two", 0.70), near("Two!", 0.70)], SCALE)
    assert verdict is not None
    assert [one.source.answer for one in verdict.best.supporters] == ["two", "Two!"]
    assert verdict.evidence.margin == pytest.approx(-0.1)


def test_one_that_is_much_nearer_outvotes_many() -> None:
    verdict = weigh([near("one", 0.9), *(near("two", 0.7) for _ in range(10))], SCALE)
    assert verdict is not None
    assert verdict.best.supporters[0].source.answer == "one"


def test_unrelated_neighbours_leave_most_of_the_vote_to_none_of_them() -> None:
    unrelated, related = weigh([near("one", 0.2)], SCALE), weigh([near("one", 0.7)], SCALE)
    assert unrelated is not None
    assert related is not None
    assert unrelated.best.share < 0.05
    assert related.best.share > 0.95
    assert unrelated.evidence < related.evidence


def test_near_equal_answers_are_one_candidate_only_under_one_tag() -> None:
    answers = "Your refund is on its way to your account.", "Your refund is on its way to you account"
    tagged = weigh([near(answer, 0.7, tags=("refund",)) for answer in answers], SCALE)
    untagged = weigh([near(answer, 0.7) for answer in answers], SCALE)
    assert tagged is not None
    assert untagged is not None
    assert (len(tagged.candidates), len(untagged.candidates)) == (1, 2)


def test_the_tickets_language_decides_between_nearly_equal_candidates_only() -> None:
    close = [near("yes", 0.70, "en"), near("是的", 0.698, "zh-Hans")]
    far = [near("yes", 0.80, "en"), near("是的", 0.60, "zh-Hans")]
    for neighbours, language, answer in (
        (close, "zh", "是的"),
        (close, "en-GB", "yes"),
        (close, "fr", "yes"),
        (close, None, "yes"),
        (far, "zh", "yes"),
    ):
        verdict = weigh(neighbours, SCALE, language)
        assert verdict is not None
        assert verdict.best.supporters[0].source.answer == answer


def test_nobody_near_is_no_verdict() -> None:
    assert weigh([], SCALE) is None


def test_the_scale_is_that_of_the_memory_once_it_has_enough_sources() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(0.5, 1, (200, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    memory = SupportMemory(64)
    sources = [Source(str(number), "ticket", "yes", "?") for number in range(200)]
    memory.upsert(sources[:10], vectors[:10])
    assert Scale.of(memory) == Scale()
    memory.upsert(sources, vectors)
    cosines = (vectors @ vectors.T)[np.triu_indices(200, 1)]
    scale = Scale.of(memory)
    assert [scale.mean, scale.deviation] == pytest.approx([cosines.mean(), cosines.std()], rel=1e-4)
