"""Write a trained reviews model: model folder, report, card."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from models.reviews.aspects import ASPECTS
from models.reviews.names import SENTIMENT
from models.training.cards import Card, class_table, metrics_table, table
from models.training.fitted_facts import card_facts, report_facts, version_of, words_section
from models.training.review_data import ReviewData
from models.training.review_extras import HelpfulFigures
from models.training.review_results import ALL, Results
from models.training.reviews import TrainedReviews
from models.training.run_folder import RunFolder
from models.training.splits import PARTS

TASK: Final = "reviews"

SPLIT_RULE: Final = (
    f"A repeated text is left out before the split, so that no text is in two parts. Test: SHA-256 of the text "
    f"divisible by {PARTS}; validation: of the rest, a second, salted hash divisible by {PARTS}; training: all else. "
    "Early stopping and temperatures used validation; the test part was used once."
)
LIMITS: Final = (
    "It says what a review's words suggest, not what its author feels; irony is read literally.",
    "Neutral (3 stars) is the weakest class: such reviews praise and complain at once.",
    "In a language or shop whose training data had no neutral reviews, hardly any will be read as neutral.",
    "Trained on few kinds of goods. On others, expect lower figures and less well calibrated confidence.",
    "Where you have some thousand reviews of your own, train on them.",
    "Text beyond the encoder's limit is not read.",
    "Of use for sorting, counting and drawing attention; not for decisions about people.",
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the card says of name, data, and the command that makes the model again."""

    name: str
    data_licence: str
    command: str


def write_reviews_model(
    run: RunFolder, trained: TrainedReviews, data: ReviewData, provenance: Provenance
) -> dict[str, Any]:
    """Write everything into the run's folder.

    Returns:
        The report, with the model's identity.
    """
    fitted = trained.fitted
    version = version_of(fitted, data.digest)
    report = report_json(trained, data)
    metrics = trained.results.model
    labels = list(metrics.per_class)
    confusion = [("true", *labels), *zip(labels, *zip(*metrics.confusion, strict=True), strict=True)]
    card = _card(trained, data, provenance, version).markdown()
    run.finish(fitted.outcome.history, report, card, confusion)
    written = fitted.write(run.path, provenance.name, version, TASK)
    return {"model": written.identity._asdict()} | report


def report_json(trained: TrainedReviews, data: ReviewData) -> dict[str, Any]:
    """The whole training as plain values."""
    return report_facts(trained.fitted, data.facts()) | {
        "heads": {name: head.temperature for name, head in trained.fitted.heads.items()},
        "test": trained.results.as_json(),
        "aspects": {name: asdict(one) for name, one in trained.aspects.items()},
        "helpfulness": None if trained.helpful is None else asdict(trained.helpful),
        "seconds": trained.seconds,
    }


def _card(trained: TrainedReviews, data: ReviewData, provenance: Provenance, version: str) -> Card:
    fitted = trained.fitted
    tells = ["sentiment (negative, neutral or positive, with calibrated probabilities)"]
    tells += ["an estimate of the stars"] if "stars" in fitted.heads else []
    tells += ["aspects with a sentiment each"] if trained.aspects else []
    tells += ["how likely readers are to find it helpful"] if "helpful" in fitted.heads else []
    return Card(
        title="Reviews model",
        summary=(
            f"Reads a review, title and text joined as `Title. Text`, and tells {', '.join(tells)}. Where the data had"
            " stars, 1-2 were negative, 3 neutral, 4-5 positive."
        ),
        facts=card_facts(fitted, version, "heads alone"),
        sections={
            "Data": _data(data, provenance),
            "Results on the test part": _results(trained.results),
        }
        | words_section(fitted, SENTIMENT)
        | ({"Aspects": _aspects(trained)} if trained.aspects else {})
        | ({"Helpfulness": _helpful(trained.helpful)} if trained.helpful else {}),
        limits=LIMITS,
        command=provenance.command,
        licence=(
            "That of whoever trained it; Apache-2.0 where it ships with Shopstream. Encoder and data have their own."
        ),
    )


def _data(data: ReviewData, provenance: Provenance) -> str:
    files = table(
        ("source", "rows", "SHA-256"),
        [(one.name, f"{one.rows:,}", f"`{one.digest}`") for one in data.sources],
    )
    counts = data.counts()
    rows = [(part, *(f"{count:,}" for count in by_label.values())) for part, by_label in counts.items()]
    skipped = ", ".join(f"{count:,} {reason}" for reason, count in data.skipped.items()) or "none"
    return (
        f"Licence of the data: {provenance.data_licence}.\n\n{files}\n\nRows left out: {skipped}. {SPLIT_RULE}\n\n"
        + table(("part", *next(iter(counts.values()))), rows)
    )


def _results(results: Results) -> str:
    parts = []
    for source, by_name in results.sentiment.items():
        heading = [f"### {source}"] if len(results.sentiment) > 1 else []
        parts += [*heading, metrics_table(by_name)]
    parts.append(class_table(results.model))
    if ALL in results.sentiment and len(results.sentiment) > 1:
        parts.append(
            "Of a source without neutral reviews, what is told is the likelier of negative and positive."
        )
    if results.stars:
        rows = [(name, f"{error:.3f}") for name, error in results.stars.items()]
        parts.append(table(("stars", "mean absolute error"), rows))
    settings = {name: one for name, one in results.settings.items() if one != "none"}
    chosen = "; ".join(f"{name}: {one}" for name, one in settings.items())
    return "\n\n".join([*parts, f"Chosen on validation for the baselines: {chosen}."])


def _aspects(trained: TrainedReviews) -> str:
    figures = trained.aspects
    order = [name for name in ASPECTS if name in figures] + sorted(set(figures) - set(ASPECTS))
    rows = [
        (name, str(one.mentions), f"{one.there:.3f}", f"{one.f1:.3f}")
        for name, one in ((name, figures[name]) for name in order)
    ]
    return (
        "Fitted on the finished encoder's vectors of labelled reviews, and on what word lists find in them; these"
        " figures are of five-fold cross-validation over them, on whose predictions regularisation and threshold were"
        " chosen, too: a little flattered.\n\n"
        + table(("aspect", "mentions", "F1 of being there", "macro-F1 of the sentiments"), rows)
    )


def _helpful(figures: HelpfulFigures) -> str:
    said = (
        f"A review counts as helpful with more than {figures.more_than:g} votes. On validation the area under the ROC"
        f" curve is {figures.area:.3f}, of the text's length alone {figures.length_area:.3f} (difference at least"
        f" {figures.gain_low:.3f} at 95 %). "
    )
    return said + (
        "The model tells it." if figures.kept else "That is no clear gain, so the model does not tell it."
    )
