"""`shopstream evaluate search`: how good search is on judged queries."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings

if TYPE_CHECKING:
    from models.evaluation.search import SearchReport
    from models.identity import ModelIdentity


@click.command()
@click.option(
    "--catalog",
    required=True,
    type=click.Path(path_type=Path),
    help="Products: JSON lines, also gzipped; catalogue events, or an id, a title and more.",
)
@click.option(
    "--judgments",
    required=True,
    type=click.Path(path_type=Path),
    help='JSON lines with "query", the product\'s id and "gain".',
)
@click.option(
    "--encoder", help="package:NAME, wheel:NAME, path:FOLDER or hub:ORG/NAME; default from the settings."
)
@click.option(
    "--cache", type=click.Path(path_type=Path), help="A folder in which to keep the vectors for next time."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def search(*, catalog: Path, judgments: Path, encoder: str | None, cache: Path | None, as_json: bool) -> None:
    """Rank a catalogue for judged queries: BM25 alone, vectors alone, and both as the agents combine them.

    nDCG@10 takes the gains as they are; MRR@10 and recall@100 count the products with the file's highest gain. Queries
    whose SHA-256 is divisible by 7 are also scored apart: Shopstream's weights were chosen on the others of the public
    data set ESCI (github.com/amazon-science/esci-data, Apache-2.0), whose gains are 1, 0.1, 0.01 and 0.

    \b
    Exit codes: 0 measured; 1 the data or the encoder can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models import ModelError

    try:
        report, identity = _measured(catalog, judgments, encoder, cache)
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"can't read or write {error.filename}: {error.strerror}; check it, or name another --cache"
        ) from error
    if as_json:
        print_json({"encoder": identity._asdict()} | report.as_json())
    else:
        _show(report, identity)


def _measured(
    catalog: Path, judgments: Path, source: str | None, cache: Path | None
) -> "tuple[SearchReport, ModelIdentity]":
    from models.catalogue.text import product_text
    from models.evaluation.product_vectors import product_vectors
    from models.evaluation.products import read_judgments, read_products
    from models.evaluation.search import evaluate_search
    from models.retrieval.encoder import TextEncoder

    products, judged = read_products(catalog), read_judgments(judgments)
    settings = load_settings().models
    with TextEncoder.load(source or settings.retrieval_encoder, **settings.running) as encoder:
        texts = [product_text(product) for product in products]
        with progress("embedding products", len(texts)) as done:
            vectors = product_vectors(encoder, texts, done, cache)
        return evaluate_search(products, vectors, judged, encoder), encoder.identity


def _show(report: "SearchReport", identity: "ModelIdentity") -> None:
    from rich.console import Console
    from rich.table import Table

    for name, systems in report.systems.items():
        title = f"{report.queries[name]} queries ({name.replace('_', ' ')}), {report.products:,} products"
        table = Table("", "nDCG@10", "95 % interval", "MRR@10", "recall@100", title=title)
        for system, one in systems.items():
            between = f"{one.ndcg_low:.3f}-{one.ndcg_high:.3f}"
            table.add_row(system, f"{one.ndcg:.4f}", between, f"{one.mrr:.4f}", f"{one.recall:.4f}")
        Console().print(table)
    steps = "; ".join(
        f"{step} p50 {ms.p50:.1f} ms, p95 {ms.p95:.1f} ms" for step, ms in report.latency.items()
    )
    click.echo(f"Encoder {identity.id} {identity.version}. One query alone: {steps}.")
    if report.unknown or report.skipped:
        click.echo(
            f"{report.unknown} judged products are not in the catalogue; {report.skipped} queries have no gain."
        )
