"""Cold start and memory of one model, in a process of its own.

    python -m scripts.benchmarks._engine_process KIND FOLDER_OR_SOURCE [DEVICE]

KIND is `shopstream`, `sentence-transformers`, `sentence-transformers-int8`, or `nothing`, which only imports numpy.
Prints JSON: seconds from the start of the process to the first vector, and resident memory then and after more texts.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

MEBIBYTE = 1 << 20
WITHIN_SECONDS = 300
FIRST = "does it run small"
LENGTHS = (8, 20, 40, 60, 80, 120)
"""Words of the texts that come after the first: memory may grow with each new shape."""


def fresh(kind: str, source: str, device: str = "auto") -> dict[str, Any]:
    """The figures of a fresh process.

    Raises:
        SystemExit: the process failed; the message quotes the end of what it said.
    """
    command = [sys.executable, "-m", "scripts.benchmarks._engine_process", kind, source, device]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_SECONDS, check=False)
    if done.returncode:
        raise SystemExit(f"{kind} {source}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _encode(kind: str, source: str, device: str) -> Callable[[list[str]], Any]:
    if kind == "nothing":
        return lambda texts: np.zeros((len(texts), 1), np.float32)
    if kind == "shopstream":
        from models.engine.encoder import Encoder

        return Encoder.load(source, device=device).embed_now
    from scripts.benchmarks._engine_systems import OPENVINO_FILE, sentence_transformers

    if kind == "sentence-transformers":
        return sentence_transformers(Path(source), None if device == "auto" else device).encode
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(source, backend="openvino", model_kwargs={"file_name": OPENVINO_FILE})
    return lambda texts: model.encode(texts, show_progress_bar=False)


def main() -> None:
    """Loads, encodes, prints."""
    kind, source, device = sys.argv[1:4]
    process = psutil.Process()
    encode = _encode(kind, source, device)
    encode([FIRST])
    first = time.time() - process.create_time()
    resident = process.memory_info().rss
    for words in LENGTHS:
        # Different ones: the engine computes equal texts once.
        encode([" ".join([*(["dress"] * words), str(number)]) for number in range(64)])
    print(
        json.dumps(
            {
                "first_vector_seconds": round(first, 2),
                "resident_mebibytes": round(resident / MEBIBYTE),
                "resident_mebibytes_after_work": round(process.memory_info().rss / MEBIBYTE),
            }
        )
    )


if __name__ == "__main__":
    main()
