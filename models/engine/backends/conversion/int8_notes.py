"""What is noted of a model's int8 form on this machine: texts of whose it was calibrated on, and whether it is refused.

`shopstream models quantize` writes it; conversion and `auto` heed it. Texts are never kept, only their digest.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from models.conversion import cache_folder
from models.engine.backend import Task
from models.files import write_whole
from models.sources import CONFIG_FILE, TOKENIZER_FILE, content_digest, weight_files

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Int8Note:
    """What is noted.

    Attributes:
        calibration: names the texts that activations' ranges were measured on; empty for those that come with us.
        refused: why `auto` must not take it; empty where it may.
    """

    calibration: str = ""
    refused: str = ""


def conversion_key(folder: Path, task: Task) -> str:
    """Names all that a conversion reads of a folder, and the task."""
    files = [*weight_files(folder), folder / CONFIG_FILE, folder / TOKENIZER_FILE]
    return f"{content_digest(files)[:_DIGITS]}-{task}"


def read_note(folder: Path, task: Task) -> Int8Note:
    """The note of a folder; an empty one where there is none, or a damaged one."""
    try:
        return Int8Note(**json.loads(_path(folder, task).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Int8Note()


def write_note(folder: Path, task: Task, note: Int8Note) -> None:
    """Replace the note of a folder; an empty one is none.

    Raises:
        OSError: the cache can't be written.
    """
    path = _path(folder, task)
    if note == Int8Note():
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(note)).encode())


def _path(folder: Path, task: Task) -> Path:
    return cache_folder() / "int8" / f"{conversion_key(folder, task)}.json"
