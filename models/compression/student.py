"""A student's run from its folder to its verdict: trained, written, measured as it will be served, kept or refused."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from models.compression.comparing import Side
from models.compression.comparison import Comparison, compare, stored_bytes
from models.compression.distill import DistillOptions, distill, kept_layers, kept_places
from models.compression.examples import Examples
from models.compression.teacher import TEACHER_FILE, Teacher
from models.engine.loading import LoadOptions, load_model
from models.heads import read_heads
from models.reviews.evidence import TextEvidence
from models.sources import HEADS_FILE, WeightSource, resolve
from models.sources.model_folder import MODEL_FILE
from models.training.fitting import Fitted
from models.training.loop import UNWATCHED, Watch
from models.training.run_folder import CARD_FILE, RunFolder
from models.training.splits import Part

REFUSED_FILE: Final = "refused.json"
"""What `shopstream.json` is renamed to, so that nobody takes a refused student for a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is wanted of a distillation.

    Attributes:
        out: a new folder, or one with a checkpoint of the same run.
        name: the student's id; empty for the teacher's with the number of layers.
        tolerance: points that may be lost on the test part.
        running: how both are run to be measured.
        command: for the card.
    """

    out: Path
    name: str = ""
    tolerance: float = 1.0
    running: LoadOptions
    command: str


@dataclass(frozen=True, slots=True)
class Student:
    """A finished student.

    Attributes:
        comparison: with its teacher.
        refused: why it is no model that may be used; empty where it is one.
        report: what `report.json` says.
    """

    comparison: Comparison
    refused: str
    report: dict[str, Any]


def make_student(
    teacher: Teacher,
    examples: Examples,
    options: DistillOptions,
    order: Order,
    *,
    watch: Watch = UNWATCHED,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Student:
    """Distil a teacher into a folder; goes on where a killed run of the same settings stopped.

    Raises:
        TrainingDataError: too few texts, too many layers, or the folder holds something else.
        ModelError: a model can't be run.
        ArithmeticError: the loss is not finite.
    """
    settings = {
        "teacher": teacher.source.digest,
        "data": examples.digest,
        "options": asdict(options),
        "layers": kept_layers(teacher, kept_places(teacher, options.layers)),
    }
    run = RunFolder(order.out, settings)
    fitted = distill(
        teacher,
        examples,
        options,
        watch=watch,
        told=told,
        checkpoints=run.checkpoints,
        keep_in=order.out,
    )
    comparison = _compared(teacher, fitted, order, examples)
    refused = comparison.judgement.refused if comparison.judgement else "no text tells what was lost"
    report = settings | {
        "epochs": [asdict(epoch) for epoch in fitted.outcome.history],
        "comparison": comparison.as_json(),
        "refused": refused,
    }
    run.finish(fitted.outcome.history, report, _card(teacher, fitted, comparison, order))
    name = order.name or f"{teacher.model.id}-{options.layers}l"
    (order.out / REFUSED_FILE).unlink(missing_ok=True)
    (order.out / TEACHER_FILE).unlink(missing_ok=True)
    fitted.write(order.out, name, teacher.model.version, teacher.model.task)
    if refused:
        (order.out / MODEL_FILE).rename(order.out / REFUSED_FILE)
    return Student(comparison, refused, report)


def _compared(teacher: Teacher, fitted: Fitted, order: Order, examples: Examples) -> Comparison:
    part = Part.TEST if examples.rows(Part.TEST) else Part.VALIDATION
    # In a folder of its own: in the run's there is no model before it is judged.
    with TemporaryDirectory(prefix=".candidate-", dir=order.out) as folder:
        candidate = Path(folder)
        fitted.write(candidate, teacher.model.id, teacher.model.version, teacher.model.task)
        return compare(
            _side("teacher", teacher.source, teacher.folder, order.running),
            _side("student", resolve(f"path:{candidate}"), candidate, order.running),
            examples.part(part)[0],
            order.tolerance,
            examples,
        )


def _side(name: str, source: WeightSource, folder: Path, running: LoadOptions) -> Side:
    heads = read_heads(source.folder / HEADS_FILE)
    evidence = TextEvidence.of(source, heads)
    return Side(load_model(name, source, **running), heads, evidence, stored_bytes(folder))


def _card(teacher: Teacher, fitted: Fitted, comparison: Comparison, order: Order) -> str:
    trunk = fitted.options.trunk
    layers = ", ".join(map(str, trunk.layers or ()))
    how = f"LoRA of rank {trunk.rank}" if trunk.method == "lora" else trunk.method
    return (
        f"# {teacher.model.id}, distilled\n\n"
        f"A student of {teacher.model.id} {teacher.model.version} ({teacher.source.digest[:12]}), for the task "
        f"{teacher.model.task}. It keeps layers {layers} of {teacher.model.base.source}, counted from 0, began at its "
        f"teacher's weights, and was trained by {how} on its teacher's classes, numbers and vectors, and on labels.\n\n"
        f"{comparison.markdown()}\n\n"
        "Both were measured by turns on the machine that trained. The test part was used for nothing else.\n\n"
        f"## To make it again\n\n```sh\n{order.command}\n```\n\n"
        "## Licence and data\n\nThose of the teacher, and of the texts that it was distilled with.\n"
        f"{_teachers_card(teacher.folder)}"
    )


def _teachers_card(folder: Path) -> str:
    """The teacher's card as a last section, its headings one level lower: data, licences and limits stay true."""
    path = folder / CARD_FILE
    if not path.is_file():
        return ""
    return "\n" + re.sub(r"^(#+ )", r"#\1", path.read_text("utf-8"), flags=re.MULTILINE).replace(
        "## ", "## The teacher: ", 1
    )
