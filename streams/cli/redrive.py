"""`shopstream redrive`: dead letters' originals back to where they came from."""

import click

from streams.cli.letters import Choice, Outcome
from streams.cli.output import print_json
from streams.cli.redriving import redriven
from streams.cli.session import BAD_DATA, load_settings, run
from streams.cli.times import moment_of
from streams.contracts.reasons import Reason
from streams.contracts.topics import inputs
from streams.printing import printable


@click.command()
@click.option(
    "--reason", "reasons", multiple=True, type=click.Choice([one.value for one in Reason]), help="Repeatable."
)
@click.option("--id", "ids", multiple=True, help="Of a dead letter, or of the event in it. Repeatable.")
@click.option(
    "--topic", type=click.Choice([topic.name for topic in inputs()]), help="Where the event came from."
)
@click.option(
    "--since", metavar="TIME", help="Dead letters written then or later; ISO 8601, UTC without an offset."
)
@click.option("--limit", type=click.IntRange(min=1), help="Send at most so many, oldest first.")
@click.option("--again", is_flag=True, help="Send those, too, that were sent back before, or may have been.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def redrive(
    *,
    reasons: tuple[str, ...],
    ids: tuple[str, ...],
    topic: str | None,
    since: str | None,
    limit: int | None,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Open the sealed originals of dead letters with this installation's key, and send them back, unchanged.

    Without options, all that Kafka still has. Each goes to its origin topic in a transaction, with a header
    that names its dead letter, so that it does not count as a resend. A letter whose header is found in the
    origin topic was sent back before, and is left out; so is one that is older than that topic's retention,
    since it can't be told any more. --again sends both. Two runs at once can't send the same letter: the
    later one stops the earlier.

    Admins and privacy officers may do this. It stands in the audit log, since it opens originals: each is in its
    input topic in plaintext again, for as long as that keeps records.

    Exit codes: 0 all selected were sent or left out as sent before; 1 some could not be sent; 2 wrong usage;
    77 the caller may not do this; 78 the settings are not valid, the key file is missing, or there is no broker, topic
    or key store where they point.
    """
    choice = Choice(frozenset(reasons), frozenset(ids), topic, moment_of(since, "--since"), limit, again)
    outcomes = run(redriven(load_settings(), choice, dry_run=dry_run))
    if as_json:
        print_json(
            {"dry_run": dry_run, **_counts(outcomes), "letters": [outcome.document() for outcome in outcomes]}
        )
    else:
        for outcome in outcomes:
            click.echo(_line(outcome))
        counts = _counts(outcomes)
        verb = "would be sent" if dry_run else "sent"
        click.echo(
            f"{counts['sent']} {verb}, {counts['left_out']} left out, {counts['failed']} can't be sent"
        )
    if any(outcome.failed for outcome in outcomes):
        raise SystemExit(BAD_DATA)


def _counts(outcomes: list[Outcome]) -> dict[str, int]:
    return {
        "selected": len(outcomes),
        "sent": sum(outcome.sent for outcome in outcomes),
        "left_out": sum(outcome.left_out for outcome in outcomes),
        "failed": sum(outcome.failed for outcome in outcomes),
    }


def _line(outcome: Outcome) -> str:
    letter = outcome.letter
    event = printable(", ".join(letter.causes), 80)
    return f"{letter.id}  {letter.reason.value}  {letter.origin.reference}  event {event}: {outcome.says}"
