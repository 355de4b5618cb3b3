"""Distillation: a student with fewer layers learns what its teacher says (Hinton et al. 2015, arXiv:1503.02531)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from models.compression.examples import Examples
from models.compression.starting import Start
from models.compression.teacher import Taught, Teacher, teach
from models.errors import TrainingDataError
from models.heads import Head
from models.sources import resolve
from models.training.checkpoint import Checkpoints
from models.training.fitting import FitOptions, Fitted, TextModel, fit
from models.training.loop import UNWATCHED, Schedule, Watch
from models.training.objectives import ClassObjective, NumberObjective, Objective
from models.training.splits import Part
from models.training.text_batches import TextPart, TokenBatch
from models.training.trunk import TrunkOptions, evenly, layers_of

NUMBER_WEIGHT = 0.3
"""Of a number's squared error beside the divergence of a head with classes."""
ENOUGH_TO_CALIBRATE = 50
"""Labels of a head in the validation part."""

Targets = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillOptions:
    """How a student is made.

    Attributes:
        layers: how many of the teacher's it keeps, evenly spread, the last one among them.
        fit: how it is trained; its `trunk.layers` are set here.
        temperature: that soften the logits of both.
        logits: weight of the divergence from the teacher's classes, and of the distance from its numbers.
        vectors: weight of the distance from the teacher's vectors.
        labels: weight of the labels, where there are any.
    """

    layers: int
    fit: FitOptions = field(
        default_factory=lambda: FitOptions(
            trunk=TrunkOptions(rank=32, dropout=0.0),
            schedule=Schedule(learning_rate=5e-4, epochs=4, patience=2),
        )
    )
    temperature: float = 2.0
    logits: float = 1.0
    vectors: float = 5.0
    labels: float = 0.3


def distill(
    teacher: Teacher,
    examples: Examples,
    options: DistillOptions,
    *,
    watch: Watch = UNWATCHED,
    told: Callable[[int, int], None] = lambda _done, _total: None,
    checkpoints: Checkpoints | None = None,
    keep_in: Path | None = None,
) -> Fitted:
    """Make a student.

    Args:
        teacher: the trained model.
        examples: texts like those that it will read, with labels where there are any. The test part is not touched.
        options: how.
        watch: told how far the training is.
        told: told how many texts the teacher has read, and of how many.
        checkpoints: for a training that may be killed.
        keep_in: where the teacher's answers are kept for such a training.

    Raises:
        TrainingDataError: too few texts, or no fewer layers than the teacher has.
        ArithmeticError: the loss is not finite.
    """
    places = kept_places(teacher, options.layers)
    learned, held = examples.part(Part.TRAIN), examples.part(Part.VALIDATION)
    if not learned[0] or not held[0]:
        raise TrainingDataError(
            f"{len(learned[0])} texts to learn from and {len(held[0])} to validate on are too few; give more texts"
        )
    texts = [*learned[0], *held[0]]
    taught = teach(teacher, texts, options.fit.max_tokens, keep_in=keep_in, told=told)
    learning, holding = taught.rows(slice(0, len(learned[0]))), taught.rows(slice(len(learned[0]), None))
    objectives = objectives_of(teacher.heads, taught, options.labels)
    validation = _validation(objectives, held[1], holding)
    fitted = fit(
        TextPart(learned[0], learned[1]),
        TextPart(held[0], validation),
        objectives,
        teacher.model.base.source,
        replace(options.fit, trunk=replace(options.fit.trunk, layers=kept_layers(teacher, places))),
        watch=watch,
        checkpoints=checkpoints,
        start=Start(teacher.source, teacher.heads, tuple(objectives), places),
        extra_loss=TeacherLoss(learning, objectives, options),
    )
    heads = _calibrated(fitted.heads, teacher.heads, held[1])
    return replace(fitted, heads=heads, terms=teacher.terms)


def kept_places(teacher: Teacher, count: int) -> tuple[int, ...]:
    """Which of the teacher's layers a student of `count` layers keeps, counted from 0.

    Raises:
        TrainingDataError: the teacher has no more than that.
    """
    there = len(_layers(teacher))
    if not 0 < count < there:
        raise TrainingDataError(f"{teacher.source.id} has {there} layers; a student has 1 to {there - 1}")
    return evenly(count, there)


def kept_layers(teacher: Teacher, places: Sequence[int]) -> tuple[int, ...]:
    """The same layers as the teacher's base counts them."""
    layers = _layers(teacher)
    return tuple(layers[place] for place in places)


def objectives_of(heads: dict[str, Head], taught: Taught, labels: float) -> list[Objective]:
    """What a student is trained to tell: what its teacher does. `labels` is the weight of known labels."""
    objectives: list[Objective] = []
    for head in heads.values():
        if head.kind == "classes":
            objectives.append(ClassObjective(head.name, head.labels, labels, "none", smoothing=0.0))
        else:
            said = taught.outputs[head.name]
            bounds = head.bounds or (float(said.min()), float(said.max()))
            objectives.append(NumberObjective(head.name, bounds, labels * NUMBER_WEIGHT))
    return objectives


class TeacherLoss:
    """How far a student is from its teacher.

    Args:
        taught: the teacher's answers to the training part.
        objectives: of the student.
        options: temperature and weights.
    """

    def __init__(self, taught: Taught, objectives: Sequence[Objective], options: DistillOptions) -> None:
        self._vectors = torch.from_numpy(taught.vectors)
        self._outputs = {name: torch.from_numpy(outputs) for name, outputs in taught.outputs.items()}
        self._objectives = objectives
        self._options = options

    def __call__(
        self,
        model: TextModel,
        batch: TokenBatch,
        vectors: torch.Tensor,
        outputs: dict[str, torch.Tensor],
    ) -> torch.Tensor:
        """Divergence of classes, squared distance of numbers, 1 less the cosine of vectors, weighted; means of rows."""
        del model
        rows = torch.from_numpy(batch.rows)
        taught = self._vectors[rows].to(vectors.device)
        # Both are of length 1.
        loss = self._options.vectors * (1 - (vectors * taught).sum(1)).mean()
        for one in self._objectives:
            wanted = self._outputs[one.name][rows].to(vectors.device)
            if isinstance(one, ClassObjective):
                distance = divergence(outputs[one.name], wanted, self._options.temperature)
            else:
                distance = functional.mse_loss(outputs[one.name], wanted) * NUMBER_WEIGHT
            loss = loss + self._options.logits * distance
        return loss


def divergence(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Kullback-Leibler divergence of softened classes from the teacher's, mean over rows of logits [n, classes].

    Times the square of the temperature, so that gradients keep their size (Hinton et al. 2015, section 2).
    """
    said = functional.log_softmax(student / temperature, dim=1)
    wanted = functional.log_softmax(teacher / temperature, dim=1)
    return functional.kl_div(said, wanted, log_target=True, reduction="batchmean") * temperature**2


def _layers(teacher: Teacher) -> tuple[int, ...]:
    return teacher.model.layers or tuple(range(layers_of(resolve(teacher.model.base.source))))


def _validation(objectives: Sequence[Objective], known: Targets, taught: Taught) -> Targets:
    """What epochs are chosen by: labels, or where there are none at all, what the teacher says."""
    if any((~np.isnan(target)).any() for target in known.values()):
        return known
    return {
        one.name: (
            taught.outputs[one.name].argmax(axis=1).astype(np.float32)
            if isinstance(one, ClassObjective)
            else taught.outputs[one.name][:, 0]
        )
        for one in objectives
    }


def _calibrated(heads: dict[str, Head], teachers: dict[str, Head], known: Targets) -> dict[str, Head]:
    """Heads take over their teacher's threshold and what it weighs beside vectors.

    Its temperature as well, where too few labels are known, or where it is that of a sum with such evidence.
    """
    found = {}
    for name, head in heads.items():
        theirs, labels = teachers[name], int((~np.isnan(known[name])).sum())
        own = labels >= ENOUGH_TO_CALIBRATE and theirs.evidence is None
        found[name] = replace(
            head,
            temperature=head.temperature if own else theirs.temperature,
            threshold=theirs.threshold,
            evidence=theirs.evidence,
        )
    return found
