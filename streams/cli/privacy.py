"""`shopstream privacy`: what the settings make of personal data."""

from pathlib import Path

import click

from streams.cli.output import print_json
from streams.cli.privacy_check import Check, Request
from streams.cli.privacy_rendering import document, lines, summary
from streams.cli.session import BAD_DATA, load_settings, run
from streams.contracts.topics import inputs
from streams.privacy_rules import written_fields

_TOPICS = [topic.name for topic in inputs() if written_fields(topic)]


@click.group()
def privacy() -> None:
    """Look at what counts as personal data, and what becomes of it."""


@privacy.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--topic", default="reviews", show_default=True, type=click.Choice(_TOPICS), help="Whose rules."
)
@click.option("--field", help="Only this field; with --text, whose rules (else the main one).")
@click.option("--text", "plain", is_flag=True, help="Each line is a text, not an event in JSON.")
@click.option("--explain", is_flag=True, help="Say why, and what was rejected and why.")
@click.option("--show-values", is_flag=True, help="Print what was found, and the texts as they would leave.")
@click.option("--fail-on-find", is_flag=True, help="Exit with 1 where anything would be replaced.")
@click.option(
    "--limit", default=1000, show_default=True, type=click.IntRange(min=0), help="How many fields to print."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(  # noqa: PLR0913 - one for each option
    *,
    file: Path,
    topic: str,
    field: str | None,
    plain: bool,
    explain: bool,
    show_values: bool,
    fail_on_find: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show what would be masked in events, one JSON object a line, by these settings; `-` is standard input.

    A dry run on this machine: nothing is sent, and neither Kafka nor Redis nor keys are needed. Prints kind,
    place (code points from 0), score, and what would stand there instead; nothing of the texts themselves
    without --show-values. Tokens are not those of the installation. The catalogue is not asked, so that its
    brands and article numbers show as findings though workers would keep them. Empty lines are skipped.

    Exit codes: 0 the lines could be read, whatever was found; 1 some are no events of the topic, or, with
    --fail-on-find, something would be replaced; 2 wrong usage; 78 the settings are not valid.
    """
    request = Request(file, topic, field, plain=plain, explain=explain, limit=limit)
    outcome = run(Check(load_settings(), request).run())
    if as_json:
        print_json(document(outcome, show_values=show_values))
    else:
        for line in lines(outcome, show_values=show_values):
            click.echo(line)
        click.echo(summary(outcome))
    if outcome.bad or (fail_on_find and outcome.replaced):
        raise SystemExit(BAD_DATA)
