"""`shopstream models prune`: conversions of models that nobody uses any more."""

import click

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail
from streams.cli.times import span_of

_MB = 1_000_000


@click.command()
@click.option(
    "--unused-for",
    default="30d",
    show_default=True,
    metavar="SPAN",
    help="Since it was loaded last, such as 30d, 12h or 4w.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def prune(*, unused_for: str, dry_run: bool, as_json: bool) -> None:
    """Remove from the cache what was made of models that nothing has loaded for long.

    Each version of a model is converted once and then kept, some hundred megabytes each; releasing one a day fills a
    disk. What goes is made again if it is needed, which takes a minute or two at that start. A model that runs is not
    disturbed, however long ago it was loaded. What was downloaded, or calibrated on texts of yours, stays.

    Exit codes: 0 done; 1 something can't be removed; 2 wrong options.
    """
    from models.conversion.pruning import remove, unused
    from models.errors import ModelError

    try:
        found = unused(span_of(unused_for, "--unused-for"))
        gone = found if dry_run else [one for one in found if remove(one)]
    except ModelError as error:
        fail(BAD_DATA, str(error))
    freed = sum(one.bytes for one in gone)
    if as_json:
        rows = [{"name": one.name, "bytes": one.bytes, "last_used": one.last_used} for one in gone]
        print_json({"removed": not dry_run, "bytes": freed, "folders": rows})
        return
    for one in gone:
        click.echo(f"{one.name}: {one.bytes / _MB:,.0f} MB, last used {one.last_used:%Y-%m-%d %H:%M} UTC")
    click.echo(f"{freed / _MB:,.0f} MB {'would be ' if dry_run else ''}freed")
