"""Hold a backend to its model's float32 outputs: right numbers, no NaN, and the same whatever else is in the batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.engine.backend import Backend, Lane, Output, Precision, Task
from models.engine.backends.conversion.accuracy import AccuracyRecord, VectorAccuracy
from models.engine.backends.openvino_backend import OpenVinoBackend
from models.engine.choosing.references import Reference, forward
from models.errors import WeightsUnusable


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Least agreement that a number format must keep; 1 is full agreement (see `agreement`).

    Attributes:
        least: of every probe with float32.
        mean: of the probes' mean with float32.
        alone: of a row alone with the same row in a batch.
    """

    least: float
    mean: float
    alone: float


TOLERANCES: dict[Precision, Tolerance] = {
    "float32": Tolerance(0.99999, 0.99999, 0.99999),
    "bfloat16": Tolerance(0.999, 0.9995, 0.999),
    "float16": Tolerance(0.999, 0.9995, 0.999),
    "int8": Tolerance(0.9, 0.97, 0.99),
}
"""For vectors. Of int8, texts that say nothing lose most (the empty one .95 to .98, usual ones .99): what it is worth
is judged by `loses_too_much`."""

PROBABILITY_TOLERANCES: dict[Precision, Tolerance] = {
    "float32": Tolerance(0.999, 0.9995, 0.999),
    "bfloat16": Tolerance(0.9, 0.98, 0.95),
    "float16": Tolerance(0.97, 0.99, 0.98),
    "int8": Tolerance(0.8, 0.93, 0.9),
}
"""For probabilities: near one half, a logit's error of .04 is .01 of probability."""

LEAST_CENTRED = 0.97
"""Of int8 vectors: mean cosine to float32's, the mean vector subtracted. Shipped encoders keep .990 and .994."""
LEAST_NEIGHBOURS = 0.9
"""Of int8 vectors: share of nearest neighbours that stay. Shipped encoders keep .96."""
LEAST_DECISIONS = 0.95
"""Of int8 logits: share of decisions that stay."""

MIXED_TOKENS = 2_048
"""Padded tokens of the self-test's batches, so that long and short rows share one."""
_ALONE = 4


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How a backend did.

    Attributes:
        holds: whether it may be used.
        least: lowest agreement of a probe with float32; NaN where it could not be compared.
        mean: mean agreement of the probes.
        reason: why it doesn't hold; empty where it does.
    """

    holds: bool
    least: float
    mean: float
    reason: str = ""


def self_test(backend: Backend, task: Task, reference: Reference) -> SelfTest:
    """Run the probes in both lanes, in mixed batches and alone, and compare. Never raises: a crash is a failure."""
    try:
        together = forward(backend, reference.rows, Lane.BULK, MIXED_TOKENS)
        alone = [
            forward(backend, [row], Lane.URGENT)[0]
            for row in reference.rows[:: len(reference.rows) // _ALONE]
        ]
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises for an operator that it lacks
        return _failed(f"the forward failed ({type(error).__name__})")
    if task == "generate":
        return SelfTest(holds=True, least=1.0, mean=1.0)
    return compare(task, backend.precision, reference.outputs, together, alone)


def compare(
    task: Task,
    precision: Precision,
    expected: Sequence[Output],
    together: Sequence[Output],
    alone: Sequence[Output],
) -> SelfTest:
    """Judge a backend's outputs.

    Args:
        task: what the model does.
        precision: the format, which says how much may differ.
        expected: float32's.
        together: the backend's for the same rows, in mixed batches.
        alone: the backend's for every nth row alone; n is `len(together) // 4`.
    """
    if [one.shape for one in together] != [one.shape for one in expected]:
        return _failed("outputs have another shape than those of float32")
    if not all(np.isfinite(one).all() for one in (*together, *alone)):
        return _failed("outputs are not finite")
    allowed = (TOLERANCES if task == "embed" else PROBABILITY_TOLERANCES)[precision]
    agreed = agreement(task, expected, together)
    same = agreement(task, together[:: len(together) // _ALONE], alone)
    least, mean = float(agreed.min()), float(agreed.mean())
    reason = ""
    if least < allowed.least or mean < allowed.mean:
        reason = (
            f"agreement with float32 is {least:.5f} at least and {mean:.5f} in the mean; "
            f"{precision} must keep {allowed.least} and {allowed.mean}"
        )
    elif same.min() < allowed.alone:
        reason = f"a row alone agrees with itself in a batch by {same.min():.5f}, and must by {allowed.alone}"
    return SelfTest(not reason, least, mean, reason)


def int8_refused(backend: Backend) -> str:
    """Why `auto` should not take this backend, by what its weights lost in 8 bits; empty where it may.

    Where `shopstream models quantize` has judged it, by that.
    """
    if not isinstance(backend, OpenVinoBackend):
        return ""
    try:
        record = backend.accuracy
    except WeightsUnusable as error:
        return str(error)
    return "" if record is None else backend.refused or loses_too_much(record)


def loses_too_much(record: AccuracyRecord) -> str:
    """Why int8 is not what `auto` should take, by its accuracy record; empty where it may."""
    if isinstance(record, VectorAccuracy):
        if record.centred_mean >= LEAST_CENTRED and record.neighbours >= LEAST_NEIGHBOURS:
            return ""
        return (
            f"int8 keeps {record.neighbours:.3f} of nearest neighbours and a centred cosine of "
            f"{record.centred_mean:.3f}, and must keep {LEAST_NEIGHBOURS} and {LEAST_CENTRED}"
        )
    if record.agreement >= LEAST_DECISIONS:
        return ""
    return f"int8 keeps {record.agreement:.3f} of decisions, and must keep {LEAST_DECISIONS}"


def agreement(task: Task, expected: Sequence[Output], given: Sequence[Output]) -> npt.NDArray[np.float64]:
    """For each row: of vectors the cosine; of logits, 1 less the largest difference of a probability."""
    if task == "embed":
        pairs = zip(np.stack(expected).astype(np.float64), np.stack(given).astype(np.float64), strict=True)
        return np.array([left @ right / np.sqrt((left @ left) * (right @ right)) for left, right in pairs])
    return np.array(
        [
            1 - np.abs(_probabilities(task, left) - _probabilities(task, right)).max()
            for left, right in zip(expected, given, strict=True)
        ]
    )


def _probabilities(task: Task, logits: Output) -> npt.NDArray[np.float64]:
    wide = logits.astype(np.float64)
    if task == "score":
        return np.asarray(1 / (1 + np.exp(-wide)))
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _failed(reason: str) -> SelfTest:
    return SelfTest(holds=False, least=float("nan"), mean=float("nan"), reason=reason)
