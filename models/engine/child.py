"""Work that is done once, in a process of its own: what it imports and allocates is gone after, and so is its crash."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import models

SECONDS = 900.0
"""Conversion of a large model on a slow machine takes minutes; a child that takes longer hangs."""
_ROOT = str(Path(models.__file__).parent.parent)
_SHOWN = 300


class ChildFailed(Exception):
    """The child ended without an answer."""


def run_child(module: str, job: Mapping[str, Any], seconds: float = SECONDS) -> Any:  # noqa: ANN401 - JSON
    """Run `python -m MODULE` with a job, and wait.

    Args:
        module: reads the job as JSON from its standard input, and prints its answer as the last line, as JSON.
        job: what to do.
        seconds: after which it is killed.

    Raises:
        ChildFailed: it crashed, hung or printed no answer; the message has the last line of its errors.
    """
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            env=os.environ | {"PYTHONPATH": path},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChildFailed(f"its process did not end ({type(error).__name__})") from error
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2][:_SHOWN] or "no message"
        raise ChildFailed(f"its process ended with {done.returncode}: {said}")
    try:
        return json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError as error:
        raise ChildFailed("its process gave no answer") from error
