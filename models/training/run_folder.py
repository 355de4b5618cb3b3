"""A training's folder: settings, curves, checkpoints while it runs; model, metrics, card at its end."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from models.errors import TrainingDataError
from models.files import write_whole
from models.sources.model_folder import MODEL_FILE
from models.training.checkpoint import CHECKPOINT_FILE, Checkpoints
from models.training.loop import Epoch

SETTINGS_FILE: Final = "settings.json"
CURVES_FILE: Final = "curves.csv"
PLOT_FILE: Final = "curves.png"
CONFUSION_FILE: Final = "confusion.csv"
REPORT_FILE: Final = "report.json"
CARD_FILE: Final = "CARD.md"


class RunFolder:
    """Where a training writes.

    Args:
        path: a new or empty folder, or one with a checkpoint of the same settings, which is gone on from.
        settings: all that the outcome depends on: options, data's digest, base. Plain values.

    Raises:
        TrainingDataError: the folder holds something else, or a checkpoint of other settings.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.path = path
        self._settings = json.loads(json.dumps(settings))
        path.mkdir(parents=True, exist_ok=True)
        there = {one.name for one in path.iterdir()}
        if MODEL_FILE in there:
            raise TrainingDataError(f"{path} holds a finished model; name a new or empty folder")
        if there and SETTINGS_FILE not in there and CHECKPOINT_FILE not in there:
            raise TrainingDataError(f"{path} holds other files; name a new or empty folder")
        self.checkpoints = Checkpoints(path, self._settings)
        self.resumes = self.checkpoints.load() is not None
        self._write_json(SETTINGS_FILE, self._settings)

    def finish(
        self,
        history: Sequence[Epoch],
        report: Mapping[str, Any],
        card: str,
        confusion: Sequence[Sequence[object]] = (),
    ) -> None:
        """Write curves, report, card and confusion matrix, in place of the checkpoint; the model goes beside them."""
        self._curves(history)
        self._write_json(REPORT_FILE, report)
        self._write(CARD_FILE, card)
        if confusion:
            self._write(CONFUSION_FILE, _csv(confusion))
        self.checkpoints.remove()

    def _curves(self, history: Sequence[Epoch]) -> None:
        rows = [tuple(asdict(epoch).values()) for epoch in history]
        self._write(CURVES_FILE, _csv([("epoch", "training_loss", "validation_score"), *rows]))
        plot_curves(history, self.path / PLOT_FILE)

    def _write_json(self, name: str, document: object) -> None:
        self._write(name, json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n")

    def _write(self, name: str, text: str) -> None:
        write_whole(self.path / name, text.encode())


def plot_curves(history: Sequence[Epoch], path: Path) -> None:
    """Training loss and validation score by epoch, as a PNG; without matplotlib nothing is drawn."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    losses = figure.add_subplot()
    epochs = [epoch.number + 1 for epoch in history]
    losses.plot(epochs, [epoch.loss for epoch in history], "o-", color="tab:blue")
    losses.set_xlabel("epoch")
    losses.set_xticks(epochs)
    losses.set_ylabel("training loss", color="tab:blue")
    scores = losses.twinx()
    scores.plot(epochs, [epoch.score for epoch in history], "s-", color="tab:orange")
    scores.set_ylabel("validation score", color="tab:orange")
    figure.savefig(path, dpi=120)


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
