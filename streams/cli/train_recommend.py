"""`shopstream train recommend`: a projection of the text profile, from what users took one after the other."""

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings
from streams.cli.training_options import (
    DATA_LICENCE,
    FILE,
    JSON,
    NAME,
    OUT,
    SEED,
    THREADS,
    VECTOR_CACHE,
    given_command,
    highest_rate,
    run_folder,
    told_errors,
    use_threads,
    watched,
)

if TYPE_CHECKING:
    from models.catalogue.vectors import Vectors
    from models.evaluation.interaction_data import InteractionData
    from models.identity import ModelIdentity
    from models.training.recommend_projection import ProjectionOptions

_LEARNED_BY = (
    "rank",
    "epochs",
    "patience",
    "learning_rate",
    "batch_size",
    "temperature",
    "popularity",
    "seed",
)
"""Options that the outcome depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionOrder:
    """What was asked for; see the options' help."""

    data: Path
    catalog: Path | None
    user_column: str | None
    item_column: str | None
    time_column: str | None
    id_column: str | None
    text_column: str | None
    out: Path
    rank: int
    epochs: int
    patience: int
    learning_rate: float
    batch_size: int
    temperature: float
    popularity: float
    seed: int
    threads: int
    encoder: str | None
    cache: Path | None
    name: str | None
    data_licence: str
    as_json: bool

    @property
    def options(self) -> "ProjectionOptions":
        """For `models.training.recommend_projection.train_projection`."""
        from models.training.loop import Schedule
        from models.training.recommend_projection import ProjectionOptions

        schedule = Schedule(
            learning_rate=self.learning_rate, epochs=self.epochs, patience=self.patience, seed=self.seed
        )
        return ProjectionOptions(
            rank=self.rank,
            temperature=self.temperature,
            popularity=self.popularity,
            batch_size=self.batch_size,
            schedule=schedule,
        )


@click.command()
@click.option(
    "--data",
    required=True,
    type=FILE,
    help="Interactions: CSV, TSV, JSON lines, .inter or Parquet; or a folder as for `evaluate recommend`.",
)
@click.option(
    "--catalog",
    type=FILE,
    help="Products: JSON lines as for `evaluate search`, or a table of ids and texts. Not with a folder.",
)
@click.option("--user-column", help='Column of users; by default "user_id", "user", "customer_id", …')
@click.option("--item-column", help='Column of products; by default "item_id", "product_id", "item", …')
@click.option(
    "--time-column", help='Column of times; by default "timestamp", "time", "date", "InvoiceDate", …'
)
@click.option(
    "--id-column", help='Column of the catalogue\'s ids; by default "product_id", "item_id", "asin", …'
)
@click.option("--text-column", help='Column of the catalogue\'s texts; by default "title", "text", "name", …')
@OUT
@click.option(
    "--rank",
    default=32,
    show_default=True,
    type=click.IntRange(min=1),
    help="Of the change; the encoder's width makes it any map.",
)
@click.option("--epochs", default=10, show_default=True, type=click.IntRange(min=1), help="At most.")
@click.option("--patience", default=2, show_default=True, type=click.IntRange(min=1))
@highest_rate(3e-3)
@click.option(
    "--batch-size",
    default=512,
    show_default=True,
    type=click.IntRange(min=2),
    help="Profiles in a step; each is told from the others' products.",
)
@click.option(
    "--temperature",
    default=0.07,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="What cosines are divided by.",
)
@click.option(
    "--popularity",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the correction for popular products; 0 learns what sets a user apart.",
)
@SEED
@THREADS
@click.option("--encoder", help="Whose vectors are mapped; default from the settings.")
@VECTOR_CACHE
@NAME
@DATA_LICENCE
@JSON
def recommend(**given: Any) -> None:
    """Train a projection of products' text vectors, in which users' profiles are nearer to what they take next.

    Of each user the last product that was new to them is the test's; of a quarter of the users, by their hash, the one
    before is validation's; all earlier ones are learned from. A folder's valid.inter is the test. The report has HR@10
    and NDCG@10 of the text profile alone and of the whole recommender, without the projection and with it.

    A training that was killed goes on where it was when the same command is given again.

    \b
    Exit codes: 0 trained; 1 the data or the encoder can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models.evaluation.interaction_data import WHERE_TO_GET_DATA

    order = ProjectionOrder(**given)
    command = given_command("train", "recommend")
    with told_errors(WHERE_TO_GET_DATA):
        report = _trained(order, command)
    if order.as_json:
        print_json(report | {"folder": str(order.out)})
    else:
        _show(report, order.out)


def _trained(order: ProjectionOrder, command: str) -> dict[str, Any]:
    from models.evaluation.interaction_data import read_interactions
    from models.evaluation.interaction_files import InteractionColumns

    columns = InteractionColumns(
        user=order.user_column,
        item=order.item_column,
        time=order.time_column,
        id=order.id_column,
        text=order.text_column,
    )
    data = read_interactions(order.data, order.catalog, columns)
    source = order.encoder or load_settings().models.retrieval_encoder
    vectors, encoder = _vectors(data, source, order.cache)
    # Torch comes with these, so they are imported once the data is known to be good.
    from models.evaluation.recommend import filled
    from models.evaluation.recommend_projection import compare_projection, profile_score
    from models.training.projection_release import TrainedProjection, write_projection_model
    from models.training.recommend_projection import train_projection

    use_threads(order.threads)
    told = {name: asdict(order)[name] for name in _LEARNED_BY}
    run = run_folder(
        order.out, told | {"data": data.digest, "encoder_digest": encoder.digest, "task": "recommend"}
    )
    catalogue, ids = filled(data.products, vectors), [product.id for product in data.products]
    with watched() as (watch, _):
        projection, outcome = train_projection(
            data.learned,
            ids,
            catalogue.vectors(ids) - catalogue.mean_vector,
            order.options,
            profile_score(data.validation, catalogue),
            watch=watch,
            checkpoints=run.checkpoints,
        )
    compared = []
    for part in (data.validation, data.test):
        with progress("recommending", 2 * len(part.judged)) as done:
            compared.append(compare_projection(part, vectors, projection, done).as_json())
    trained = TrainedProjection(projection, outcome, order.options, encoder, source, *compared)
    name = order.name or order.out.resolve().name
    return write_projection_model(
        run, trained, data.facts(), name=name, data_licence=order.data_licence, command=command
    )


def _vectors(data: "InteractionData", source: str, cache: Path | None) -> "tuple[Vectors, ModelIdentity]":
    """Vectors of the products' texts, and whose they are."""
    from models.catalogue.text import product_text
    from models.evaluation.product_vectors import product_vectors
    from models.retrieval.encoder import TextEncoder

    texts = [product_text(product) for product in data.products]
    with (
        TextEncoder.load(source, **load_settings().models.running) as encoder,
        progress("embedding products", len(texts)) as done,
    ):
        return product_vectors(encoder, texts, done, cache), encoder.identity


def _show(report: dict[str, Any], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from models.training.projection_release import NAMES

    for part in ("validation", "test"):
        one = report[part]
        table = Table("", "HR@10", "NDCG@10", "NDCG@10 more by", title=f"{part}: {one['users']:,} users")
        for name, told in NAMES.items():
            table.add_row(told, *_cells(one["before"][name]), "")
            if name in one["after"]:
                more = one["gains"][name]["ndcg"]
                gain = f"{more['value']:+.4f} ({more['low']:+.3f} to {more['high']:+.3f})"
                table.add_row(f"{told}, projected", *_cells(one["after"][name]), gain)
        Console().print(table)
    if not report["better_on_validation"]:
        click.echo(
            "On validation recommendations are not clearly better with this projection; do not use it."
        )
        click.echo(f"Written to {folder}.")
        return
    click.echo(
        f"Written to {folder}. To use it: SHOPSTREAM_MODELS__RECOMMEND={shlex.quote(f'path:{folder}')}"
    )


def _cells(scores: dict[str, Any]) -> tuple[str, str]:
    return f"{scores['hit_rate']['mean']:.4f}", f"{scores['ndcg']['mean']:.4f}"
