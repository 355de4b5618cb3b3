"""Heads: small layers over an encoder's vectors, several over one forward. Plain numpy; no torch.

256 texts take well under a millisecond beside the encoder's second.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from models.engine.backend import Vectors
from models.errors import HeadMismatch, WeightsUnusable

FORMAT = "shopstream/heads/1"
_METADATA_KEY = "shopstream"

Floats = npt.NDArray[np.float32]
Layer = tuple[Floats, Floats]
"""Weight [out, in] and bias [out]."""
Kind = Literal["classes", "number"]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Linear layers with ReLU between them.

    Attributes:
        name: what it tells: `sentiment`, `stars`, `aspect.fit`.
        kind: `classes` gives probabilities (softmax of logits / temperature), `number` a value within `bounds`.
        layers: from the vector's width to the classes, or to one number.
        labels: names of the classes; empty for a number.
        temperature: what logits are divided by (Guo et al. 2017, arXiv:1706.04599), fitted on validation data.
        bounds: least and greatest number.
        threshold: probability of the likeliest class below which a text counts as of none of the classes; of an
            aspect's head that of being there at all, 0 is one half.
        evidence: weights [classes, evidence] of what else is known of a text; None where vectors are all it reads.
    """

    name: str
    kind: Kind
    layers: tuple[Layer, ...]
    labels: tuple[str, ...] = ()
    temperature: float = 1.0
    bounds: tuple[float, float] | None = None
    threshold: float = 0.0
    evidence: Floats | None = None

    def __call__(self, vectors: Vectors, evidence: Floats | None = None) -> npt.NDArray[np.float64]:
        """Probabilities [n, classes], rows summing to 1, or numbers [n].

        Args:
            vectors: float32 [n, width].
            evidence: float32 [n, evidence], for heads that weigh some.

        Raises:
            HeadMismatch: it weighs evidence, and none is given: its temperature is that of the sum.
        """
        outputs = self.outputs(vectors).astype(np.float64)
        if self.evidence is not None:
            if evidence is None:
                raise HeadMismatch(f"head {self.name} weighs evidence beside vectors, and none was given")
            outputs += evidence @ self.evidence.T
        if self.kind == "number":
            numbers: npt.NDArray[np.float64] = outputs[:, 0]
            return numbers if self.bounds is None else numbers.clip(*self.bounds)
        return shares(outputs / self.temperature)

    def outputs(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        """Logits [n, classes] before the temperature, or numbers [n, 1] before the bounds."""
        hidden = np.asarray(vectors, np.float32)
        *inner, last = self.layers
        for weight, bias in inner:
            hidden = np.maximum(hidden @ weight.T + bias, 0)
        weight, bias = last
        return hidden @ weight.T + bias

    @property
    def width(self) -> int:
        """Numbers in a vector that it reads."""
        return int(self.layers[0][0].shape[1])


def shares(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Softmax of rows [n, classes]: probabilities that sum to 1."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64))
    probabilities: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def write_heads(path: Path, heads: Mapping[str, Head]) -> None:
    """Write safetensors; the same heads give the same bytes."""
    from safetensors.numpy import save

    tensors, facts = {}, []
    for head in heads.values():
        described = asdict(head)
        del described["layers"], described["evidence"]
        facts.append(described | {"depth": len(head.layers)})
        for number, (weight, bias) in enumerate(head.layers):
            tensors[f"{head.name}.{number}.weight"] = np.ascontiguousarray(weight, np.float32)
            tensors[f"{head.name}.{number}.bias"] = np.ascontiguousarray(bias, np.float32)
        if head.evidence is not None:
            tensors[f"{head.name}.evidence"] = np.ascontiguousarray(head.evidence, np.float32)
    document = {"format": FORMAT, "heads": facts}
    # One key, because safetensors writes several in no fixed order.
    path.write_bytes(save(tensors, {_METADATA_KEY: json.dumps(document, sort_keys=True, ensure_ascii=False)}))


def read_heads(path: Path) -> dict[str, Head]:
    """The heads in a file, by name.

    Raises:
        WeightsUnusable: there is no such file, it is damaged, or of another format.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise WeightsUnusable(f"{path.parent} has no {path.name}, so it can't read texts; train it anew")
    try:
        with safe_open(path, framework="numpy") as stored:
            document = json.loads((stored.metadata() or {})[_METADATA_KEY])
            if document["format"] != FORMAT:
                raise ValueError(f"its format is not {FORMAT}")  # noqa: TRY301 - one handler tells all
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a mapping
        heads = [_head(facts, tensors) for facts in document["heads"]]
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise WeightsUnusable(f"{path} can't be used ({error}); copy or train the model anew") from error
    return {head.name: head for head in heads}


def require_width(heads: Mapping[str, Head], width: int, model: str) -> None:
    """Refuse vectors that heads can't read.

    Raises:
        HeadMismatch: a head reads vectors of another width; `model` is whom the message names.
    """
    for head in heads.values():
        if head.width != width:
            raise HeadMismatch(
                f"head {head.name} of {model} reads vectors of {head.width} numbers, the encoder makes {width}; "
                "train the model anew"
            )


def _head(facts: Mapping[str, Any], tensors: Mapping[str, npt.NDArray[Any]]) -> Head:
    name, labels = str(facts["name"]), tuple(str(label) for label in facts["labels"])
    layers = tuple(
        (
            tensors[f"{name}.{number}.weight"].astype(np.float32),
            tensors[f"{name}.{number}.bias"].astype(np.float32),
        )
        for number in range(int(facts["depth"]))
    )
    bounds, evidence = facts["bounds"], tensors.get(f"{name}.evidence")
    head = Head(
        name=name,
        kind=facts["kind"],
        layers=layers,
        labels=labels,
        temperature=float(facts["temperature"]),
        bounds=None if bounds is None else (float(bounds[0]), float(bounds[1])),
        threshold=float(facts.get("threshold", 0.0)),
        evidence=None if evidence is None else evidence.astype(np.float32),
    )
    outputs = len(labels) if head.kind == "classes" else 1
    fits = all(w.ndim == 2 and b.shape == w.shape[:1] for w, b in layers)  # noqa: PLR2004 - a matrix
    weighed = head.evidence is None or (head.evidence.ndim == 2 and len(head.evidence) == outputs)  # noqa: PLR2004 - a matrix
    if (
        head.kind not in ("classes", "number")
        or not layers
        or not fits
        or not weighed
        or len(layers[-1][1]) != outputs
    ):
        raise ValueError(f"head {name} does not hold together")
    if not head.temperature > 0:
        raise ValueError(f"the temperature of head {name} is not positive")
    return head
