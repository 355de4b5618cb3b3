"""All that is told of a model before and after compression."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.compression.comparing import (
    Judgement,
    Quality,
    Side,
    Speeds,
    agreement,
    judged,
    qualities,
    speeds,
)
from models.compression.examples import Examples
from models.engine.backends.conversion.accuracy import AccuracyRecord
from models.engine.engine import Engine
from models.sources import weight_files
from models.sources.model_folder import WEIGHT_FILES, is_model_folder
from models.training.splits import Part

SEEN_TEXTS = 512
"""Texts on which outputs are compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model before and after.

    Attributes:
        runs_on: of both.
        stored_bytes: of both, on disk or in a package.
        served_bytes: of both, of the weights that the engine reads.
        speeds: measured by turns.
        agreement: of outputs after with those before.
        quality: of heads; empty without texts to measure on.
        judgement: by quality; None where there is none.
    """

    runs_on: tuple[str, str]
    stored_bytes: tuple[int, int]
    served_bytes: tuple[int, int]
    speeds: Speeds
    agreement: AccuracyRecord
    quality: list[Quality]
    judgement: Judgement | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def markdown(self) -> str:
        """A table for a card."""
        lines = ["| | before | after |", "| --- | --- | --- |"]
        lines += [f"| {name} | {before} | {after} |" for name, before, after in self.rows()]
        return "\n".join(lines)

    def rows(self) -> list[tuple[str, str, str]]:
        """What a table says: name, before, after."""
        numbers: list[tuple[str, str, str]] = [
            ("runs on", *self.runs_on),
            ("weights stored", megabytes(self.stored_bytes[0]), megabytes(self.stored_bytes[1])),
            ("weights served", megabytes(self.served_bytes[0]), megabytes(self.served_bytes[1])),
            (
                "texts/s",
                f"{self.speeds.before:,.0f}",
                f"{self.speeds.after:,.0f} ({self.speeds.ratio:.2f} ×)",
            ),
        ]
        facts = asdict(self.agreement)
        numbers += [
            (f"{name.replace('_', ' ')} (after with before)", "", f"{value:.4f}")
            for name, value in facts.items()
            if name != "texts"
        ]
        return numbers + [
            (
                f"{one.metric} of {one.head} ({one.part}, {one.examples:,})",
                f"{one.before:.4f}",
                f"{one.after:.4f}",
            )
            for one in self.quality
        ]


def compare(
    before: Side,
    after: Side,
    texts: Sequence[str],
    tolerance: float,
    examples: Examples | None = None,
    parts: Sequence[Part] = (Part.VALIDATION, Part.TEST),
) -> Comparison:
    """Measure two models in one engine, which closes them in the end.

    Args:
        before: the model that there was.
        after: the compressed one.
        texts: what speed and agreement are measured on; at least 12.
        tolerance: points that may be lost.
        examples: what quality is measured on.
        parts: which parts of them; the last one that tells is what is judged by.
    """
    with Engine((before.model, after.model)) as engine:
        few = list(texts[:: max(1, len(texts) // SEEN_TEXTS)][:SEEN_TEXTS])
        quality = qualities(examples, parts, before, after) if examples and before.heads else []
        return Comparison(
            runs_on=(before.model.runs_on, after.model.runs_on),
            stored_bytes=(before.stored_bytes, after.stored_bytes),
            served_bytes=(before.model.backend.memory_bytes, after.model.backend.memory_bytes),
            speeds=speeds(engine, texts, before.model.name, after.model.name),
            agreement=agreement(before.model, after.model, few),
            quality=quality,
            judgement=judged(quality, tolerance),
        )


def stored_bytes(folder: Path) -> int:
    """Bytes of the weights in a folder; of a model folder, of what it changes."""
    if is_model_folder(folder):
        return sum((folder / name).stat().st_size for name in WEIGHT_FILES if (folder / name).is_file())
    return sum(path.stat().st_size for path in weight_files(folder))


def megabytes(count: int) -> str:
    """For people."""
    return f"{count / 1e6:,.2f} MB"
