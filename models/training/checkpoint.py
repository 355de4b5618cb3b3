"""Checkpoints: what a training that was killed goes on from."""

import io
import time
from pathlib import Path
from typing import Any, Final

import torch

from models.errors import TrainingDataError
from models.files import write_whole

CHECKPOINT_FILE: Final = "checkpoint.pt"
SECONDS: Final = 60.0
"""Between two checkpoints; writing one takes well under a second."""


class Checkpoints:
    """One file in a run's folder, written whole or not at all, so that SIGKILL at any time leaves a good one.

    Args:
        folder: of the run.
        settings: what the run was asked to do; a checkpoint of other settings is refused.
        seconds: between two checkpoints.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], seconds: float = SECONDS) -> None:
        self._path = folder / CHECKPOINT_FILE
        self._settings = settings
        self._seconds = seconds
        self._written = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """The last checkpoint; None at a run's beginning.

        Raises:
            TrainingDataError: it belongs to other settings or data.
        """
        if not self._path.is_file():
            return None
        kept: dict[str, Any] = torch.load(self._path, map_location="cpu", weights_only=True)
        if kept["settings"] != self._settings:
            different = [key for key, value in self._settings.items() if kept["settings"].get(key) != value]
            raise TrainingDataError(
                f"{self._path} is of a run with other {', '.join(different) or 'settings'}; "
                "resume with the same ones, or name another --out"
            )
        state: dict[str, Any] = kept["state"]
        return state

    @property
    def due(self) -> bool:
        """Whether it is time for the next one."""
        return time.monotonic() - self._written >= self._seconds

    def save(self, state: dict[str, Any]) -> None:
        """Replace the last one. `state` holds tensors and plain values."""
        content = io.BytesIO()
        torch.save({"settings": self._settings, "state": state}, content)
        write_whole(self._path, content.getvalue())
        self._written = time.monotonic()

    def remove(self) -> None:
        """The run has ended."""
        self._path.unlink(missing_ok=True)
