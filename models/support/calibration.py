"""How sure a reply is: the probability that it settles the ticket, learned from the memory itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.support.memory import Known, SupportMemory
from models.support.space import Space
from models.support.voting import FOUND, Evidence, weigh

Numbers = npt.NDArray[np.float64]

FEWEST_CASES = 60
MOST_CASES = 2_000
NOVEL = 0.05
"""Assumed share of tickets that no source answers: one in twenty."""
PRIOR = 10.0
"""Strength of the Gaussian prior around the shipped weights: the inverse variance of each weight per deviation of its
evidence, and of the height at the mean of the evidence."""

_STEPS = 500


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression on `Evidence`."""

    share: float
    similarity: float
    margin: float
    bias: float

    def probabilities(self, evidence: Sequence[Evidence]) -> Numbers:
        """The probability [n] that each chosen answer is right."""
        rows = np.array(evidence, np.float64).reshape(-1, len(Evidence._fields))
        height = rows @ np.array([self.share, self.similarity, self.margin]) + self.bias
        chances: Numbers = 1 / (1 + np.exp(-np.clip(height, -500, 500)))
        return chances


FLAT = Weights(0.0, 0.0, 0.0, 0.0)
UNMEASURED = Space()

SHIPPED = Weights(share=1.08, similarity=0.24, margin=0.34, bias=-1.05)
"""For memories that can't teach their own.

Fitted by `models.evaluation.support_shipped.fit_shipped` on the training part of banking77 (CC BY 4.0) with
multilingual-e5-small: many small memories drawn from it, where one ticket in five asks what no source answers.
"""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How evidence becomes confidence.

    Attributes:
        weights: of the evidence.
        space: in which the evidence is measured.
        fitted_on: `memory`, or `shipped` where too few of the memory's questions share a topic.
        cases: how many questions of the memory it was fitted on.
    """

    weights: Weights = SHIPPED
    space: Space = UNMEASURED
    fitted_on: Literal["memory", "shipped"] = "shipped"
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A source's question asked of the memory without that source.

    Attributes:
        evidence: for the candidate that was chosen.
        right: whether that is of the source's own topic.
    """

    evidence: Evidence
    right: bool


def calibrate(memory: SupportMemory, seed: int = 0) -> Calibration:
    """Learn from a memory how sure its answers are.

    Right is what is of the question's own topic: of its first tag, else of an equal answer. Needs 60 questions whose
    topic another source has; with fewer, the shipped weights are given, with the memory's own space. The fewer the
    questions, the nearer to the shipped weights the result is, see `PRIOR`. May run in a thread beside changes: sources
    that come or go meanwhile are skipped.

    Takes two to three seconds for 10,000 sources, about five for 100,000, on one core.
    """
    space = Space.of(memory, seed)
    cases = left_out(memory, space, seed)
    if len(cases) < FEWEST_CASES:
        return Calibration(space=space)
    return Calibration(fit(cases, SHIPPED, PRIOR), space, "memory", len(cases))


def left_out(
    memory: SupportMemory, space: Space, seed: int = 0, novel: float = NOVEL, most: int = MOST_CASES
) -> list[Case]:
    """Ask a sample of a memory's questions, each with its own source left out (leave-one-out).

    Only questions whose topic another source has are asked. For some of them all sources of that topic are left out
    too, so that it is also learned what a question looks like that can't be answered.

    Args:
        memory: what is known.
        space: of the memory.
        seed: of the sample.
        novel: share of the cases in which no right answer is left.
        most: most cases with a right answer.

    Returns:
        The cases, those without a right answer last.
    """
    repeated = [
        known for known in memory.known() if known.source.question is not None and memory.repeats(known) > 1
    ]
    asked = [repeated[place] for place in np.random.default_rng(seed).permutation(len(repeated))[:most]]
    unanswerable = asked[: round(len(asked) * novel / (1 - novel))]
    return _cases(memory, space, asked, answerable=True) + _cases(
        memory, space, unanswerable, answerable=False
    )


def fit(cases: Sequence[Case], prior: Weights = FLAT, strength: float = 1.0) -> Weights:
    """Logistic regression of `right` on the evidence, its weights drawn toward others (maximum a posteriori).

    Args:
        cases: at least one.
        prior: the mean of a Gaussian prior.
        strength: its inverse variance, as in `PRIOR`.
    """
    rows = np.array([case.evidence for case in cases], np.float64)
    right = np.array([case.right for case in cases], np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    inputs = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])
    by_prior = np.array([prior.share, prior.similarity, prior.margin])
    toward = np.append(by_prior * deviation, prior.bias + by_prior @ mean)
    # A bound of the curvature in its place (Böhning and Lindsay 1988): slower than Newton's steps, never too far.
    bound = inputs.T @ inputs / 4 + strength * np.eye(inputs.shape[1])
    weights = toward.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ weights, -500, 500)))
        slope = inputs.T @ (chance - right) + strength * (weights - toward)
        weights -= np.linalg.solve(bound, slope)
    *by_evidence, bias = weights
    plain = np.array(by_evidence) / deviation
    share, similarity, margin = plain.tolist()
    return Weights(share, similarity, margin, float(bias - plain @ mean))


def _cases(memory: SupportMemory, space: Space, asked: Sequence[Known], *, answerable: bool) -> list[Case]:
    vectors = memory.vectors([known.source.id for known in asked])
    limits = [FOUND + (1 if answerable else memory.repeats(known)) for known in asked]
    cases = []
    for known, vector, found in zip(asked, vectors, memory.neighbours(vectors, limits), strict=True):
        left = [
            one
            for one in found
            if one.source.id != known.source.id and (answerable or one.topic != known.topic)
        ]
        language = known.source.language
        verdict = weigh(space.rank(memory, vector, language, left), language)
        if verdict is not None:
            cases.append(Case(verdict.evidence, verdict.best.topic == known.topic))
    return cases
