"""Quantisation: a model in narrower numbers, measured beside its float32 form, and taken or refused."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.compression.comparing import Side
from models.compression.comparison import Comparison, compare, stored_bytes
from models.compression.examples import Examples
from models.engine.backend import Precision, Task
from models.engine.backends.conversion.calibration_texts import held_out_texts
from models.engine.backends.conversion.int8_notes import Int8Note, read_note, write_note
from models.engine.backends.conversion.openvino import calibrated_model
from models.engine.choosing.candidates import BackendName
from models.engine.choosing.choice import forget_choices
from models.engine.choosing.selftest import loses_too_much
from models.engine.folder import read_facts
from models.engine.loading import load_model
from models.errors import TrainingDataError
from models.heads import Head, read_heads
from models.reviews.evidence import TextEvidence
from models.sources import HEADS_FILE, WeightSource
from models.training.splits import Part

FEWEST_CALIBRATION_TEXTS = 50
MOST_CALIBRATION_TEXTS = 300
"""Ranges settle with some hundred texts; more take time only."""
FEWEST_TEXTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is wanted.

    Attributes:
        task: what the model does.
        precision: `int8` on a CPU, `bfloat16` or `float16` on a GPU.
        device: `cpu`, or `cuda:N`.
        tolerance: points that may be lost.
        calibration: texts like those that it will read; none for those that come with us. `int8` only.
        backend: `torch` or `openvino`, which runs both.
        threads: on the CPU; 0 is all cores.
    """

    task: Task
    precision: Precision
    device: str
    backend: BackendName
    tolerance: float = 1.0
    calibration: Sequence[str] = ()
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Quantised:
    """What came of it; `refused` says why the narrower form is not to be used, and is empty where it is."""

    comparison: Comparison
    refused: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self.comparison) | {"refused": self.refused}


def heads_in(source: WeightSource) -> dict[str, Head]:
    """The heads of a model; none where it is a plain encoder."""
    path = source.folder / HEADS_FILE
    return read_heads(path) if path.is_file() else {}


def quantise(
    source: WeightSource,
    stored_in: Path,
    order: Order,
    examples: Examples | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Quantised:
    """Make the narrower form now, and measure it beside float32.

    int8 stays in the cache, where engines find it. Where it is refused, a note says so, and `auto` does not take it;
    the calibration that was used before is used again.

    Args:
        source: the model.
        stored_in: its own folder, whose size is told.
        order: what is wanted.
        examples: texts with labels, for what its heads lose; those of the training part are left out.
        told: is told what is under way.

    Raises:
        BackendUnusable: a form can't run here, or fails its self-test.
        WeightsUnusable: the weights can't be used, or the cache can't be written.
        TrainingDataError: there are too few texts.
    """
    before = read_note(source.folder, order.task)
    if order.precision == "int8":
        told("making int8")
        write_note(source.folder, order.task, Int8Note(_calibrated(source, order)))
    refused = "its measurement did not end"
    try:
        told("measuring float32 and its narrower form")
        comparison = _compared(source, stored_in, order, examples)
        refused = _refused(comparison, order)
        return Quantised(comparison, refused)
    finally:
        if order.precision == "int8":
            # Of two calibrations the refused one is not used, but whether the other would do is not known either.
            note = Int8Note(before.calibration, refused) if refused else read_note(source.folder, order.task)
            write_note(source.folder, order.task, note)
            forget_choices(source.digest)


def _calibrated(source: WeightSource, order: Order) -> str:
    if not order.calibration:
        return ""
    if len(order.calibration) < FEWEST_CALIBRATION_TEXTS:
        raise TrainingDataError(
            f"{len(order.calibration)} texts are too few to calibrate on; give {FEWEST_CALIBRATION_TEXTS} or more"
        )
    step = max(1, len(order.calibration) // MOST_CALIBRATION_TEXTS)
    facts = read_facts(source.folder, order.task)
    return calibrated_model(
        source.folder, facts, order.task, order.calibration[::step][:MOST_CALIBRATION_TEXTS]
    )


def _compared(source: WeightSource, stored_in: Path, order: Order, examples: Examples | None) -> Comparison:
    heads, stored = heads_in(source), stored_bytes(stored_in)
    evidence = TextEvidence.of(source, heads)
    sides = []
    for name, precision in (("float32", "float32"), ("narrow", order.precision)):
        model = load_model(
            name,
            source,
            order.task,
            device=order.device,
            precision=precision,
            backend=order.backend,
            threads=order.threads,
        )
        sides.append(Side(model, heads, evidence, stored))
    texts = held_out_texts()
    if examples is not None:
        own = [*examples.part(Part.VALIDATION)[0], *examples.part(Part.TEST)[0]]
        texts = own if len(own) >= FEWEST_TEXTS else texts
    return compare(sides[0], sides[1], texts, order.tolerance, examples)


def _refused(comparison: Comparison, order: Order) -> str:
    """By what its heads lose where that was measured; else int8 by what `auto` asks of it."""
    if comparison.judgement is not None:
        return comparison.judgement.refused
    return loses_too_much(comparison.agreement) if order.precision == "int8" else ""
