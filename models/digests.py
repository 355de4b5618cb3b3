"""SHA-256 of files."""

import hashlib
from functools import lru_cache
from pathlib import Path


def file_digest(file: Path) -> str:
    """SHA-256 (hex) of a file. It is read once for each state of it: later calls look at its size and time only."""
    real = file.resolve()
    stat = real.stat()
    return _digest_of(real, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest_of(file: Path, size: int, modified_ns: int) -> str:
    """The digest; size and time of the file are only part of the cache's key."""
    del size, modified_ns
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
