"""`shopstream audit`: the record of who did what, and whether it is whole."""

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
import orjson

from privacy.access import Action
from streams.access import acting, audit_log
from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, load_settings, run
from streams.printing import printable

if TYPE_CHECKING:
    from privacy.audit_check import Verdict
    from streams.settings import Settings


@click.group()
def audit() -> None:
    """Read and verify the audit log. It holds no personal data; ids in it are keyed digests.

    Exit codes: 0 read, and whole; 1 it is not whole; 2 wrong usage; 77 the caller may not do this; 78 the settings
    are not valid, or there is no key file.
    """


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(*, as_json: bool) -> None:
    """Check every entry and the chain, and locate the first break."""
    settings = load_settings()
    verdict = run(_verified(settings))
    broken = verdict.broken
    if as_json:
        print_json({"whole": broken is None, **asdict(verdict)})
    elif broken is None:
        click.echo(
            f"whole: {verdict.entries} entries; checked against the anchors: {', '.join(verdict.anchors)}"
        )
    else:
        place = f"line {broken.line}" + ("" if broken.seq is None else f", entry {broken.seq}")
        click.echo(
            f"broken at {place}: {broken.kind}: {broken.detail}; {verdict.entries} entries before are good"
        )
        click.echo(
            f"Keep a copy of {settings.audit_file}, and compare it with the log in the last backup. It is written on,"
            " and stays marked broken."
        )
    if verdict.torn_bytes and not as_json:
        click.echo("the last line is unfinished: its writer was interrupted; the next entry will say so")
    if verdict.anchors_away and not as_json:
        away = ", ".join(verdict.anchors_away)
        click.echo(
            f"could not be asked: {away}; a cut of the end that only it knows of is not found", err=True
        )
    if verdict.another and not as_json:
        click.echo(
            f"this installation also has or had the log {verdict.another}: unless another machine writes that one, it"
            " stood here and was deleted",
            err=True,
        )
    if broken is not None:
        raise SystemExit(BAD_DATA)


@audit.command()
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="Entries to print.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def show(*, last: int, as_json: bool) -> None:
    """Print the last entries. Whether they are genuine, `audit verify` says."""
    for line in run(_shown(load_settings(), last)):
        if as_json:
            click.echo(line.rstrip(b"\n"))
        else:
            click.echo(_for_people(line))


async def _verified(settings: "Settings") -> "Verdict":
    from privacy.audit_check import verify as verified

    # First the check: the entry that it leaves would mend what there is to see.
    verdict = verified(audit_log(settings))
    whole = "whole" if verdict.broken is None else verdict.broken.kind
    with acting(settings, Action.AUDIT_READ, about={"read": "verify", "verdict": whole}):
        return verdict


async def _shown(settings: "Settings", last: int) -> list[bytes]:
    with acting(settings, Action.AUDIT_READ, about={"read": "show", "last": last}):
        lines = list(audit_log(settings).lines())
        return list(islice(lines, max(0, len(lines) - last), None))


def _for_people(line: bytes) -> str:
    try:
        entry: dict[str, Any] = orjson.loads(line)
        facts = ", ".join(f"{name} {value}" for name, value in entry["facts"].items())
        parts = (
            f"{entry['seq']:>6}  {entry['time']}  {entry['actor']} ({entry['role'] or '-'})",
            f"{entry['action']}: {entry['outcome']}",
            entry["purpose"] and f"for {entry['purpose']}",
            entry["subject"] and f"subject {entry['subject'][:16]}…",
            facts,
        )
        return printable("  ".join(part for part in parts if part), 500)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "(a line that is no entry)"
