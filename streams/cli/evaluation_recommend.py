"""`shopstream evaluate recommend`: how well the next product of users is foretold."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings

if TYPE_CHECKING:
    from models.evaluation.recommend import RecommendReport, Score
    from models.evaluation.recommend_data import RecommendData
    from models.identity import ModelIdentity


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder with train.inter, SPLIT.inter, item2index and text.",
)
@click.option(
    "--split", default="valid", show_default=True, help="Which rows to judge on; train holds a quarter out."
)
@click.option("--no-text", is_flag=True, help="Do without the products' texts, so without an encoder.")
@click.option(
    "--encoder", help="package:NAME, wheel:NAME, path:FOLDER or hub:ORG/NAME; default from the settings."
)
@click.option(
    "--cache", type=click.Path(path_type=Path), help="A folder in which to keep the vectors for next time."
)
@click.option(
    "--model",
    help="path:FOLDER of a projection of text profiles (shopstream train recommend); default from the settings.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def recommend(
    *,
    data: Path,
    split: str,
    no_text: bool,
    encoder: str | None,
    cache: Path | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Foretell each user's next product, by the very code that makes recommendations.

    Leave-one-out with full ranking: all products compete but those of the user's history. Associations are made of the
    train rows alone (history and item_id; positions stand for times); where these reach up to the judged target, as in
    the usual leave-one-out files, the judged rows' histories add nothing.

    Shopstream's weights were chosen on the train rows of UCI Online Retail, doi 10.24432/C5BW33, CC BY 4.0, with each
    quarter of the users held out in turn. `--split train` judges one: the users whose SHA-256 is divisible by 4, their
    targets kept out of the associations.

    \b
    Exit codes: 0 measured; 1 the data or the encoder can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models import ModelError
    from models.evaluation.errors import EvaluationDataError
    from models.evaluation.recommend_data import WHERE_TO_GET_DATA, read_recommend

    if no_text and (encoder or cache or model):
        raise click.UsageError("--no-text needs neither --encoder, --cache nor --model")
    try:
        found = read_recommend(data, split)
        report, identity, projection = _measured(found, None if no_text else (encoder, cache, model))
    except EvaluationDataError as error:
        raise click.ClickException(f"{error}. {WHERE_TO_GET_DATA}.") from error
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"can't read or write {error.filename}: {error.strerror}; check it, or name another --cache"
        ) from error
    if as_json:
        models = {
            "encoder": identity and identity._asdict(),
            "projection": projection and projection._asdict(),
        }
        print_json({"split": split} | models | report.as_json())
    else:
        _show(report, split, identity, projection)


def _measured(
    data: "RecommendData", text: tuple[str | None, Path | None, str | None] | None
) -> "tuple[RecommendReport, ModelIdentity | None, ModelIdentity | None]":
    """The report, and who encoder and projection are.

    `text` is the encoder's source, the folder for vectors and the projection's source; None without texts.
    """
    from models.catalogue.text import product_text
    from models.evaluation.product_vectors import product_vectors
    from models.evaluation.recommend import evaluate_recommend
    from models.recommend import load_projection
    from models.retrieval.encoder import TextEncoder

    vectors, identity, projection, projected_by = None, None, None, None
    if text is not None:
        source, cache, model = text
        settings = load_settings().models
        with TextEncoder.load(source or settings.retrieval_encoder, **settings.running) as encoder:
            identity = encoder.identity
            # Settings speak of their own encoder; with another one, the projection has to be named, too.
            if model := model or ("" if source else settings.recommend):
                projection, projected_by = load_projection(model, identity, encoder.width)
            texts = [product_text(product) for product in data.products]
            with progress("embedding products", len(texts)) as done:
                vectors = product_vectors(encoder, texts, done, cache)
    with progress("recommending", len(data.judged)) as done:
        return evaluate_recommend(data, vectors, done, projection), identity, projected_by


def _show(
    report: "RecommendReport",
    split: str,
    identity: "ModelIdentity | None",
    projection: "ModelIdentity | None",
) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{report.users:,} users of {split}, {report.products:,} products"
    table = Table("", "HR@10", "95 % interval", "NDCG@10", "95 % interval", title=title)
    for name, one in report.systems.items():
        table.add_row(name, *_cells(one.hit_rate), *_cells(one.ndcg))
    Console().print(table)
    held_out = " without the judged users' targets" if report.held_out else ""
    click.echo(
        f"Associations from the train rows{held_out}: {report.known_users:,} users, {report.known_actions:,} actions."
    )
    click.echo(f"Encoder {identity.id} {identity.version}." if identity else "No texts.")
    if projection:
        click.echo(f"Projection {projection.id} {projection.version}.")
    click.echo(
        f"{report.users_per_second:.0f} users/s; one call p50 {report.p50_ms:.1f} ms, p95 {report.p95_ms:.1f} ms;"
        f" {report.repeats} products of a user's own history came back."
    )


def _cells(score: "Score") -> tuple[str, str]:
    return f"{score.mean:.4f}", f"{score.low:.3f}-{score.high:.3f}"
