"""How sure a reply is: the probability that it settles the ticket, learned from the memory itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.support.memory import Known, Neighbour, SupportMemory, Vectors
from models.support.voting import NEIGHBOURS, Evidence, Scale, same_answer, weigh

Numbers = npt.NDArray[np.float64]

FEWEST_CASES = 200
MOST_CASES = 2_000
NOVEL = 0.05
"""Assumed share of tickets that no source answers: one in twenty."""

_PENALTY = 1e-3
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


UNMEASURED = Scale()

SHIPPED = Weights(share=0.60, similarity=0.22, margin=0.43, bias=-1.50)
"""For memories that can't teach their own.

Fitted by `models.evaluation.support_shipped.fit_shipped` on the training part of banking77 (CC BY 4.0) with
multilingual-e5-small: many small memories drawn from it, where one ticket in five asks what no source answers.
"""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How evidence becomes confidence.

    Attributes:
        weights: of the evidence.
        scale: by which the evidence is measured.
        fitted_on: `memory`, or `shipped` where the memory had too few repeated answers.
        cases: how many questions of the memory it was fitted on.
    """

    weights: Weights = SHIPPED
    scale: Scale = UNMEASURED
    fitted_on: Literal["memory", "shipped"] = "shipped"
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A source's question asked of the memory without that source.

    Attributes:
        evidence: for the answer that was chosen.
        right: whether the source's own answer was chosen.
    """

    evidence: Evidence
    right: bool


def calibrate(memory: SupportMemory, seed: int = 0) -> Calibration:
    """Learn from a memory how sure its answers are.

    Needs 200 questions whose answer another source repeats; with fewer, the shipped weights are given, with the
    memory's own scale. May run in a thread beside changes: sources that come or go meanwhile are skipped.

    Takes one to two seconds for 10,000 sources, about four for 100,000, on one core.
    """
    scale = Scale.of(memory, seed)
    cases = left_out(memory, scale, seed)
    if len(cases) < FEWEST_CASES:
        return Calibration(scale=scale)
    return Calibration(fit(cases), scale, "memory", len(cases))


def left_out(
    memory: SupportMemory, scale: Scale, seed: int = 0, novel: float = NOVEL, most: int = MOST_CASES
) -> list[Case]:
    """Ask a sample of a memory's questions, each with its own source left out (leave-one-out).

    Only questions whose answer another source repeats are asked. For some of them all sources with that answer are
    left out too, so that it is also learned what a question looks like that can't be answered.

    Args:
        memory: what is known.
        scale: of the memory's cosines.
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
    return _answerable_cases(memory, scale, asked) + _novel_cases(memory, scale, unanswerable)


def fit(cases: Sequence[Case]) -> Weights:
    """Logistic regression of `right` on the evidence, lightly penalised."""
    rows = np.array([case.evidence for case in cases], np.float64)
    right = np.array([case.right for case in cases], np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    inputs = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])
    # A bound of the curvature in its place (Böhning and Lindsay 1988): slower than Newton's steps, never too far.
    bound = inputs.T @ inputs / (4 * len(right)) + _PENALTY * np.eye(inputs.shape[1])
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ weights, -500, 500)))
        slope = inputs.T @ (chance - right) / len(right) + _PENALTY * weights
        weights -= np.linalg.solve(bound, slope)
    *by_evidence, bias = weights
    plain = np.array(by_evidence) / deviation
    share, similarity, margin = plain.tolist()
    return Weights(share, similarity, margin, float(bias - plain @ mean))


def _answerable_cases(memory: SupportMemory, scale: Scale, asked: Sequence[Known]) -> list[Case]:
    near = memory.neighbours(_vectors(memory, asked), [NEIGHBOURS + 1] * len(asked))
    cases = (
        _case([one for one in found if one.known.source.id != known.source.id], known, scale)
        for known, found in zip(asked, near, strict=True)
    )
    return [case for case in cases if case is not None]


def _novel_cases(memory: SupportMemory, scale: Scale, asked: Sequence[Known]) -> list[Case]:
    limits = [NEIGHBOURS + memory.repeats(known) for known in asked]
    near = memory.neighbours(_vectors(memory, asked), limits)
    cases = (
        _case([one for one in found if not same_answer(one.known, known)], known, scale)
        for known, found in zip(asked, near, strict=True)
    )
    return [case for case in cases if case is not None]


def _vectors(memory: SupportMemory, asked: Sequence[Known]) -> Vectors:
    return memory.vectors([known.source.id for known in asked])


def _case(near: Sequence[Neighbour], asked: Known, scale: Scale) -> Case | None:
    verdict = weigh(near[:NEIGHBOURS], scale, asked.source.language)
    if verdict is None:
        return None
    return Case(verdict.evidence, same_answer(verdict.best.supporters[0].known, asked))
