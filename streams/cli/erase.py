"""`shopstream erase`: a user forgotten, with proof."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, run

if TYPE_CHECKING:
    from streams.cli.erase_proof import Proof
    from streams.cli.erase_request import Request
    from streams.contracts.events import Erasure
    from streams.settings import Settings

REFUSED = 2
"""The event can't be sent, or was put aside: as wrong usage."""
UNTRIED = 3
"""All is well, but `--prove` has found nothing to try."""
LATE = 4
"""No worker has carried it out in time."""
INTERRUPTED = 130


@click.command()
@click.argument("user", required=False)
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
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proof to this file.")
@click.option("--replace", is_flag=True, help="Replace a file that is there.")
@click.option(
    "--verify",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Erase nobody: check the authentication code of the proof in this file.",
)
def erase(
    *,
    user: str | None,
    reference: str | None,
    prove: bool,
    wait: float,
    as_json: bool,
    out: Path | None,
    replace: bool,
    verify: Path | None,
) -> None:
    """Forget USER, as events name them: for good.

    The data keys are destroyed, so that no sealed original of theirs can be opened again, in topics, dead letters or
    backups. User state, associations and what their support tickets taught go, in all workers. What they do later
    starts afresh under a new key. Repeating it does no harm.

    Topics are not ordered among each other: what was sent before, and processed only after the erasure, counts as done
    later. The proof says how much was not processed yet; when that is worked off, erase again.

    It is proved when every worker has confirmed it. One that was killed, or is cut off from Redis, can't: then give a
    --wait beyond the time that keys stay in workers' memory (SHOPSTREAM_KEYS__CACHE_SECONDS).

    The proof carries an authentication code under the installation's token key (`mac`): whoever has that key can check
    it (--verify), and could make one; to others it proves nothing.

    Exit codes: 0 done, and all of it is proved, or with --verify, genuine; 1 carried out, but something is not proved,
    which is said with what to do, or the proof could not be written and is printed, or with --verify, not genuine; 2
    wrong usage, or the erasure was refused; 3 as 0, but --prove has found nothing sealed of this user to try; 4 no
    worker has carried it out in time; 77 not allowed; 78 the settings are not valid, or what they name is not there;
    130 interrupted after it was sent.
    """
    from streams.cli.erase_request import Request

    if (user is None) == (verify is None):
        raise click.UsageError("give either USER, or --verify and a proof's file")
    if verify is not None:
        run(_verified(load_settings(), verify.read_bytes(), as_json=as_json))
        return
    assert user is not None  # noqa: S101 - just seen
    request = Request(user, reference, prove, wait)
    event = _event(request)
    if out is not None:
        _check_target(out, replace=replace)
    proof, document = _erased(load_settings(), request, event)
    if out is not None:
        _write(out, document)
    if as_json:
        print_json(document)
    else:
        _say(proof, document)
    if proof.found is False:
        click.echo("Nothing of this user was found: check the id", err=True)
    for line in proof.todo():
        click.echo(f"Not proved: {line}", err=True)
    if not proof.holds:
        raise SystemExit(BAD_DATA)
    if proof.untried:
        raise SystemExit(UNTRIED)


def _event(request: "Request") -> "Erasure":
    from pydantic import ValidationError

    from streams.contracts.violation import ContractViolation

    try:
        return request.event()
    except ContractViolation as violation:
        raise click.UsageError(f"that is no valid erasure ({violation})") from None
    except ValidationError as error:
        faults = ", ".join(".".join(map(str, one["loc"])) + ": " + one["msg"] for one in error.errors())
        raise click.UsageError(f"that is no valid erasure ({faults})") from None


def _erased(settings: "Settings", request: "Request", event: "Erasure") -> tuple["Proof", dict[str, Any]]:
    from streams.cli.erase_run import erased
    from streams.client.errors import EventRefused, NoAnswer

    sent = asyncio.Event()

    async def work() -> tuple["Proof", dict[str, Any]]:
        try:
            return await erased(settings, request, event, sent)
        except NoAnswer as error:
            fail(LATE, str(error))
        except EventRefused as error:
            fail(REFUSED, f"the erasure was refused: {error}")

    try:
        return run(work())
    except KeyboardInterrupt:
        if not sent.is_set():
            raise
        fail(
            INTERRUPTED,
            "interrupted, but the erasure is in Kafka and will be carried out as soon as workers read it; to see"
            " later that it was, run the command again: repeating it does no harm",
        )


async def _verified(settings: "Settings", content: bytes, *, as_json: bool) -> None:
    from privacy.tokens import Tokeniser
    from streams.access import token_key
    from streams.cli.erase_proof import genuine

    good = genuine(content, Tokeniser(token_key(settings)))
    if as_json:
        print_json({"genuine": good})
    else:
        click.echo("genuine" if good else "not genuine: altered, no proof, or of another installation")
    if not good:
        raise SystemExit(BAD_DATA)


def _check_target(path: Path, *, replace: bool) -> None:
    """Before anything is erased: whether the proof can be written there."""
    if not (os.access(path.parent, os.W_OK | os.X_OK) and path.parent.is_dir()):
        raise click.UsageError(f"{path.parent} is no folder that can be written to: make it, or name another")
    if path.exists() and not replace:
        raise click.UsageError(f"{path} is there already: name another file, or use --replace")
    if path.exists() and not path.is_file():
        raise click.UsageError(f"{path} is no plain file: name another")


def _write(path: Path, document: dict[str, Any]) -> None:
    """The proof as a file that its owner alone may read; what can't be written is printed, so that it isn't lost."""
    from privacy.private_file import PrivateFileError, write_private

    try:
        write_private(path, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except PrivateFileError as error:
        print_json(document)
        fail(BAD_DATA, f"it is erased, but the proof is only printed: {error}")


def _say(proof: "Proof", document: dict[str, Any]) -> None:
    """The proof in words."""
    entry = proof.entry
    click.echo(f"Erased at {entry.erased_at:%Y-%m-%d %H:%M:%S} UTC, erasure {entry.causes[0]}")
    click.echo(f"  {len(entry.keys)} data keys destroyed so far, {entry.withdrawn} resolutions withdrawn")
    workers = ", ".join(proof.acknowledged) or "none"
    click.echo(f"  acknowledged by: {workers}")
    if proof.tests is not None:
        click.echo(
            f"  of {proof.tests.opened_before} sealed values that opened before, {proof.tests.refused_after} are"
            f" refused now; before, {proof.tests.erased_before} were refused as erased, and"
            f" {proof.tests.failed_before} for another reason"
        )
    click.echo("What remains, by the retention that `shopstream topics create` sets:")
    for one in document["remains"]:
        until = f", until {one['until'][:10]}" if one["until"] else ""
        click.echo(f"  {one['where']}: {one['what']}{until}")
