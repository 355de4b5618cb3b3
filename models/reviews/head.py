"""The sentiment head: an encoder's vector to three calibrated probabilities.

Inference is a few numpy products (256 reviews take well under a millisecond beside the encoder's second), so that it
needs no torch, no device and no thread. Training is in `models.training`.
"""

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from models.engine.backend import Vectors
from models.errors import HeadMismatch, WeightsMissing, WeightsUnusable
from models.identity import ModelIdentity
from models.reviews.labels import LABELS

SHIPPED_HEAD = Path(__file__).with_name("weights") / "sentiment-head.safetensors"
FORMAT = "shopstream/sentiment-head/1"
_METADATA_KEY = "shopstream"
_RETRAIN = "train one for it (shopstream train reviews --data FILE) and set SHOPSTREAM_MODELS__SENTIMENT_HEAD"

Layer = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Weight [out, in] and bias [out]."""


@dataclass(frozen=True, slots=True, eq=False)
class SentimentHead:
    """Linear layers with ReLU between them, then softmax at a temperature.

    Attributes:
        identity: name, version, and the SHA-256 of the file (empty until saved).
        encoder: the encoder whose vectors it reads.
        layers: from the vector's width to the three classes.
        temperature: what logits are divided by, fitted on validation data.
        notes: free facts about the training (data, metrics); kept in the file's metadata.
    """

    identity: ModelIdentity
    encoder: ModelIdentity
    layers: tuple[Layer, ...]
    temperature: float
    notes: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Probabilities [n, 3] in the order of `LABELS`; each row sums to 1."""
        logits = self.logits(vectors).astype(np.float64) / self.temperature
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def logits(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        """Class scores [n, 3] before the temperature."""
        hidden = np.asarray(vectors, np.float32)
        *inner, last = self.layers
        for weight, bias in inner:
            hidden = np.maximum(hidden @ weight.T + bias, 0)
        weight, bias = last
        return hidden @ weight.T + bias

    def require_encoder(self, encoder: ModelIdentity) -> None:
        """Refuse vectors of another encoder.

        Raises:
            HeadMismatch: the digests differ; the message names both and what to do.
        """
        if encoder.digest != self.encoder.digest:
            raise HeadMismatch(
                f"the sentiment head {self.identity.id} {self.identity.version} reads vectors of {self.encoder.id}"
                f" ({self.encoder.digest[:12]}), but the encoder is {encoder.id} ({encoder.digest[:12]}); {_RETRAIN}"
            )

    def save(self, path: Path) -> Self:
        """Write safetensors; the same head gives the same bytes. Returns the head with the file's digest."""
        from safetensors.numpy import save

        tensors = {}
        for number, (weight, bias) in enumerate(self.layers):
            tensors[f"layers.{number}.weight"] = np.ascontiguousarray(weight, np.float32)
            tensors[f"layers.{number}.bias"] = np.ascontiguousarray(bias, np.float32)
        # One key, because safetensors writes several in no fixed order.
        content = save(
            tensors, {_METADATA_KEY: json.dumps(self._metadata(), sort_keys=True, ensure_ascii=False)}
        )
        path.write_bytes(content)
        identity = self.identity._replace(digest=hashlib.sha256(content).hexdigest())
        return type(self)(identity, self.encoder, self.layers, self.temperature, self.notes)

    @classmethod
    def load(cls, path: Path = SHIPPED_HEAD) -> Self:
        """Read a head.

        Raises:
            WeightsMissing: there is no such file.
            WeightsUnusable: the file is not a sentiment head of this format, or damaged.
        """
        from safetensors import SafetensorError, safe_open

        if not path.is_file():
            raise WeightsMissing(f"there is no sentiment head at {path}; {_RETRAIN}")
        try:
            with safe_open(path, framework="numpy") as stored:
                metadata = json.loads((stored.metadata() or {})[_METADATA_KEY])
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a mapping
            return cls._from_parts(metadata, tensors, hashlib.sha256(path.read_bytes()).hexdigest())
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise WeightsUnusable(f"{path} is not a usable sentiment head ({error}); {_RETRAIN}") from error

    @classmethod
    def _from_parts(
        cls, metadata: dict[str, Any], tensors: dict[str, npt.NDArray[np.float32]], digest: str
    ) -> Self:
        if metadata["format"] != FORMAT:
            raise ValueError(f"format {metadata['format']!r} is not {FORMAT!r}")
        if tuple(metadata["labels"]) != LABELS:
            raise ValueError(f"labels are not {', '.join(LABELS)}")
        count = len(tensors) // 2
        layers = tuple((tensors[f"layers.{n}.weight"], tensors[f"layers.{n}.bias"]) for n in range(count))
        _check_shapes(layers)
        temperature = float(metadata["temperature"])
        if not temperature > 0:
            raise ValueError("temperature is not positive")
        return cls(
            identity=ModelIdentity(metadata["id"], metadata["version"], digest),
            encoder=ModelIdentity(**metadata["encoder"]),
            layers=layers,
            temperature=temperature,
            notes=metadata.get("notes", {}),
        )

    def _metadata(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "id": self.identity.id,
            "version": self.identity.version,
            "labels": LABELS,
            "encoder": self.encoder._asdict(),
            "temperature": self.temperature,
            "notes": dict(self.notes),
        }


def _check_shapes(layers: tuple[Layer, ...]) -> None:
    if not layers:
        raise ValueError("no layers")
    for weight, bias in layers:
        if weight.ndim != 2 or bias.shape != weight.shape[:1]:  # noqa: PLR2004 - a matrix
            raise ValueError("a layer's bias doesn't fit its weight")
    if any(before.shape[0] != after.shape[1] for (before, _), (after, _) in itertools.pairwise(layers)):
        raise ValueError("layers don't fit each other")
    if layers[-1][0].shape[0] != len(LABELS):
        raise ValueError("the last layer doesn't give three classes")
