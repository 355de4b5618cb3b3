"""`shopstream erase`: a user forgotten, with proof."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, run

if TYPE_CHECKING:
    from streams.cli.erase_proof import Proof
    from streams.cli.erase_run import Request
    from streams.contracts.events import Erasure
    from streams.settings import Settings

LATE = 4
"""No worker has carried it out in time."""


@click.command()
@click.argument("user")
@click.option(
    "--reference", metavar="CASE", help="The request's case number, for ledger, proof and audit log."
)
@click.option(
    "--prove",
    is_flag=True,
    help="Try values that were sealed before: that they open now, and that none does after.",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="Seconds to wait for the workers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the signed proof as JSON.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the signed proof to this file."
)
def erase(
    *, user: str, reference: str | None, prove: bool, wait: float, as_json: bool, out: Path | None
) -> None:
    """Forget USER, as events name them: for good.

    The data keys are destroyed, so that no sealed original of theirs can be opened again, in topics, dead letters or
    backups. User state, associations and what their support tickets taught go, in all workers. What they do later
    starts afresh under a new key. Repeating it does no harm.

    Exit codes: 0 done, and all of it is proved; 1 carried out, but something is not proved, which is said with what to
    do; 2 wrong usage; 4 no worker has carried it out in time; 77 not allowed; 78 the settings are not valid, or what
    they name is not there.
    """
    from streams.cli.erase_run import Request

    settings = load_settings()
    request = Request(user, reference, prove, wait)
    proof, document = run(_erased(settings, request, _event(request)))
    if out is not None:
        _write(out, document)
    if as_json:
        print_json(document)
    else:
        _say(proof, document)
    for line in proof.todo():
        click.echo(f"Not proved: {line}", err=True)
    if not proof.holds:
        raise SystemExit(BAD_DATA)


def _event(request: "Request") -> "Erasure":
    from pydantic import ValidationError

    try:
        return request.event()
    except ValidationError as error:
        faults = ", ".join(".".join(map(str, one["loc"])) + ": " + one["msg"] for one in error.errors())
        raise click.UsageError(f"that is no valid erasure ({faults})") from None


async def _erased(
    settings: "Settings", request: "Request", event: "Erasure"
) -> tuple["Proof", dict[str, Any]]:
    from streams.cli.erase_run import erased
    from streams.client.errors import NoAnswer

    try:
        return await erased(settings, request, event)
    except NoAnswer as error:
        fail(LATE, str(error))


def _write(path: Path, document: dict[str, Any]) -> None:
    """The proof as a file that its owner alone may read."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - a mode
        file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _say(proof: "Proof", document: dict[str, Any]) -> None:
    """The proof in words."""
    entry = proof.entry
    click.echo(f"Erased at {entry.erased_at:%Y-%m-%d %H:%M:%S} UTC, erasure {entry.causes[0]}")
    click.echo(f"  {len(entry.keys)} data keys destroyed, {entry.withdrawn} resolutions withdrawn")
    workers = ", ".join(proof.acknowledged) or "none"
    click.echo(f"  acknowledged by: {workers}")
    if proof.tests is not None:
        click.echo(
            f"  of {proof.tests.opened_before} sealed values that opened before, {proof.tests.refused_after} are"
            f" refused now; {proof.tests.erased_before} were refused before"
        )
    click.echo("What remains, by the retention that `shopstream topics create` sets:")
    for one in document["remains"]:
        until = f", until {one['until'][:10]}" if one["until"] else ""
        click.echo(f"  {one['where']}: {one['what']}{until}")
