"""What 8 bits lose, measured on texts that they were not fitted to."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import WeightsUnusable

Floats: TypeAlias = npt.NDArray[np.float32]

NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class VectorAccuracy:
    """An encoder's int8 vectors beside its float32 ones.

    Some encoders put all texts into a narrow cone, where every cosine is near 1. So each is also given after the mean
    vector was subtracted, which has no such scale, and as what a search would notice.

    Attributes:
        texts: that were compared.
        cosine_mean: of a text's two vectors.
        cosine_min: likewise, the worst text.
        centred_mean: cosine after the mean float32 vector was subtracted from both.
        centred_min: likewise, the worst text.
        neighbours: share of a text's 10 nearest others that stay among them, mean over texts.
    """

    texts: int
    cosine_mean: float
    cosine_min: float
    centred_mean: float
    centred_min: float
    neighbours: float


@dataclass(frozen=True, slots=True)
class LogitAccuracy:
    """A model's int8 logits beside its float32 ones.

    Attributes:
        texts: or pairs that were compared.
        difference_mean: between two logits, without sign.
        difference_max: likewise, the largest.
        spread: standard deviation of the float32 logits, which says whether a difference is large.
        agreement: share of decisions that stay: the class of a text or token; of two pairs, which is the better.
    """

    texts: int
    difference_mean: float
    difference_max: float
    spread: float
    agreement: float


AccuracyRecord: TypeAlias = VectorAccuracy | LogitAccuracy
"""Lies beside an int8 model, as JSON."""


def compare_vectors(reference: Floats, converted: Floats) -> VectorAccuracy:
    """Hold int8 vectors to float32 ones.

    Args:
        reference: float32 [texts, width], of length 1; at least 12 texts.
        converted: likewise.
    """
    cosines = _cosines(reference, converted)
    mean = reference.mean(axis=0)
    centred = _cosines(reference - mean, converted - mean)
    wanted, found = _nearest(reference), _nearest(converted)
    kept = [len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(wanted, found, strict=True)]
    return VectorAccuracy(
        len(reference),
        float(cosines.mean()),
        float(cosines.min()),
        float(centred.mean()),
        float(centred.min()),
        float(np.mean(kept)),
    )


def compare_logits(reference: Floats, converted: Floats, texts: int) -> LogitAccuracy:
    """Hold int8 logits to float32 ones.

    Args:
        reference: float32 [decisions, classes]; of a model that scores, [pairs, 1].
        converted: likewise.
        texts: that they come from; a text that is tagged has a decision for each token.
    """
    difference = np.abs(reference - converted)
    if reference.shape[1] == 1:
        upper = np.triu_indices(len(reference), 1)
        orders = [np.sign(one - one.T)[upper] for one in (reference, converted)]
    else:
        orders = [one.argmax(axis=1) for one in (reference, converted)]
    return LogitAccuracy(
        texts,
        float(difference.mean()),
        float(difference.max()),
        float(reference.std()),
        float((orders[0] == orders[1]).mean()),
    )


def write_accuracy(file: Path, record: AccuracyRecord) -> None:
    """Write the record as JSON."""
    file.write_text(json.dumps(asdict(record), indent=2) + "\n", "utf-8")


def read_accuracy(model: Path) -> AccuracyRecord:
    """The record of an int8 model.

    Args:
        model: its `.xml`, as `openvino_model` says where it is.

    Raises:
        WeightsUnusable: the record is damaged or not there.
    """
    file = model.with_suffix(".json")
    try:
        fields: dict[str, Any] = json.loads(file.read_text("utf-8"))
        kind = VectorAccuracy if "cosine_mean" in fields else LogitAccuracy
        return kind(**fields)
    except (OSError, ValueError, TypeError) as error:
        raise WeightsUnusable(
            f"the accuracy record {file} can't be read ({type(error).__name__}); run: rm -r {file.parent} "
            "(it is converted anew at the next start)"
        ) from None


def _cosines(a: Floats, b: Floats) -> Floats:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines: Floats = (a * b).sum(axis=1) / np.maximum(lengths, np.finfo(np.float32).tiny)
    return cosines


def _nearest(vectors: Floats) -> npt.NDArray[np.intp]:
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    return np.argsort(-similar, axis=1, kind="stable")[:, :NEIGHBOURS]
