"""A model folder: a base that lies elsewhere, what training changed of it, and heads over its vectors.

    shopstream.json        what it is, which base it belongs to, digests of the other files
    adapter.safetensors    low-rank changes (LoRA, Hu et al. 2021, arXiv:2106.09685), `NAME.lora_A` and `NAME.lora_B`
    delta.safetensors      tensors in place of the base's: `NAME`, or `NAME.int8` with one `NAME.scale` a row
    heads.safetensors      heads, see `models.heads`
    terms.safetensors      what words say beside the vectors, see `models.terms`
    projection.safetensors a map of the base's vectors, see `models.recommend.projection`
    overrides.json         members of `config.json` that differ from the base's
    CARD.md, report.json   for people and programs

NAME is a parameter as the base's weight file names it. All files but the first are optional.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from models.digests import file_digest
from models.errors import WeightsMissing, WeightsUnusable
from models.identity import ModelIdentity

MODEL_FILE: Final = "shopstream.json"
ADAPTER_FILE: Final = "adapter.safetensors"
DELTA_FILE: Final = "delta.safetensors"
HEADS_FILE: Final = "heads.safetensors"
TERMS_FILE: Final = "terms.safetensors"
OVERRIDES_FILE: Final = "overrides.json"
PROJECTION_FILE: Final = "projection.safetensors"
FORMAT: Final = "shopstream/model/1"
WEIGHT_FILES: Final = (ADAPTER_FILE, DELTA_FILE, HEADS_FILE, TERMS_FILE, OVERRIDES_FILE, PROJECTION_FILE)
"""What a model's digest is made of, beside its base; cards and reports may be rewritten."""


@dataclass(frozen=True, slots=True)
class Base:
    """The model that a folder changes: how to find it, and its digest, which has to be the same."""

    source: str
    digest: str


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What `shopstream.json` says.

    Attributes:
        id: name of the model.
        version: for people; a digest tells models apart.
        task: what it was trained for: `reviews`, `intent`, `pii`, `search`, `recommend`.
        base: what it changes.
        layers: which of the base's layers it keeps, in order; None is all.
        scaling: of the low-rank changes: alpha / rank.
        files: SHA-256 (hex) of every other file.
    """

    id: str
    version: str
    task: str
    base: Base
    layers: tuple[int, ...] | None = None
    scaling: float = 1.0
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> ModelIdentity:
        """Name, version, and a digest over the base and every file that changes an output."""
        import hashlib

        facts: list[Any] = [self.base.digest, self.layers, self.scaling]
        facts += [[name, self.files[name]] for name in WEIGHT_FILES if name in self.files]
        return ModelIdentity(self.id, self.version, hashlib.sha256(json.dumps(facts).encode()).hexdigest())


def is_model_folder(folder: Path) -> bool:
    """Whether it is one of these, and not a plain transformers folder."""
    return (folder / MODEL_FILE).is_file()


def write_model_folder(folder: Path, model: ModelFolder) -> ModelFolder:
    """Write `shopstream.json` last, over all files that are there. Returns it with their digests."""
    files = {
        path.name: file_digest(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != MODEL_FILE and not path.name.startswith(".")
    }
    written = ModelFolder(model.id, model.version, model.task, model.base, model.layers, model.scaling, files)
    document = {"format": FORMAT, **asdict(written)}
    (folder / MODEL_FILE).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return written


def read_model_folder(folder: Path) -> ModelFolder:
    """Read `shopstream.json`.

    Raises:
        WeightsMissing: there is none.
        WeightsUnusable: it is damaged, or of another format.
    """
    path = folder / MODEL_FILE
    if not path.is_file():
        raise WeightsMissing(f"{folder} has no {MODEL_FILE}; a training writes one (shopstream train --help)")
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")  # noqa: TRY301 - one handler tells all
        layers = document["layers"]
        return ModelFolder(
            id=str(document["id"]),
            version=str(document["version"]),
            task=str(document["task"]),
            base=Base(**document["base"]),
            layers=None if layers is None else tuple(int(layer) for layer in layers),
            scaling=float(document["scaling"]),
            files={str(name): str(digest) for name, digest in document["files"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsUnusable(f"{path} can't be used ({error}); train or copy the model anew") from error


def damaged_files(folder: Path, model: ModelFolder) -> list[str]:
    """A line for every file that is missing or not as it was written."""
    problems = []
    for name, digest in model.files.items():
        if not (folder / name).is_file():
            problems.append(f"{folder / name} is missing")
        elif file_digest(folder / name) != digest:
            problems.append(f"{folder / name} is damaged: its SHA-256 is not {digest}")
    return problems
