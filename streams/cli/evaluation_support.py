"""`shopstream evaluate support`: how well tickets are answered from resolutions."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.output import print_json, stages
from streams.cli.session import load_settings

if TYPE_CHECKING:
    from models.evaluation.support import Operation, SupportReport
    from models.evaluation.support_figures import Figure

_TABLE = click.Path(path_type=Path)


@click.command()
@click.option(
    "--resolutions", required=True, type=_TABLE, help="What is known: CSV, TSV or JSON lines, also gzipped."
)
@click.option("--tickets", required=True, type=_TABLE, help="What is asked, with the right answers.")
@click.option(
    "--precision",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Wanted share of right ones among the answers.",
)
@click.option("--encoder", help="wheel:NAME, package:NAME, path:FOLDER or hub:…; default from the settings.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def support(
    *, resolutions: Path, tickets: Path, precision: float, encoder: str | None, seed: int, as_json: bool
) -> None:
    """Evaluate support replies.

    Both files have a column of questions (text, question, message, utterance, …) and one of answers (answer, reply,
    …) or categories (category, label, intent). With answers in both, a reply is right when it is the ticket's
    answer; else when it comes from a resolution of the ticket's category.

    The threshold for the wanted precision is chosen on the resolutions, each left out once; the tickets are only
    answered.

    \b
    Exit codes: 0 evaluated; 1 the data or the encoder can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models import ModelError, TrainingDataError
    from models.evaluation.support import evaluate_support
    from models.evaluation.support_data import WHERE_TO_GET_DATA, read_support
    from models.retrieval import TextEncoder

    settings = load_settings().models
    try:
        data = read_support(resolutions, tickets)
        source = encoder or settings.retrieval_encoder
        with (
            TextEncoder.load(source, **settings.running) as loaded,
            stages() as progress,
        ):
            report = evaluate_support(data, loaded, progress, precision, seed)
    except TrainingDataError as error:
        raise click.ClickException(f"{error}. {WHERE_TO_GET_DATA}") from error
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)


def _show(report: "SupportReport") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "value", "95 % interval", title=f"{report.tickets} tickets")
    rows = [
        ("best answer is right", report.accuracy),
        ("most similar source is right", report.nearest),
        *((f"right answer among the first {k}", figure) for k, figure in report.recall.items()),
        *_rows(f"threshold {report.chosen.threshold:.3f}, chosen for {report.wanted:.0%}", report.chosen),
        *_rows(f"threshold {report.shipped.threshold:.3f}, as shipped", report.shipped),
        (f"answerable at {report.wanted:.0%}, threshold chosen on the tickets", report.oracle),
        ("calibration error", report.ece),
    ]
    for name, figure in rows:
        table.add_row(name, f"{figure.value:.4f}", f"{figure.low:.4f} - {figure.high:.4f}")
    Console().print(table)
    if report.out_of_scope_answered is not None:
        click.echo(f"Out of scope: {report.out_of_scope}, answered {report.out_of_scope_answered:.1%}.")
    chosen_on = (
        f"{report.chosen_on} resolutions" if report.chosen_on else "no resolutions: too few repeat an answer"
    )
    click.echo(
        f"{report.resolutions} resolutions, right by {report.grouped_by}. Threshold chosen on {chosen_on}."
    )
    click.echo(
        f"{report.tickets_per_second:,.0f} tickets/s with {report.encoder['id']} on {report.encoder['runs_on']}."
    )


def _rows(name: str, at: "Operation") -> "list[tuple[str, Figure]]":
    return [(f"{name}: answered", at.answered), (f"{name}: right of these", at.precision)]
