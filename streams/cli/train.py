"""`shopstream train`: train a model from labelled data."""

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from streams.cli.output import print_json, stages
from streams.settings import Settings

if TYPE_CHECKING:
    from models.reviews import SentimentHead
    from models.training.review_sentiment import SentimentReport


@click.group()
def train() -> None:
    """Train a model from labelled data."""


@train.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="CSV, TSV or JSON lines, also gzipped."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="A new folder; by default sentiment-head-TIME here."
)
@click.option("--ship", is_flag=True, help="Replace the head that comes with Shopstream, in its package.")
@click.option("--text-column", help='Column of the review; by default "Review Text", "text", "review", …')
@click.option("--stars-column", help='Column of 1 to 5 stars; by default "Rating", "stars", …')
@click.option("--title-column", help='Column of the title, "" for none; by default "Title", "summary", …')
@click.option("--encoder", help="package:NAME, path:FOLDER or hub:ORG/NAME; default from the settings.")
@click.option("--data-name", help="What the card calls the data; by default the file's name.")
@click.option(
    "--data-licence", default="not stated", show_default=True, help="The data's licence, for the card."
)
@click.option(
    "--cache", type=click.Path(path_type=Path), help="A folder in which to keep the vectors for next time."
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def reviews(  # noqa: PLR0913 - each is an option of the command
    *,
    data: Path,
    out: Path | None,
    ship: bool,
    text_column: str | None,
    stars_column: str | None,
    title_column: str | None,
    encoder: str | None,
    data_name: str | None,
    data_licence: str,
    cache: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Train the head that reads a review's sentiment.

    Reviews with 1-2 stars are negative, with 3 neutral, with 4-5 positive. The encoder stays as it is. The report
    has the head beside a TF-IDF linear SVM and the commonest class, on a test part that nothing else was done with.

    The head that is shipped was trained on the Women's E-Commerce Clothing Reviews (CC0 1.0), which you find at
    kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews; your own reviews are better for your shop.

    \b
    Exit codes: 0 trained; 1 the data or the encoder can't be used; 2 wrong options.
    """  # noqa: D301 - click looks for the character \b itself
    folder = _folder(out, ship=ship)
    order = Order(
        data=data,
        columns=(text_column, stars_column, title_column),
        folder=folder,
        encoder=encoder,
        seed=seed,
        cache=cache,
        provenance=(data_name or data.name, data_licence, _command()),
    )
    head, report, document = _train(order)
    if as_json:
        print_json(document | {"folder": str(folder)})
        return
    _show(head, report)
    click.echo(f"\nWritten to {folder} (weights, card, report).")
    if not ship:
        weights = folder / "sentiment-head.safetensors"
        click.echo(f"To use it: SHOPSTREAM_MODELS__SENTIMENT_HEAD={shlex.quote(str(weights))}")


@dataclass(frozen=True, slots=True)
class Order:
    """What to train from what. `columns` are text, stars, title; `provenance` is name, licence, command."""

    data: Path
    columns: tuple[str | None, str | None, str | None]
    folder: Path
    encoder: str | None
    seed: int
    cache: Path | None
    provenance: tuple[str, str, str]


def _train(order: Order) -> "tuple[SentimentHead, SentimentReport, dict[str, Any]]":
    from models import ModelError, TrainingDataError
    from models.engine.encoder import Encoder
    from models.training.review_data import WHERE_TO_GET_DATA, Columns, read_reviews
    from models.training.sentiment_release import Provenance, release_json, write_release

    try:
        data = read_reviews(order.data, Columns(*order.columns))
        settings = Settings().models
        order.folder.mkdir(parents=True, exist_ok=True)  # now, so that no training is in vain
        # Torch comes with the task's module, so it is imported once the data is known to be good.
        from models.training.review_sentiment import train_review_sentiment

        source = order.encoder or settings.encoder
        with (
            Encoder.load(source, **settings.running) as encoder,
            stages() as progress,
        ):
            head, report = train_review_sentiment(
                data, encoder, seed=order.seed, progress=progress, cache=order.cache
            )
        head = write_release(order.folder, head, report, data, Provenance(*order.provenance))
    except TrainingDataError as error:
        raise click.ClickException(f"{error}. {WHERE_TO_GET_DATA}") from error
    except (ModelError, ArithmeticError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"can't write to {order.folder}: {error.strerror}; name another --out"
        ) from error
    return head, report, release_json(head, report, data)


def _folder(out: Path | None, *, ship: bool) -> Path:
    from models.reviews import SHIPPED_HEAD

    shipped = SHIPPED_HEAD.parent
    if ship:
        if out is not None:
            raise click.UsageError("--ship says where to write; leave --out away")
        return shipped
    folder = out or Path(f"sentiment-head-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    if folder.resolve() == shipped.resolve():
        raise click.UsageError("that folder holds the shipped head; say --ship to replace it")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise click.UsageError(f"{folder} is there already; name a new or empty folder")
    return folder


def _command() -> str:
    """The command as it was given, for the card; of files and folders only the names."""
    context = click.get_current_context()
    words = ["shopstream", "train", "reviews"]
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if not given or option.name in ("as_json", "cache"):
            continue
        value = context.params[option.name or ""]
        words.append(option.opts[0])
        if value is not True:
            words.append(value.name if isinstance(value, Path) else str(value))
    return shlex.join(words)


def _show(head: "SentimentHead", report: "SentimentReport") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "on the test part", "accuracy", "macro-F1", "ECE", title=f"{head.identity.id} {head.identity.version}"
    )
    for name, metrics in report.test.items():
        ece = "-" if metrics.ece is None else f"{metrics.ece:.4f}"
        table.add_row(name, f"{metrics.accuracy:.4f}", f"{metrics.macro_f1:.4f}", ece)
    Console().print(table)
    classes = Table("class", "precision", "recall", "F1", "examples")
    for label, one in next(iter(report.test.values())).per_class.items():
        classes.add_row(label, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", str(one.support))
    Console().print(classes)
    click.echo(f"Chosen on validation: {report.chosen.candidate.name}; temperature {head.temperature:.3f}.")
