"""What files a converted folder has: written with them, compared at each use by size, and on request by content."""

import json
from pathlib import Path

from models.digests import file_digest

MANIFEST_FILE = "manifest.json"
_SIZE, _DIGEST = "bytes", "sha256"
_LASTING = "lasting"


def write_manifest(folder: Path, *, lasting: bool = False) -> None:
    """List all files in `folder` there, with sizes in bytes and SHA-256 (hex); and whether to keep it when unused."""
    files = {
        path.relative_to(folder).as_posix(): {_SIZE: path.stat().st_size, _DIGEST: file_digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {"files": files, _LASTING: lasting}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def is_lasting(folder: Path) -> bool:
    """Whether its manifest says so; not where that is damaged."""
    try:
        return json.loads((folder / MANIFEST_FILE).read_text("utf-8")).get(_LASTING) is True
    except (OSError, ValueError, AttributeError):
        return False


def manifest_problems(folder: Path, *, contents: bool) -> list[str]:
    """What differs from the manifest, one line a file; nothing where all is well.

    Args:
        folder: has a manifest.
        contents: compare digests too, which reads every file.
    """
    try:
        files = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))["files"]
        wanted = {folder / name: (facts[_SIZE], facts[_DIGEST]) for name, facts in files.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return [f"{folder / MANIFEST_FILE} is damaged, or can't be read"]
    return [
        problem
        for path, (size, digest) in wanted.items()
        if (problem := _problem(path, size, digest if contents else None))
    ]


def _problem(path: Path, size: int, digest: str | None) -> str | None:
    if not path.is_file():
        return f"{path} is missing"
    if path.stat().st_size != size:
        return f"{path} is damaged: it has {path.stat().st_size} bytes, not {size}"
    if digest is not None and file_digest(path) != digest:
        return f"{path} is damaged: its SHA-256 is not {digest}"
    return None
