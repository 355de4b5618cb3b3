import threading
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.support import Source, SupportMemory, calibrate
from models.support.calibration import FEWEST_CASES, SHIPPED, Calibration, Case, Weights, fit, left_out
from models.support.space import Space
from models.support.voting import FOUND, Evidence, weigh

WIDTH = 32


def clustered(
    answers: int, each: int, noise: float, seed: int = 3
) -> tuple[list[Source], npt.NDArray[np.float32]]:
    """Sources whose questions lie around a direction of their answer."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(answers, WIDTH))
    vectors = np.repeat(centres, each, axis=0) + noise * random.normal(size=(answers * each, WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sources = [
        Source(f"s{number}", "ticket", f"answer {number // each}", f"question {number}")
        for number in range(answers * each)
    ]
    return sources, vectors.astype(np.float32)


def filled(sources: list[Source], vectors: npt.NDArray[np.float32]) -> SupportMemory:
    memory = SupportMemory(WIDTH)
    memory.upsert(sources, vectors)
    return memory


def test_confidence_means_what_it_says_on_questions_that_were_not_calibrated_on() -> None:
    sources, vectors = clustered(40, 40, noise=2.0)
    known = [place for place in range(len(sources)) if place % 2]
    memory = filled([sources[place] for place in known], vectors[known])
    calibration = calibrate(memory)
    assert (calibration.fitted_on, calibration.cases >= FEWEST_CASES) == ("memory", True)
    asked = [place for place in range(len(sources)) if not place % 2]
    found = memory.neighbours(vectors[asked], [FOUND] * len(asked))
    verdicts = [
        weigh(calibration.space.rank(memory, vectors[place], None, near))
        for place, near in zip(asked, found, strict=True)
    ]
    confidence = calibration.weights.probabilities([one.evidence for one in verdicts if one])
    right = np.array(
        [
            one is not None and one.best.supporters[0].source.answer == sources[place].answer
            for place, one in zip(asked, verdicts, strict=True)
        ]
    )
    assert 0.3 < right.mean() < 0.95
    sure = confidence > np.median(confidence)
    assert right[sure].mean() > right[~sure].mean() + 0.2
    # It is for memories of which a twentieth of the tickets asks what they don't know; here each is known.
    assert confidence.mean() == pytest.approx(0.95 * right.mean(), abs=0.05)


def test_a_question_left_out_is_not_answered_by_itself() -> None:
    sources, vectors = clustered(20, 20, noise=0)
    random = np.random.default_rng(5)
    vectors = random.normal(size=vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    memory = filled(sources, vectors)
    cases = left_out(memory, Space.of(memory), novel=0)
    assert len(cases) == 400
    # The vectors say nothing. With itself, be it only in its topic's mean, it would be nearly 1.
    assert np.mean([case.right for case in cases]) < 0.2


def test_where_every_right_answer_is_left_out_nothing_is_right() -> None:
    sources, vectors = clustered(30, 10, noise=0.2)
    memory = filled(sources, vectors)
    cases = left_out(memory, Space.of(memory), novel=0.1)
    answerable, novel = cases[:300], cases[300:]
    assert len(novel) == 33
    assert not any(case.right for case in novel)
    assert np.mean([case.right for case in answerable]) > 0.95
    calibration = calibrate(memory)
    chances = calibration.weights.probabilities([case.evidence for case in cases])
    assert chances[:300].mean() > chances[300:].mean() + 0.3


@pytest.mark.parametrize(("answers", "each"), [(200, 1), (14, 4)])
def test_a_memory_with_few_questions_of_one_topic_has_the_shipped_weights(answers: int, each: int) -> None:
    sources, vectors = clustered(answers, each, noise=0.3)
    calibration = calibrate(filled(sources, vectors))
    assert (calibration.fitted_on, calibration.weights, calibration.cases) == ("shipped", SHIPPED, 0)
    assert calibration.space.deviation != Calibration().space.deviation


def test_a_small_memory_of_tagged_sources_whose_answers_all_differ_calibrates_on_itself() -> None:
    sources, vectors = clustered(12, 8, noise=0.5)
    tagged = [
        replace(one, answer=f"wording {number}", tags=(one.answer,)) for number, one in enumerate(sources)
    ]
    calibration = calibrate(filled(tagged, vectors))
    assert (calibration.fitted_on, calibration.cases) == ("memory", 96 + 5)
    assert calibrate(filled([replace(one, tags=()) for one in tagged], vectors)).fitted_on == "shipped"


def test_few_cases_stay_near_the_prior_and_many_leave_it() -> None:
    random = np.random.default_rng(4)

    def drawn(count: int) -> list[Case]:
        rows = random.normal([1, 4, 0.5], [2, 1, 0.3], (count, 3))
        right = random.random(count) < 1 / (1 + np.exp(-(rows @ [-0.7, 0.4, 1.0])))
        return [Case(Evidence(*row), bool(truth)) for row, truth in zip(rows, right, strict=True)]

    prior = Weights(0.7, 0.4, 1.0, 0.0)
    few, many = fit(drawn(4), prior, 10.0), fit(drawn(4_000), prior, 10.0)
    assert few.share == pytest.approx(0.7, abs=0.4)
    assert many.share == pytest.approx(-0.7, abs=0.1)
    assert fit(drawn(50), prior, 1e6).share == pytest.approx(0.7, abs=0.01)


def test_articles_and_sources_without_a_question_are_not_asked() -> None:
    sources, vectors = clustered(10, 30, noise=0.3)
    articles = [Source(one.id, "article", one.answer, title="t") for one in sources]
    assert left_out(filled(articles, vectors), Space()) == []


def test_the_regression_is_that_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(2)
    rows = random.normal([1, 4, 0.5], [2, 1, 0.3], (800, 3))
    right = random.random(800) < 1 / (1 + np.exp(-(rows @ [0.7, 0.4, 1.0] - 2)))
    weights = fit([Case(Evidence(*row), bool(truth)) for row, truth in zip(rows, right, strict=True)])
    peer = LogisticRegression(C=1e6).fit(rows, right)
    expected = peer.predict_proba(rows)[:, 1]
    np.testing.assert_allclose(weights.probabilities([Evidence(*row) for row in rows]), expected, atol=0.01)


def test_calibration_runs_beside_changes() -> None:
    sources, vectors = clustered(30, 20, noise=0.5)
    memory = filled(sources, vectors)
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            memory.delete([one.id for one in sources[:200]])
            memory.upsert(sources[:200], vectors[:200])

    changer = threading.Thread(target=change)
    changer.start()
    try:
        calibrations = [calibrate(memory, seed) for seed in range(2)]
    finally:
        done.set()
        changer.join()
    assert all(one.weights.probabilities([Evidence(4, 4, 4)])[0] > 0.5 for one in calibrations)
