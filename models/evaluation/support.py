"""Evaluate support: resolutions into the memory, tickets to the responder, replies compared with the truth.

The memory, the vote, the calibration and the responder are the very ones that the agents run.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.evaluation.support_data import SupportData
from models.evaluation.support_figures import (
    Chances,
    Figure,
    Truths,
    answerable,
    bootstrapped,
    calibration_error,
    share,
    threshold_for,
)
from models.retrieval.encoder import TextEncoder
from models.support.calibration import left_out
from models.support.memory import SupportMemory, Vectors, source_text
from models.support.responder import THRESHOLD, Answer, Responder, Ticket, ticket_text
from models.support.voting import Verdict

Progress = Callable[[str, int, int], None]
"""Told of (stage, done, total)."""

PART_TEXTS = 256
MOST_LEFT_OUT = 10_000
FEWEST_CASES = 200
"""To choose a threshold on."""
RECALLS = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Operation:
    """What happens at one threshold: how many tickets are answered, and how many of these answers are right."""

    threshold: float
    answered: Figure
    precision: Figure


@dataclass(frozen=True, slots=True)
class SupportReport:
    """Figures of one evaluation, over all tickets where nothing else is said.

    Attributes:
        grouped_by: what makes a reply right: `answer` or `category`.
        out_of_scope: tickets whose right answer is not among the resolutions; a reply to them is wrong.
        accuracy: the best candidate is right.
        nearest: the most similar source alone is right: what voting is compared with.
        recall: a right answer is among the first 1, 3, 5 candidates; of tickets in scope.
        wanted: the precision that was aimed at.
        chosen: at the threshold chosen for that precision on the resolutions, each left out once.
        chosen_on: how many resolutions that were; 0: too few repeat an answer, so it is the shipped threshold.
        shipped: at the threshold that is shipped.
        oracle: share of tickets that could be answered at the wanted precision, had the threshold been chosen on them.
        out_of_scope_answered: share of the tickets out of scope that are answered at the chosen threshold; None
            without any.
        ece: expected calibration error of the confidence.
        calibrated_on: `memory` or `shipped`, see `Calibration`.
        tickets_per_second: embedding included.
    """

    resolutions: int
    tickets: int
    grouped_by: str
    out_of_scope: int
    accuracy: Figure
    nearest: Figure
    recall: dict[str, Figure]
    wanted: float
    chosen: Operation
    chosen_on: int
    shipped: Operation
    oracle: Figure
    out_of_scope_answered: float | None
    ece: Figure
    calibrated_on: str
    calibration_seconds: float
    tickets_per_second: float
    encoder: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def evaluate_support(
    data: SupportData, encoder: TextEncoder, progress: Progress, precision: float = 0.95, seed: int = 0
) -> SupportReport:
    """Learn the resolutions, answer the tickets, measure.

    Args:
        data: both.
        encoder: of questions and tickets.
        progress: told of the stages `resolutions` and `tickets`.
        precision: wanted share of right ones among the answers.
        seed: of samples and resamples.
    """
    memory = SupportMemory(encoder.width)
    memory.upsert(
        data.sources, _embedded(encoder, [source_text(one) for one in data.sources], "resolutions", progress)
    )
    responder = Responder(memory)
    started = time.perf_counter()
    calibration = responder.recalibrate()
    calibration_seconds = time.perf_counter() - started
    responder.threshold, chosen_on = _threshold(memory, responder, precision, seed)
    started = time.perf_counter()
    tickets = [Ticket(text) for text in data.tickets]
    vectors = _embedded(encoder, [ticket_text(one) for one in tickets], "tickets", progress)
    answers = responder.respond(tickets, vectors)
    seconds = time.perf_counter() - started
    judged = _Judged(data, answers, responder.weigh(tickets, vectors))
    size = len(tickets)
    in_scope = judged.in_scope
    return SupportReport(
        resolutions=len(memory),
        tickets=size,
        grouped_by=data.grouped_by,
        out_of_scope=int((~in_scope).sum()),
        accuracy=bootstrapped(lambda at: share(judged.right[at]), size, seed),
        nearest=bootstrapped(lambda at: share(judged.nearest_right[at]), size, seed),
        recall={str(k): _recall(judged, k, seed) for k in RECALLS},
        wanted=precision,
        chosen=_operation(judged, judged.answered, responder.threshold, seed),
        chosen_on=chosen_on,
        shipped=_operation(judged, judged.willing & (judged.confidence >= THRESHOLD), THRESHOLD, seed),
        oracle=bootstrapped(
            lambda at: answerable(judged.confidence[at], judged.right[at], precision), size, seed
        ),
        out_of_scope_answered=None if in_scope.all() else share(judged.answered[~in_scope]),
        ece=bootstrapped(lambda at: calibration_error(judged.confidence[at], judged.right[at]), size, seed),
        calibrated_on=calibration.fitted_on,
        calibration_seconds=calibration_seconds,
        tickets_per_second=size / seconds,
        encoder=encoder.identity._asdict() | {"runs_on": encoder.runs_on},
    )


class _Judged:
    """Answers beside the truth; all arrays are [tickets]."""

    def __init__(
        self, data: SupportData, answers: Sequence[Answer], verdicts: Sequence[Verdict | None]
    ) -> None:
        groups = data.source_groups
        known = set(groups.values())
        self.confidence: Chances = np.array([one.confidence for one in answers], np.float64)
        self.answered: Truths = np.array([one.reply is not None for one in answers], np.bool_)
        self.willing: Truths = np.array(
            [one.handoff in (None, "low_confidence") for one in answers], np.bool_
        )
        self.in_scope: Truths = np.array([group in known for group in data.ticket_groups], np.bool_)
        # The place of the right answer among the candidates, from 0; far behind where it is none of them.
        self.place = np.full(len(answers), len(known), np.int64)
        self.nearest_right: Truths = np.zeros(len(answers), np.bool_)
        judged = zip(verdicts, answers, data.ticket_groups, strict=True)
        for number, (verdict, answer, truth) in enumerate(judged):
            if verdict is None:
                continue
            # Of the first candidate that source counts whose words would be given.
            said = [groups[answer.citations[0].source.id]]
            said += [groups[one.supporters[0].source.id] for one in verdict.candidates[1:]]
            if truth in said:
                self.place[number] = said.index(truth)
            near = (one for candidate in verdict.candidates for one in candidate.supporters)
            nearest = max(near, key=lambda one: one.similarity)
            self.nearest_right[number] = groups[nearest.source.id] == truth
        self.right: Truths = self.place == 0


def _embedded(encoder: TextEncoder, texts: Sequence[str], stage: str, progress: Progress) -> Vectors:
    vectors = np.empty((len(texts), encoder.width), np.float32)
    # Neighbours in length share a part, which saves padding.
    by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(texts), PART_TEXTS):
        part = by_length[start : start + PART_TEXTS]
        vectors[part] = encoder.queries_now([texts[place] for place in part])
        progress(stage, start + len(part), len(texts))
    return vectors


def _threshold(memory: SupportMemory, responder: Responder, precision: float, seed: int) -> tuple[float, int]:
    calibration = responder.calibration
    cases = left_out(memory, calibration.space, seed, novel=0, most=MOST_LEFT_OUT)
    if len(cases) < FEWEST_CASES:
        return THRESHOLD, 0
    confidence = calibration.weights.probabilities([one.evidence for one in cases])
    right = np.array([one.right for one in cases], np.bool_)
    return threshold_for(confidence, right, precision), len(cases)


def _operation(judged: _Judged, answered: Truths, threshold: float, seed: int) -> Operation:
    size = len(answered)
    return Operation(
        threshold,
        bootstrapped(lambda at: share(answered[at]), size, seed),
        bootstrapped(lambda at: share(judged.right[at][answered[at]]), size, seed),
    )


def _recall(judged: _Judged, limit: int, seed: int) -> Figure:
    places = judged.place[judged.in_scope]
    return bootstrapped(lambda at: share(places[at] < limit), len(places), seed)
