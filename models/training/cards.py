"""Model cards in Markdown (Mitchell et al. 2019, arXiv:1810.03993), from the facts of a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.training.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Card:
    """All that a card says.

    Attributes:
        title: the model's name for people.
        summary: what it does.
        facts: what identifies it, and how it was made.
        sections: further Markdown by heading: data, results.
        limits: what it must not be taken for.
        command: what makes it again.
        licence: of the model.
    """

    title: str
    summary: str
    facts: Mapping[str, str]
    sections: Mapping[str, str]
    limits: Sequence[str]
    command: str
    licence: str

    def markdown(self) -> str:
        """The card's text."""
        parts = [
            f"# {self.title}\n\n{self.summary}",
            table(("", ""), list(self.facts.items())),
            *(f"## {heading}\n\n{text}" for heading, text in self.sections.items()),
            "## Limits\n\n" + "\n".join(f"- {limit}" for limit in self.limits),
            f"## To make it again\n\n```sh\n{self.command}\n```",
            f"## Licence\n\n{self.licence}",
        ]
        return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def metrics_table(by_name: Mapping[str, Metrics]) -> str:
    """A row for each classifier."""
    rows = [
        (
            name,
            f"{one.examples:,}",
            f"{one.accuracy:.4f}",
            f"{one.macro_f1:.4f}",
            "-" if one.ece is None else f"{one.ece:.4f}",
        )
        for name, one in by_name.items()
    ]
    return table(("", "examples", "accuracy", "macro-F1", "calibration error (ECE)"), rows)


def class_table(metrics: Metrics) -> str:
    """A row for each class: its figures, and what its examples were taken for."""
    rows = [
        (label, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", *map(str, confusion))
        for (label, one), confusion in zip(metrics.per_class.items(), metrics.confusion, strict=True)
    ]
    said = (f"said {label}" for label in metrics.per_class)
    return table(("class", "precision", "recall", "F1", *said), rows)
