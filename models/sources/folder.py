"""What an encoder folder holds: config, tokenizer, safetensors."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from models.digests import file_digest
from models.errors import WeightsUnusable

TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "config.json"


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
    digests = [(file.name, file_digest(file)) for file in files]
    if len(digests) == 1:
        return digests[0][1]
    listing = "".join(f"{name} {digest}\n" for name, digest in sorted(digests))
    return hashlib.sha256(listing.encode()).hexdigest()
