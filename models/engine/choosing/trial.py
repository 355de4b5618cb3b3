"""Try one candidate with one model, in a process of its own: does it hold, how fast is it, what does it take?"""

from dataclasses import asdict, dataclass

from models.engine.backend import Task
from models.engine.child import ChildFailed, run_child
from models.engine.choosing.candidates import Candidate
from models.engine.choosing.cost_model import CostModel
from models.engine.folder import read_facts
from models.errors import BackendUnusable, WeightsUnusable
from models.sources import WeightSource


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a candidate.

    Attributes:
        candidate: what was tried.
        reason: why it can't be used; empty where it can.
        tokens_per_second: bulk throughput over texts of mixed length, padding not counted.
        texts_per_second: the same in texts; their mean length is the quotient.
        load_seconds: from a running process to a model that is ready, converted before.
        weights_bytes: what its weights take.
        process_bytes: resident memory of the whole process after the trial.
        least: lowest agreement of a probe with float32 (see `models.engine.choosing.selftest`).
        mean: mean agreement.
        accuracy: of int8, what it lost when it was made (see `models.engine.backends.conversion.accuracy`).
        cost: what a batch takes, where that was asked for.
    """

    candidate: Candidate
    reason: str = ""
    tokens_per_second: float = 0.0
    texts_per_second: float = 0.0
    load_seconds: float = 0.0
    weights_bytes: int = 0
    process_bytes: int = 0
    least: float = 0.0
    mean: float = 0.0
    accuracy: dict[str, float] | None = None
    cost: CostModel | None = None

    @property
    def holds(self) -> bool:
        """Whether the candidate may be used."""
        return not self.reason


def try_candidate(
    candidate: Candidate, source: WeightSource, task: Task, threads: int, *, cost: bool = False
) -> Trial:
    """Try a candidate. What it needs is converted first, once for a machine, which may take a minute.

    Args:
        candidate: what to try.
        source: the weights.
        task: what the model does.
        threads: threads on CPU.
        cost: whether to measure over batch and length too, and fit a cost model; takes some ten seconds more.
    """
    try:
        candidate.convert(source.folder, read_facts(source.folder, task), task)
    except (BackendUnusable, WeightsUnusable) as error:
        return Trial(candidate, reason=str(error))
    job = {
        "candidate": asdict(candidate),
        "source": {**asdict(source), "folder": str(source.folder)},
        "task": task,
        "threads": threads,
        "cost": cost,
    }
    try:
        answer = run_child("models.engine.choosing.trial_child", job)
    except ChildFailed as error:
        return Trial(candidate, reason=str(error))
    return read_trial({**answer, "candidate": asdict(candidate)})


def read_trial(fields: dict[str, object]) -> Trial:
    """A trial out of JSON, as `dataclasses.asdict` wrote it.

    Raises:
        TypeError, ValueError, KeyError: it is none.
    """
    candidate, cost = fields.get("candidate"), fields.get("cost")
    if not isinstance(candidate, dict) or not isinstance(cost, dict | None):
        raise TypeError("not a trial")
    known = {**fields, "candidate": Candidate(**candidate), "cost": cost and CostModel(**cost)}
    return Trial(**known)  # type: ignore[arg-type] # fields of JSON; a wrong name raises
