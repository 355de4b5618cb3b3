"""A model before and after compression, in one engine: size, speed by turns, quality, and whether it lost too much."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from models.compression.examples import Examples
from models.engine.backend import Lane, Vectors
from models.engine.backends.conversion.accuracy import AccuracyRecord, compare_logits, compare_vectors
from models.engine.choosing.references import forward
from models.engine.engine import Engine
from models.engine.model import LoadedModel
from models.engine.tokenising import Pair
from models.heads import Head
from models.reviews.evidence import TextEvidence
from models.training.metrics import Labels, measure
from models.training.splits import Part

ROUNDS = 7
SPEED_TEXTS = 256
_POINTS = 100
ACCURACY = "accuracy"
MACRO_F1 = "macro-F1"
SAME = "same answer"
"""Share of texts of which both say the same; for texts without labels."""


@dataclass(frozen=True, slots=True)
class Side:
    """A model, loaded.

    Attributes:
        model: as it is served.
        heads: by name; none where it has none.
        evidence: what its heads weigh of texts beside vectors.
        stored_bytes: its weight files; of a model folder those of the folder, without its base.
    """

    model: LoadedModel
    heads: dict[str, Head]
    evidence: TextEvidence
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Speeds:
    """Texts a second of two models that took turns, medians of rounds; `ratio` is the median of the rounds' ratios."""

    before: float
    after: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Quality:
    """One head on texts with known answers; before and after beside each other.

    Attributes:
        part: of the data.
        head: its name.
        metric: `accuracy`, `macro-F1`, `mean absolute error` or, without labels, `same answer`.
        examples: how many texts.
        before: of the model that there was.
        after: of the compressed one.
    """

    part: str
    head: str
    metric: str
    examples: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a model lost too much.

    Attributes:
        lost: points (hundredths) of `by`.
        tolerance: points that may be lost.
        by: what is lost.
    """

    lost: float
    tolerance: float
    by: str

    @property
    def refused(self) -> str:
        """Why the model is refused; empty where it is not."""
        if self.lost <= self.tolerance:
            return ""
        return f"{self.lost:.2f} points of {self.by} are lost, and {self.tolerance:g} may be"


def speeds(engine: Engine, texts: Sequence[str], before: str, after: str, rounds: int = ROUNDS) -> Speeds:
    """Texts a second of two models of an engine, measured by turns, so that a busy machine slows both.

    Args:
        engine: which serves them, as a worker's would.
        texts: as they come.
        before: name of a model.
        after: name of the other.
        rounds: each model once a round, the first of it by turns.
    """
    few = _some(texts, SPEED_TEXTS)
    names = (before, after)
    for name in names:
        _ask(engine, name, few)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 else names[::-1]:
            started = time.perf_counter()
            _ask(engine, name, few)
            taken[name].append(len(few) / (time.perf_counter() - started))
    ratios = [new / old for old, new in zip(taken[before], taken[after], strict=True)]
    return Speeds(median(taken[before]), median(taken[after]), median(ratios))


def agreement(before: LoadedModel, after: LoadedModel, texts: Sequence[str]) -> AccuracyRecord:
    """How near the outputs of one model are to those of another, over at least 12 texts."""
    old, new = _outputs(before, texts), _outputs(after, texts)
    return compare_vectors(old, new) if before.task == "embed" else compare_logits(old, new, len(texts))


def qualities(
    examples: Examples,
    parts: Sequence[Part],
    before: Side,
    after: Side,
) -> list[Quality]:
    """Every head on every part for which something is known of it; where nothing is known at all, their agreement.

    Args:
        examples: texts and labels.
        parts: which of them.
        before: the model that there was.
        after: the compressed one.
    """
    found = []
    for part in parts:
        texts, targets = examples.part(part)
        if not texts:
            continue
        old, new = _outputs(before.model, texts), _outputs(after.model, texts)
        labelled = {name: ~np.isnan(target) for name, target in targets.items()}
        weighed = before.evidence(texts), after.evidence(texts)
        anything = any(known.any() for known in labelled.values())
        for name, head in before.heads.items():
            other, known = after.heads[name], labelled[name]
            if not anything and head.kind == "classes":
                said = head(old, weighed[0].get(name)), other(new, weighed[1].get(name))
                same = said[0].argmax(axis=1) == said[1].argmax(axis=1)
                found.append(Quality(part, name, SAME, len(texts), 1.0, float(same.mean())))
            elif known.any():
                said = head(old, weighed[0].get(name))[known], other(new, weighed[1].get(name))[known]
                found += _measured(part, head, said, targets[name][known])
    return found


def judged(measured: Sequence[Quality], tolerance: float) -> Judgement | None:
    """What is lost of the model's first head, on the last part that tells; None where nothing was measured.

    Of accuracy and macro-F1 their mean: what candidates are chosen by in training, too.
    """
    telling = [one for one in measured if one.metric in (SAME, ACCURACY, MACRO_F1)]
    if not telling:
        return None
    part = telling[-1].part
    head = next(one.head for one in telling if one.part == part)
    chosen = [one for one in telling if (one.part, one.head) == (part, head)]
    lost = _POINTS * float(np.mean([one.before - one.after for one in chosen]))
    by = " and ".join(one.metric for one in chosen)
    return Judgement(lost, tolerance, f"{by} of {head} ({part}, {chosen[0].examples:,} texts)")


def _measured(
    part: Part,
    head: Head,
    said: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    target: npt.NDArray[np.float32],
) -> list[Quality]:
    """Of what a head said before and after."""
    name, examples = head.name, len(target)
    if head.kind == "number":
        errors = [float(np.abs(one - target).mean()) for one in said]
        return [Quality(part, name, "mean absolute error", examples, *errors)]
    truth: Labels = target.astype(np.int64)
    metrics = [measure(truth, one.argmax(axis=1), head.labels, one) for one in said]
    return [
        Quality(part, name, ACCURACY, examples, *(one.accuracy for one in metrics)),
        Quality(part, name, MACRO_F1, examples, *(one.macro_f1 for one in metrics)),
    ]


def _outputs(model: LoadedModel, texts: Sequence[str]) -> Vectors:
    """Vectors [texts, width], or logits [texts or tokens, classes]."""
    rows = model.tokeniser.rows(_pairs(texts) if model.task == "score" else texts)
    made = forward(model.backend, rows, Lane.BULK)
    return np.concatenate(made) if model.task == "tag" else np.stack(made)


def _ask(engine: Engine, name: str, texts: Sequence[str]) -> None:
    task = next(model.task for model in engine.models if model.name == name)
    if task == "score":
        engine.score_now(_pairs(texts), model=name)
    elif task == "tag":
        engine.tag_now(texts, model=name)
    elif task == "classify":
        engine.classify_now(texts, model=name)
    else:
        engine.embed_now(texts, model=name)


def _pairs(texts: Sequence[str]) -> list[Pair]:
    """Each text with the next one."""
    return list(pairwise((*texts, texts[0])))


def _some(texts: Sequence[str], count: int) -> list[str]:
    """Evenly spread, so that lengths are those of all."""
    step = max(1, len(texts) // count)
    return list(texts[::step][:count])
