"""Which model, backend, precision and batch for a task here: every way is measured, and judged by what is needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.engine.choosing.candidates import Candidate, Wanted, candidates, installed
from models.engine.choosing.cost_model import CostModel
from models.engine.choosing.trial import Trial, try_candidate
from models.engine.cpu_features import this_cpu, usable_cores
from models.registry.shelf import Described, describe
from models.sources import resolve

TYPICAL_TOKENS: Final[Mapping[str, int]] = {"reviews": 96, "intent": 24, "search": 16, "pii": 96}
"""Tokens of a usual text: medians, rounded up, of the public data that the shipped models are made from."""
MOST_ROWS: Final = 256
"""Texts in one batch of a worker, by default."""
ALIKE: Final = 0.005
"""Qualities that differ by no more than this count as the same: then the faster one is chosen."""
HEADLINES: Final = ("macro_f1", "f2", "accuracy", "ndcg", "ndcg@10", "recall@10")
"""Figures of a report's test part, the first of which that is there is a model's quality."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for.

    Attributes:
        task: `reviews`, `intent`, `search` or `pii`.
        texts: how many there are to read.
        latency_seconds: most that one text may take.
        quality: least; None is any, known or not.
    """

    task: str
    texts: int
    latency_seconds: float
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One model on one backend, measured.

    Attributes:
        model: what it is.
        trial: how fast, and what it takes.
        quality: by the model's report; None where that does not say.
        quality_is: which figure that is.
        one_text_seconds: of a usual text alone; None where it was not measured.
        batch_tokens: padded tokens of the largest batch that keeps the latency; 0 where none does.
        all_seconds: from the start of a process to the last text read.
        why_not: why it does not fit; empty where it does.
    """

    model: Described
    trial: Trial
    quality: float | None
    quality_is: str
    one_text_seconds: float | None
    batch_tokens: int
    all_seconds: float
    why_not: str

    @property
    def candidate(self) -> Candidate:
        """Backend, device and precision."""
        return self.trial.candidate


def options(sources: Sequence[str], need: Need, wanted: Wanted, said: Callable[[str], None]) -> list[Option]:
    """Measure every way to run each of some models here, each in a process of its own; takes a minute a way.

    Args:
        sources: models for the task.
        need: what is asked for.
        wanted: what is left open of device, backend and precision.
        said: is told what is under way.

    Raises:
        ModelError: a model is missing or can't be used, or nothing that is wanted can run here.
    """
    found = []
    for source in sources:
        model = describe(source)
        for candidate in candidates(wanted, model.engine_task, this_cpu(), installed()):
            said(f"measuring {source} on {candidate}")
            trial = try_candidate(candidate, resolve(source), model.engine_task, usable_cores(), cost=True)
            found.append(judged(model, trial, need))
    return found


def judged(model: Described, trial: Trial, need: Need) -> Option:
    """Hold one way to what is needed."""
    named, quality = headline(model.report)
    tokens = TYPICAL_TOKENS[need.task]
    one = trial.cost.predict(1, tokens) if trial.cost else None
    rows = rows_within(trial.cost, tokens, need.latency_seconds) if trial.cost else 0
    rate = trial.texts_per_second
    return Option(
        model=model,
        trial=trial,
        quality=quality,
        quality_is=named,
        one_text_seconds=one,
        batch_tokens=rows * tokens,
        all_seconds=trial.load_seconds + (need.texts / rate if rate else float("inf")),
        why_not=_why_not(trial, quality, one, need),
    )


def chosen(measured: Sequence[Option]) -> Option | None:
    """The best that fits; None where nothing does.

    The best quality; of those alike, what has read all texts first, its start included: few texts don't pay for a
    backend that is quick and slow to load.
    """
    fitting = [one for one in measured if not one.why_not]
    if not fitting:
        return None
    best = max(one.quality or 0.0 for one in fitting)
    alike = [one for one in fitting if (one.quality or 0.0) >= best - ALIKE]
    return min(alike, key=lambda one: (one.all_seconds, one.trial.process_bytes))


def headline(report: Mapping[str, Any]) -> tuple[str, float | None]:
    """The figure of a report that stands for a model's quality, and its name; none where there is none."""
    test = report.get("test")
    for part in (test, report):
        for name in HEADLINES:
            if isinstance(part, Mapping) and isinstance(value := part.get(name), int | float):
                return name, float(value)
    return "", None


def rows_within(cost: CostModel, tokens: int, seconds: float) -> int:
    """Texts of a batch that takes no longer than this; at most `MOST_ROWS`, 0 where one text takes longer."""
    return max((rows for rows in range(1, MOST_ROWS + 1) if cost.predict(rows, tokens) <= seconds), default=0)


def _why_not(trial: Trial, quality: float | None, one: float | None, need: Need) -> str:
    if not trial.holds:
        return trial.reason
    if need.quality is not None and (quality is None or quality < need.quality):
        known = "is not known" if quality is None else f"is {quality:.3f}"
        return f"its quality {known}, and has to be {need.quality}"
    if one is None or one > need.latency_seconds:
        took = "was not measured" if one is None else f"takes {one * 1e3:.1f} ms"
        return f"a text {took}, and may take {need.latency_seconds * 1e3:g} ms"
    return ""
