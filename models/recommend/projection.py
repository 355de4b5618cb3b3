"""A learned linear map of the space of texts, in which a user's profile is nearer to what they go on to take.

The map is I + up·down: what `shopstream train recommend` learns is of a low rank (the form of LoRA, Hu et al. 2021,
arXiv:2106.09685), so that it costs little and begins as no change at all. Plain numpy; no torch.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.errors import HeadMismatch, WeightsMissing, WeightsUnusable
from models.identity import ModelIdentity
from models.recommend.index import Vectors
from models.sources.model_folder import PROJECTION_FILE, damaged_files, read_model_folder
from models.sources.places import PLACES
from models.sources.resolving import parse

TASK: Final = "recommend"
FORMAT: Final = "shopstream/projection/1"
_METADATA_KEY: Final = "shopstream"


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """I + up·down over vectors less the catalogue's mean.

    Attributes:
        down: float32 [rank, width].
        up: float32 [width, rank].
    """

    down: Vectors
    up: Vectors

    @property
    def width(self) -> int:
        """Numbers in a vector that it maps."""
        return int(self.down.shape[1])

    def __call__(self, rows: Vectors) -> Vectors:
        """Rows mapped, float32 [n, width]."""
        return np.asarray(rows + (rows @ self.down.T) @ self.up.T, np.float32)

    def back(self, direction: Vectors) -> Vectors:
        """The transposed map of one vector, float32 [width].

        Its dot product with a row is that of `direction` with the mapped row, so that products near to a direction in
        the mapped space are found among vectors that are not mapped.
        """
        return np.asarray(direction + (direction @ self.up) @ self.down, np.float32)


def write_projection(path: Path, projection: Projection) -> None:
    """Write safetensors; the same projection gives the same bytes."""
    from safetensors.numpy import save

    tensors = {"down": np.ascontiguousarray(projection.down), "up": np.ascontiguousarray(projection.up)}
    path.write_bytes(save(tensors, {_METADATA_KEY: json.dumps({"format": FORMAT})}))


def load_projection(source: str, encoder: ModelIdentity, width: int) -> tuple[Projection, ModelIdentity]:
    """The projection that a source names, and who it is.

    Args:
        source: `path:FOLDER`, or any other place of model folders, as `shopstream train recommend` writes them.
        encoder: whose vectors are to be mapped.
        width: of those.

    Raises:
        WeightsMissing: there is no such folder, or it is no model folder.
        WeightsUnusable: it holds another kind of model, or is damaged.
        HeadMismatch: it was trained on another encoder's vectors, or on vectors of another width.
    """
    kind, name = parse(source)
    if kind not in PLACES:
        raise WeightsMissing(f"{source} is no place of model folders; name path:FOLDER")
    folder, _ = PLACES[kind](name)
    model = read_model_folder(folder)
    if model.task != TASK:
        raise WeightsUnusable(
            f"{source} was trained for {model.task}, not for {TASK}; name a folder of shopstream train recommend"
        )
    if problems := damaged_files(folder, model):
        raise WeightsUnusable(f"{problems[0]}; copy or train the model anew")
    if model.base.digest != encoder.digest:
        raise HeadMismatch(
            f"{source} was trained on vectors of {model.base.source} (SHA-256 {model.base.digest[:12]}…), and the"
            f" retrieval encoder is {encoder.id} (SHA-256 {encoder.digest[:12]}…); train it anew with this one"
        )
    projection = _read(folder / PROJECTION_FILE)
    if projection.width != width:
        raise HeadMismatch(
            f"{source} maps vectors of {projection.width} numbers, and those of {encoder.id} have {width}; train it"
            " anew with this encoder"
        )
    return projection, model.identity


def _read(path: Path) -> Projection:
    from safetensors import SafetensorError

    if not path.is_file():
        raise WeightsUnusable(f"{path.parent} has no {path.name}; train it anew")
    try:
        return _parsed(path)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise WeightsUnusable(f"{path} can't be used ({error}); copy or train the model anew") from error


def _parsed(path: Path) -> Projection:
    """Raises what `_read` turns into one error."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as stored:
        document = json.loads((stored.metadata() or {})[_METADATA_KEY])
        if document["format"] != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        down, up = (np.asarray(stored.get_tensor(name), np.float32) for name in ("down", "up"))
    if down.ndim != 2 or up.shape != down.shape[::-1]:  # noqa: PLR2004 - matrices
        raise ValueError(f"shapes {down.shape} and {up.shape} make no map")
    if not (np.isfinite(down).all() and np.isfinite(up).all()):
        raise ValueError("a number isn't finite")
    return Projection(down, up)
