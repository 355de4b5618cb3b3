"""`shopstream evaluate reviews` and `aspects`: how well a model reads reviews."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.evaluation.reviews import Told, Wanted
    from models.training.review_files import ReviewSource

_FILE = click.Path(path_type=Path)
_MODEL = click.option(
    "--model", help="shipped:NAME, path:FOLDER or another source; default from the settings (models.reviews)."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
_TEXT = click.option(
    "--text-column", help='Column of the review; by default "Review Text", "text", "review", …'
)
_STARS = click.option("--stars-column", help='Column of 1 to 5 stars; by default "Rating", "stars", …')
_LABEL = click.option(
    "--label-column", help='Column of sentiments, where there are no stars; "sentiment", "label".'
)
_TITLE = click.option(
    "--title-column", help='Column of the title, "" for none; by default "Title", "summary", …'
)


@click.command()
@click.option("--data", required=True, type=_FILE, help="CSV, TSV or JSON lines, also gzipped.")
@_MODEL
@click.option("--against", help="Another model, to compare with on the same reviews.")
@click.option(
    "--part",
    type=click.Choice(["all", "test"]),
    default="all",
    show_default=True,
    help="All reviews, or those that a training on this file leaves alone.",
)
@_TEXT
@_STARS
@_LABEL
@_TITLE
@_JSON
def reviews(  # noqa: PLR0913 - each is an option of the command
    *,
    data: Path,
    model: str | None,
    against: str | None,
    part: str,
    text_column: str | None,
    stars_column: str | None,
    label_column: str | None,
    title_column: str | None,
    as_json: bool,
) -> None:
    """Measure how well reviews are read, by the very reader that the agent uses.

    The file has a column of texts and one of stars (1-2 negative, 3 neutral, 4-5 positive) or of sentiments; or it is a
    TSV with a sentiment, a tab and a text on each line. Where nothing in it is neutral, what counts is the likelier of
    negative and positive. Each text counts once.

    \b
    Exit codes: 0 measured; 1 the data or a model can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models.errors import ModelError
    from models.evaluation.reviews import compared, figures, judged
    from models.reviews import LABELS
    from models.training.review_files import Columns, read_source

    try:
        columns = Columns(text_column, stars_column, label_column, title_column)
        source = read_source(data, columns)
        known = judged(source, cast("Wanted", part))
        told, facts = _asked(model or load_settings().models.reviews, known.texts)
        report: dict[str, Any] = {
            "data": _facts(source) | {"part": part, "repeated": known.repeated},
            "examples": len(known.reviews),
            "classes": [LABELS[one] for one in known.classes],
            "model": facts,
            **figures(known, told).as_json(),
        }
        if against:
            other, others = _asked(against, known.texts)
            report["against"] = {"model": others, **figures(known, other).as_json()}
            report["difference"] = asdict(compared(known, told, other))
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(report)
    else:
        _show_reviews(report)


@click.command()
@click.option("--labels", required=True, type=_FILE, help="JSON lines of aspects by SHA-256 of the text.")
@click.option(
    "--data", "files", required=True, multiple=True, type=_FILE, help="Where the labelled texts are."
)
@_MODEL
@_TEXT
@_STARS
@_LABEL
@_TITLE
@_JSON
def aspects(
    *,
    labels: Path,
    files: tuple[Path, ...],
    model: str | None,
    text_column: str | None,
    stars_column: str | None,
    label_column: str | None,
    title_column: str | None,
    as_json: bool,
) -> None:
    """Measure how well the aspects of reviews are told, beside word lists.

    Each line of --labels is {"sha256": …, "aspects": {"fit": "negative", …}}: the digest is that of a review's text
    without title and outer white space, and what is not named is absent.

    \b
    Exit codes: 0 measured; 1 the data or the model can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models.errors import ModelError
    from models.evaluation.aspects import evaluate_aspects, labelled_reviews
    from models.training.aspect_labels import read_aspect_labels
    from models.training.review_files import Columns, read_source

    try:
        columns = Columns(text_column, stars_column, label_column, title_column)
        sources = [read_source(file, columns) for file in files]
        known = labelled_reviews(sources, read_aspect_labels([labels]))
        told, facts = _asked(model or load_settings().models.reviews, known.texts)
        report = evaluate_aspects(known, told.readings)
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    document = {
        "labels": labels.name,
        "data": [_facts(one) for one in sources],
        "model": facts,
    } | report.as_json()
    if as_json:
        print_json(document)
    else:
        _show_aspects(document)


def _asked(model: str, texts: "Sequence[str]") -> "tuple[Told, dict[str, Any]]":
    """What a model tells of texts, and which one it is."""
    from models.engine.encoder import Encoder
    from models.evaluation.reviews import read_all
    from models.heads import read_heads
    from models.reviews import ReviewReader
    from models.sources import HEADS_FILE, TERMS_FILE, resolve
    from models.terms import read_terms

    found = resolve(model)
    heads = read_heads(found.folder / HEADS_FILE)
    with Encoder.load(found, **load_settings().models.running) as encoder:
        reader = ReviewReader(encoder, heads, read_terms(found.folder / TERMS_FILE))
        with progress(f"reading with {found.id}", len(texts)) as done:
            told = asyncio.run(read_all(reader, texts, done))
        return told, {"source": model, **encoder.identity._asdict(), "runs_on": encoder.runs_on}


def _facts(source: "ReviewSource") -> dict[str, Any]:
    return {
        "name": source.name,
        "sha256": source.digest,
        "rows": source.rows,
        "skipped": dict(source.skipped),
        "columns": dict(source.columns),
    }


def _show_reviews(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    title = f"{report['data']['name']}, {report['data']['part']}: {report['examples']:,} reviews"
    table = Table(
        "model", "accuracy (95 %)", "macro-F1 (95 %)", "ECE", "stars, error", "texts/s", title=title
    )
    for one in filter(None, (report, report.get("against"))):
        stars = "-" if one["stars"] is None else f"{one['stars']['error']['value']:.3f}"
        table.add_row(
            one["model"]["id"],
            *(_interval(one[name]) for name in ("accuracy", "macro_f1")),
            f"{one['ece']:.3f}",
            stars,
            f"{one['texts_per_second']:,.0f}",
        )
    console.print(table)
    classes = Table("class", "precision", "recall", "F1", "examples")
    for label, one in report["per_class"].items():
        classes.add_row(
            label, *(f"{one[name]:.3f}" for name in ("precision", "recall", "f1")), f"{one['support']:,}"
        )
    console.print(classes)
    if report["stars"] is not None:
        click.echo(
            f"Always telling the mean of these stars would err by {report['stars']['mean_error']:.3f}."
        )
    if difference := report.get("difference"):
        test, gain = difference["mcnemar"], difference["accuracy"]
        click.echo(
            f"Accuracy differs by {gain['value']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f}): right on"
            f" {test['only_first']} reviews where the other is wrong, wrong on {test['only_second']} where it is right,"
            f" p = {test['p_value']:.2g} (McNemar)."
        )


def _show_aspects(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    model, words = report["systems"].values()
    title = f"{report['labels']}: {report['reviews']} reviews, {report['model']['id']} {report['model']['version']}"
    table = Table("aspect", "mentions", "F1", "by words", "with sentiment", "by words", title=title)
    for name, one in model["aspects"].items():
        other = words["aspects"][name]
        table.add_row(
            name,
            str(one["mentions"]),
            f"{one['there']:.3f}",
            f"{other['there']:.3f}",
            _by_sentiment(one["by_sentiment"]),
            _by_sentiment(other["by_sentiment"]),
        )
    cells = [f"{system[name]['value']:.3f}" for name in ("there", "sentiment") for system in (model, words)]
    table.add_row("macro-F1", "", *cells)
    Console().print(table)
    for name, gain in (("being there", report["gain_there"]), ("sentiments", report["gain_sentiment"])):
        click.echo(
            f"Over word lists, {name}: {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f}),"
            f" p = {gain['p_value']:.2g}."
        )
    if report["missing"]:
        click.echo(f"{report['missing']} labels belong to texts that are not in the files.")


def _by_sentiment(scores: dict[str, float]) -> str:
    return " ".join(f"{name[:3]} {score:.2f}" for name, score in scores.items())


def _interval(one: dict[str, float]) -> str:
    return f"{one['value']:.4f} ({one['low']:.3f}-{one['high']:.3f})"
