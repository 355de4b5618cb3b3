"""How well intents are told, by the very reader that the agent uses, on texts that it was not trained on."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from models.evaluation.significance import (
    Interval,
    McNemar,
    class_interval,
    macro_f1,
    mcnemar,
    mean_interval,
)
from models.evaluation.support_figures import calibration_error
from models.support.intents import NO_INTENT
from models.training.baselines import WordCounts
from models.training.intent_data import IntentData, IntentRows
from models.training.intent_scope import Scope, measured_scope
from models.training.metrics import ClassMetrics, Labels, measure

MODEL: Final = "model"
AGAINST: Final = "against"
SVM: Final = "TF-IDF + linear SVM"
CHUNK: Final = 256

Progress = Callable[[int], None]
"""Told how many texts are done."""


class Reader(Protocol):
    """What an evaluation needs of `models.support.intents.IntentReader`."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The intents that it knows."""
        ...

    @property
    def threshold(self) -> float:
        """Least probability of an intent that is said."""
        ...

    def probabilities_now(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Probabilities [n, intents]."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """What a system says of n texts: the likeliest intents, and where it has them their probabilities [n]."""

    labels: tuple[str, ...]
    chances: npt.NDArray[np.float64] | None = None
    threshold: float = 0.0
    texts_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """One system.

    Attributes:
        accuracy: share of texts about an intent whose likeliest intent it is, whatever the threshold.
        macro_f1: mean F1 of the intents that are there or were said, likewise.
        ece: expected calibration error; None without probabilities.
        texts_per_second: None where it was not measured.
        scope: None where no text is known to be about none, or without probabilities.
    """

    accuracy: Interval
    macro_f1: Interval
    ece: float | None
    texts_per_second: float | None
    scope: Scope | None


@dataclass(frozen=True, slots=True)
class IntentReport:
    """What `evaluate_intents` found.

    Attributes:
        texts: judged.
        out_of_scope: how many of them are about no intent.
        unknown: how many are about intents that the model doesn't know; it has them wrong.
        seen: how many stand in what was learned from, letter case and white space aside; None where that isn't known.
        systems: figures by name, the model first.
        compared: the exact McNemar test of the model and each other system.
        per_class: of the model, by intent, whatever the threshold.
    """

    texts: int
    out_of_scope: int
    unknown: int
    seen: int | None
    systems: dict[str, SystemFigures]
    compared: dict[str, McNemar]
    per_class: dict[str, ClassMetrics]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def said_by(reader: Reader, texts: Sequence[str], progress: Progress = lambda _done: None) -> Said:
    """Ask a reader, as many texts at a time as a worker would."""
    reader.probabilities_now(texts[:CHUNK])  # so that no first call's cost is measured
    parts = []
    began = time.perf_counter()
    for start in range(0, len(texts), CHUNK):
        parts.append(reader.probabilities_now(texts[start : start + CHUNK]))
        progress(min(start + CHUNK, len(texts)))
    seconds = time.perf_counter() - began
    chances = np.concatenate(parts)
    best = tuple(reader.labels[one] for one in chances.argmax(axis=1).tolist())
    return Said(best, chances.max(axis=1), reader.threshold, len(texts) / seconds)


def said_by_svm(data: IntentData, texts: Sequence[str]) -> Said:
    """What word counts with a linear SVM say, after the same training and validation parts."""
    words = WordCounts(data.training.texts, data.validation.texts, texts)
    scores = words.svm(data.training.labels, data.validation.labels, data.labels).outputs
    return Said(tuple(data.labels[one] for one in scores.argmax(axis=1).tolist()))


def evaluate_intents(
    rows: IntentRows,
    systems: Mapping[str, Said],
    *,
    known: Sequence[str],
    scoped: bool,
    learned: Sequence[str] | None = None,
) -> IntentReport:
    """Compare what was said with what is so.

    Args:
        rows: texts with their intents.
        systems: what each says of all texts, the model first.
        known: the intents that the model knows.
        scoped: whether texts labelled `NO_INTENT` are about no intent.
        learned: the texts that the model learned from, where they are known.

    Raises:
        ValueError: no text is about an intent.
    """
    truth = np.array(rows.labels, np.str_)
    inside = truth != NO_INTENT if scoped else np.ones(len(truth), np.bool_)
    model, *others = systems
    said = {name: np.array(one.labels, np.str_) for name, one in systems.items()}
    names = sorted(
        {*truth[inside].tolist(), *(label for one in said.values() for label in one[inside].tolist())}
    )
    indices = {name: _indices(one[inside], names) for name, one in said.items()}
    right = _indices(truth[inside], names)
    folded = None if learned is None else {_folded(text) for text in learned}
    return IntentReport(
        texts=len(truth),
        out_of_scope=int((~inside).sum()),
        unknown=int((~np.isin(truth[inside], list(known))).sum()),
        seen=None if folded is None else sum(_folded(text) in folded for text in rows.texts),
        systems={
            name: SystemFigures(
                *_figures(right, indices[name]),
                _calibration(one, right == indices[name], inside),
                one.texts_per_second,
                _scope(truth, one, inside),
            )
            for name, one in systems.items()
        },
        compared={name: mcnemar(right, indices[model], indices[name]) for name in others},
        per_class={
            label: one
            for label, one in measure(right, indices[model], names).per_class.items()
            if one.support
        },
    )


def _figures(truth: Labels, said: Labels) -> tuple[Interval, Interval]:
    # Classes that are neither there nor said would only lower the mean.
    there, places = np.unique(np.concatenate([truth, said]), return_inverse=True)
    first, second = places[: len(truth)], places[len(truth) :]
    f1 = class_interval(first, second, len(there), macro_f1)
    return mean_interval(truth == said), f1


def _calibration(said: Said, right: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_]) -> float | None:
    return None if said.chances is None else calibration_error(said.chances[inside], right)


def _scope(truth: npt.NDArray[np.str_], said: Said, inside: npt.NDArray[np.bool_]) -> Scope | None:
    if inside.all() or said.chances is None:
        return None
    return measured_scope(truth, np.array(said.labels, np.str_), said.chances, said.threshold)


def _indices(labels: npt.NDArray[np.str_], names: Sequence[str]) -> Labels:
    return np.searchsorted(np.array(names, np.str_), labels).astype(np.int64)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
