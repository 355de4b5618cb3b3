"""What is to be known of a model without running it: identity, task, base, sizes, what its report says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from models.engine.backend import Task
from models.errors import WeightsUnusable
from models.identity import ModelIdentity
from models.sources import CONFIG_FILE, identify, resolve, weight_files
from models.sources.model_folder import ModelFolder, is_model_folder, read_model_folder
from models.sources.places import PLACES, SHIPPED
from models.sources.resolving import WHEEL, parse

ENGINE_TASKS: Final[Mapping[str, Task]] = {
    "reviews": "embed",
    "intent": "embed",
    "recommend": "embed",
    "pii": "tag",
    "search": "score",
}
"""What a model folder's model does in an engine, by what it was trained for."""
CARD_FILE: Final = "CARD.md"
REPORT_FILE: Final = "report.json"
_ARCHITECTURES: Final[tuple[tuple[str, Task], ...]] = (
    ("ForTokenClassification", "tag"),
    ("ForSequenceClassification", "classify"),
    ("ForCausalLM", "generate"),
    ("LMHeadModel", "generate"),
)


@dataclass(frozen=True, slots=True)
class Described:
    """A model.

    Attributes:
        source: as it was named.
        identity: name, version and digest.
        task: what it was trained for; None where it is a plain model.
        engine_task: what it does in an engine.
        base: source and digest of the model that it changes; None where it stands alone.
        layers: which of the base's layers it keeps; None is all.
        own_bytes: what its folder holds.
        weights_bytes: of the weights that an engine loads, as they lie on the disk.
        files: SHA-256 of its files, where it says.
        report: what its training measured; empty where there is no report.
        card: for people; empty where there is none.
    """

    source: str
    identity: ModelIdentity
    task: str | None
    engine_task: Task
    base: tuple[str, str] | None
    layers: tuple[int, ...] | None
    own_bytes: int
    weights_bytes: int
    files: Mapping[str, str] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""


def shipped() -> list[str]:
    """The sources that come with Shopstream."""
    folders = SHIPPED.iterdir() if SHIPPED.is_dir() else ()
    return [f"shipped:{folder.name}" for folder in sorted(folders) if is_model_folder(folder)]


def model_folder(source: str) -> tuple[Path, ModelFolder] | None:
    """The model folder that a source names, and what it says of itself; None where it names a plain model.

    Raises:
        WeightsMissing, WeightsUnusable: there is nothing, or it can't be read.
    """
    kind, name = parse(source)
    if kind == WHEEL:
        return None
    folder, _ = PLACES[kind](name)
    return (folder, read_model_folder(folder)) if is_model_folder(folder) else None


def engine_task(source: str) -> Task:
    """What a model does in an engine. A plain one is converted for that where it has not been yet.

    Raises:
        WeightsMissing, WeightsUnusable: as `model_folder`; also where a model folder is for an unknown task.
    """
    if found := model_folder(source):
        folder, model = found
        if model.task not in ENGINE_TASKS:
            raise WeightsUnusable(f"{folder} is for task {model.task!r}, not {', '.join(ENGINE_TASKS)}")
        return ENGINE_TASKS[model.task]
    config = json.loads((resolve(source).folder / CONFIG_FILE).read_text("utf-8"))
    named = " ".join(config.get("architectures") or ())
    task: Task = next((task for ending, task in _ARCHITECTURES if ending in named), "embed")
    alone = task == "classify" and len(config.get("id2label") or ()) == 1
    return "score" if alone else task


def describe(source: str) -> Described:
    """Look at a model. Merged or converted where it has not been yet.

    Raises:
        WeightsMissing, WeightsUnusable: there is none, or it can't be used.
    """
    identity, found = identify(source), model_folder(source)
    weights = sum(path.stat().st_size for path in weight_files(resolve(source).folder))
    if found is None:
        return Described(source, identity, None, engine_task(source), None, None, weights, weights)
    folder, model = found
    return Described(
        source=source,
        identity=identity,
        task=model.task,
        engine_task=engine_task(source),
        base=(model.base.source, model.base.digest),
        layers=model.layers,
        own_bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        weights_bytes=weights,
        files=model.files,
        report=_report(folder / REPORT_FILE),
        card=(folder / CARD_FILE).read_text("utf-8") if (folder / CARD_FILE).is_file() else "",
    )


def _report(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        report = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WeightsUnusable(f"{path} is not JSON ({error}); copy or train the model anew") from error
    return report if isinstance(report, dict) else {}
