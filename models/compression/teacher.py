"""What a teacher says of texts, computed once, and kept beside the run that learns from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from models.engine.backend import Vectors
from models.engine.choosing.candidates import installed
from models.engine.cpu_features import this_cpu
from models.engine.encoder import Encoder
from models.errors import WeightsUnusable
from models.files import write_whole
from models.heads import Head, read_heads, require_width
from models.sources import HEADS_FILE, TERMS_FILE, WeightSource, resolve
from models.sources.model_folder import ModelFolder, is_model_folder, read_model_folder
from models.sources.places import PLACES
from models.sources.resolving import parse
from models.terms import TermModel, read_terms

TEACHER_FILE: Final = ".teacher.safetensors"
"""Its name begins with a dot, so that it is no part of the model."""
_CHUNK = 1_024
_VECTORS = "vectors"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Teacher:
    """A trained model that others learn from.

    Attributes:
        source: merged with its base.
        folder: the model folder.
        model: what that says.
        heads: by name.
        terms: what its heads weigh beside vectors, which a student takes over.
    """

    source: WeightSource
    folder: Path
    model: ModelFolder
    heads: dict[str, Head]
    terms: TermModel | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """A teacher's answers to texts.

    Attributes:
        vectors: of length 1, float32 [texts, width].
        outputs: by head: logits [texts, classes] before the temperature, or numbers [texts, 1] before the bounds.
    """

    vectors: Vectors
    outputs: dict[str, Floats]

    def rows(self, chosen: slice) -> "Taught":
        """The answers to some of the texts."""
        return Taught(self.vectors[chosen], {name: one[chosen] for name, one in self.outputs.items()})


def teacher_of(source: str) -> Teacher:
    """A trained model by its source.

    Raises:
        WeightsMissing: there is none.
        WeightsUnusable: it is no model folder with heads, or one has several layers.
    """
    folder = own_folder(source)
    if not is_model_folder(folder):
        raise WeightsUnusable(f"{source} is no trained model; name one that shopstream train has made")
    found = resolve(source)
    model = read_model_folder(folder)
    if not (found.folder / HEADS_FILE).is_file():
        raise WeightsUnusable(
            f"{source} was trained for {model.task} and has no heads over vectors to learn from"
        )
    heads = read_heads(found.folder / HEADS_FILE)
    deep = [head.name for head in heads.values() if len(head.layers) != 1]
    if deep:
        raise WeightsUnusable(
            f"head {deep[0]} of {source} has several layers; only linear ones are distilled"
        )
    return Teacher(found, folder, model, heads, read_terms(found.folder / TERMS_FILE))


def own_folder(source: str) -> Path:
    """Where a model lies: of a model folder that itself, not what it becomes with its base."""
    kind, name = parse(source)
    return PLACES[kind](name)[0] if kind in PLACES else resolve(source).folder


def teach(
    teacher: Teacher,
    texts: Sequence[str],
    max_tokens: int,
    *,
    keep_in: Path | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Taught:
    """Run the teacher over texts, in the widest format that is fast here.

    Args:
        teacher: the trained model.
        texts: what it is asked.
        max_tokens: where texts are cut, for the student sees no more either.
        keep_in: a folder; vectors that an earlier run left there for these texts are used again.
        told: how many texts are done, and of how many.

    Raises:
        BackendUnusable, WeightsUnusable: the teacher can't be run.
    """
    key = _key(teacher.source, texts, max_tokens)
    vectors = None if keep_in is None else _kept(keep_in / TEACHER_FILE, key)
    if vectors is None:
        vectors = _vectors(teacher.source, texts, max_tokens, told)
        if keep_in is not None:
            _keep(keep_in / TEACHER_FILE, vectors, key)
    require_width(teacher.heads, vectors.shape[1], teacher.source.id)
    return Taught(vectors, {name: head.outputs(vectors) for name, head in teacher.heads.items()})


def _vectors(
    teacher: WeightSource, texts: Sequence[str], max_tokens: int, told: Callable[[int, int], None]
) -> Vectors:
    # Not int8, whose rounding the student would learn; torch, which needs no conversion for this one time.
    precision = "bfloat16" if this_cpu().bfloat16 or installed().gpus else "float32"
    found = []
    with Encoder.load(teacher, precision=precision, backend="torch", max_tokens=max_tokens) as encoder:
        for start in range(0, len(texts), _CHUNK):
            found.append(encoder.embed_now(texts[start : start + _CHUNK]))
            told(min(start + _CHUNK, len(texts)), len(texts))
        return np.concatenate(found) if found else np.zeros((0, encoder.width), np.float32)


def _key(teacher: WeightSource, texts: Sequence[str], max_tokens: int) -> str:
    import hashlib

    hashed = hashlib.sha256(f"{teacher.digest} {max_tokens}".encode())
    for text in texts:
        hashed.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return hashed.hexdigest()


def _kept(path: Path, key: str) -> Vectors | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as stored:
            if (stored.metadata() or {}).get("key") != key:
                return None
            vectors: Vectors = stored.get_tensor(_VECTORS).astype(np.float32)
            return vectors
    except (OSError, SafetensorError):
        return None


def _keep(path: Path, vectors: Vectors, key: str) -> None:
    from safetensors.numpy import save

    write_whole(path, save({_VECTORS: vectors}, {"key": key}))
