"""Write a trained sentiment head where it can be used: weights, card and report in one folder."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.reviews.head import SHIPPED_HEAD, SentimentHead
from models.reviews.labels import LABELS
from models.training.cards import Card, DataFacts
from models.training.review_data import ReviewData
from models.training.review_sentiment import HEAD, SVM, SentimentReport
from models.training.splits import PARTS

WEIGHTS_FILE = SHIPPED_HEAD.name
CARD_FILE = "CARD.md"
REPORT_FILE = "report.json"

SPLIT_RULE = (
    f"A repeated text is left out before the split, so that no text is in two parts. Test: SHA-256 of the text "
    f"divisible by {PARTS}; validation: of the rest, a second, salted hash divisible by {PARTS}; training: all else. "
    "Candidates, early stopping and temperature used validation; the test part was used once."
)
LIMITS = (
    "It reads English: the encoder knows little of other languages.",
    "It says what stars a review's words suggest, not what its author feels; irony is read literally.",
    "Neutral (3 stars) is the weakest class: such reviews praise and complain at once, and are often read as positive.",
    "Trained on one kind of goods. On others, expect lower figures and less well calibrated confidence.",
    "Where you have some thousand reviews of your own, train on them.",
    "Text beyond the encoder's limit (256 word pieces for all-MiniLM-L6-v2) is not read.",
    "Of use for sorting, counting and drawing attention; not for decisions about people.",
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the card says about the data, and the command that makes the head again."""

    data_name: str
    data_licence: str
    command: str


def write_release(
    folder: Path, head: SentimentHead, report: SentimentReport, data: ReviewData, provenance: Provenance
) -> SentimentHead:
    """Write `sentiment-head.safetensors`, `CARD.md` and `report.json` into a folder, over what is there.

    Returns:
        The head with its notes and the digest of its file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved = replace(head, notes=_notes(report, data)).save(folder / WEIGHTS_FILE)
    (folder / CARD_FILE).write_text(_card(saved, report, data, provenance).markdown(), "utf-8")
    (folder / REPORT_FILE).write_text(json.dumps(release_json(saved, report, data), indent=2) + "\n", "utf-8")
    return saved


def release_json(head: SentimentHead, report: SentimentReport, data: ReviewData) -> dict[str, Any]:
    """The whole training as plain values."""
    facts = {
        "sha256": data.digest,
        "rows": data.rows,
        "skipped": data.skipped,
        "columns": data.columns,
        "examples": data.counts(),
    }
    return {"head": head.identity._asdict(), "data": facts, **report.as_json()}


def _notes(report: SentimentReport, data: ReviewData) -> dict[str, Any]:
    test = report.test[HEAD]
    return {
        "data_sha256": data.digest,
        "seed": report.seed,
        "candidate": report.chosen.candidate.name,
        "test": {
            "accuracy": round(test.accuracy, 4),
            "macro_f1": round(test.macro_f1, 4),
            "ece": round(test.ece or 0, 4),
        },
    }


def _card(head: SentimentHead, report: SentimentReport, data: ReviewData, provenance: Provenance) -> Card:
    read = (
        "title and text of a review, joined as `Title. Text`"
        if "title" in data.columns
        else "text of a review"
    )
    return Card(
        title="Review sentiment head",
        summary=(
            f"Reads the {read}, and says {', '.join(LABELS[:-1])} or {LABELS[-1]} with calibrated probabilities: a"
            " small head on the vectors of a frozen encoder. Stars were the labels: 1-2 negative, 3 neutral, 4-5"
            " positive."
        ),
        facts={
            "version": head.identity.version,
            "SHA-256": f"`{head.identity.digest}`",
            "encoder": f"{head.encoder.id} {head.encoder.version}, SHA-256 `{head.encoder.digest}`",
            "vectors computed on": report.runs_on,
            "shape": f"{report.chosen.candidate.name}; temperature {head.temperature:.3f}",
            "seed": str(report.seed),
        },
        data=DataFacts(
            name=provenance.data_name,
            licence=provenance.data_licence,
            digest=data.digest,
            rows=data.rows,
            skipped=data.skipped,
            counts=data.counts(),
            split_rule=SPLIT_RULE,
        ),
        test=report.test,
        chosen=_choice(report),
        limits=(*_comparison(report), *LIMITS),
        command=provenance.command,
        licence="Apache-2.0, as the rest of this project. The encoder and the data have their own.",
    )


def _comparison(report: SentimentReport) -> list[str]:
    """Says so where word counts do as well: whoever needs only this task should know."""
    head, svm = report.test[HEAD], report.test[SVM]
    if head.accuracy > svm.accuracy and head.macro_f1 > svm.macro_f1:
        return []
    figures = (
        f"{SVM}, trained on the same texts, reaches accuracy {svm.accuracy:.3f} and macro-F1 {svm.macro_f1:.3f}, this"
        f" head {head.accuracy:.3f} and {head.macro_f1:.3f}."
    )
    reason = (
        "The encoder is frozen, and was made to tell topics apart, not moods; fine-tuning it is what would raise"
        " these figures. What the head has over the SVM is calibrated probabilities."
    )
    return [f"{figures} {reason}"]


def _choice(report: SentimentReport) -> str:
    lines = [
        f"- {one.candidate.name}: accuracy {one.validation.accuracy:.4f}, macro-F1 {one.validation.macro_f1:.4f},"
        f" ECE {one.validation.ece or 0:.4f}{' (chosen)' if one is report.chosen else ''}"
        for one in report.tried
    ]
    return (
        "Candidates on validation, chosen by the mean of accuracy and macro-F1:\n\n"
        + "\n".join(lines)
        + f"\n\nThe SVM's settings were chosen in the same way: {report.svm_settings}."
    )
