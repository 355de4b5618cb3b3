"""Child of `models.engine.choosing.references`: float32 outputs of the probes by torch, into a file."""

import json
import sys
from pathlib import Path
from typing import Any

from models.engine.backend import Lane, Output
from models.engine.choosing.candidates import Candidate
from models.engine.choosing.references import forward, probe_inputs, write_outputs
from models.engine.cpu_features import usable_cores
from models.engine.folder import read_facts
from models.engine.tokenising import Tokeniser
from models.errors import WeightsUnusable


def main() -> None:
    """Read the job from standard input, and do it."""
    print(json.dumps(make_reference(json.load(sys.stdin))))  # noqa: T201 - the parent's answer


def make_reference(job: dict[str, Any]) -> dict[str, str]:
    """Write the reference file of a job of `choosing.references`; its answer: what is `unusable`."""
    path = Path(job["path"])
    try:
        write_outputs(path, _outputs(job))
    except WeightsUnusable as error:
        return {"unusable": str(error)}
    except OSError as error:
        told = f"reference outputs can't be kept in {path.parent} ({error.strerror})"
        return {"unusable": f"{told}; set XDG_CACHE_HOME to a folder that can be written and has room"}
    return {}


def _outputs(job: dict[str, Any]) -> list[Output]:
    folder = Path(job["folder"])
    facts = read_facts(folder, job["task"])
    rows = Tokeniser(folder, facts.max_tokens).rows(probe_inputs(job["task"]))
    threads = job["threads"] or usable_cores()
    backend = Candidate("torch", "cpu", "float32").build(folder, facts, job["task"], threads)
    # One by one: nothing is padded, so that padding can't be wrong.
    outputs = [forward(backend, [row], Lane.BULK)[0] for row in rows]
    backend.close()
    return outputs


if __name__ == "__main__":
    main()
