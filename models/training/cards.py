"""Model cards in Markdown (Mitchell et al. 2019, arXiv:1810.03993), from the facts of a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.training.metrics import Metrics


@dataclass(frozen=True, slots=True)
class DataFacts:
    """Where the data came from and how it was split."""

    name: str
    licence: str
    digest: str
    rows: int
    skipped: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    split_rule: str


@dataclass(frozen=True, slots=True)
class Card:
    """All that a card says."""

    title: str
    summary: str
    facts: Mapping[str, str]
    data: DataFacts
    test: Mapping[str, Metrics]
    chosen: str
    limits: Sequence[str]
    command: str
    licence: str

    def markdown(self) -> str:
        """The card's text."""
        model = next(iter(self.test))
        sections = [
            f"# {self.title}\n\n{self.summary}",
            _table(("", ""), [(name, value) for name, value in self.facts.items()]),
            f"## Data\n\n{_data(self.data)}",
            f"## Results on the test part\n\n{_results(self.test)}\n\n{_classes(self.test[model])}\n\n{self.chosen}",
            "## Limits\n\n" + "\n".join(f"- {limit}" for limit in self.limits),
            f"## To make it again\n\n```sh\n{self.command}\n```",
            f"## Licence\n\n{self.licence}",
        ]
        return "\n\n".join(sections) + "\n"


def _data(data: DataFacts) -> str:
    skipped = ", ".join(f"{count} {reason}" for reason, count in data.skipped.items()) or "none"
    labels = list(next(iter(data.counts.values())))
    rows = [(part, *(f"{count:,}" for count in counts.values())) for part, counts in data.counts.items()]
    return (
        f"{data.name}. Licence: {data.licence}. SHA-256 of the file: `{data.digest}`.\n\n"
        f"{data.rows:,} rows; left out: {skipped}. {data.split_rule}\n\n" + _table(("part", *labels), rows)
    )


def _results(test: Mapping[str, Metrics]) -> str:
    rows = [
        (name, f"{one.accuracy:.4f}", f"{one.macro_f1:.4f}", "-" if one.ece is None else f"{one.ece:.4f}")
        for name, one in test.items()
    ]
    return _table(("", "accuracy", "macro-F1", "calibration error (ECE)"), rows)


def _classes(metrics: Metrics) -> str:
    rows = [
        (
            label,
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            f"{one.f1:.3f}",
            *(str(count) for count in confusion),
        )
        for (label, one), confusion in zip(metrics.per_class.items(), metrics.confusion, strict=True)
    ]
    said = (f"said {label}" for label in metrics.per_class)
    return _table(("class", "precision", "recall", "F1", *said), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
