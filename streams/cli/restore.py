"""`shopstream restore`: keys, roles and audit log out of a backup."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from privacy.access import Action
from streams.access import acting
from streams.cli.output import print_json
from streams.cli.passphrase import passphrase
from streams.cli.session import load_settings, run

if TYPE_CHECKING:
    from privacy.backup import Erased
    from streams.restoring import Restored
    from streams.settings import Settings

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=READABLE)
@click.option(
    "--ledger",
    type=READABLE,
    help="The erasure ledger, as `shopstream tail erasure-ledger --json` prints it.",
)
@click.option(
    "--without-ledger", is_flag=True, help="Bring back those, too, who were erased since the backup."
)
@click.option(
    "--force", is_flag=True, help="Join with keys of another installation, and replace the roles file."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore(*, file: Path, ledger: Path | None, without_ledger: bool, force: bool, as_json: bool) -> None:
    """Bring key file, data keys, roles file and audit log back from FILE.

    All of the backup is checked first; on any error nothing is changed. Keys that are there stay, missing ones are
    added. Nobody is brought back who was erased: the topic erasure-ledger is read for that, or a file of it. Restart
    workers that run.

    Exit codes: 0 restored; 2 wrong usage; 77 the caller may not do this; 78 the backup is damaged, of another
    installation or under another passphrase, or there is no key store or ledger where the settings point.
    """
    if ledger is not None and without_ledger:
        raise click.UsageError("--ledger and --without-ledger exclude each other")
    if without_ledger:
        click.echo(
            "Warning: without the ledger, people who were erased since the backup are brought back", err=True
        )
    done = run(
        _restored(
            load_settings(), file, passphrase(new=False), ledger, with_ledger=not without_ledger, force=force
        )
    )
    if done.audit == "broken":
        click.echo(f"Warning: {AUDIT['broken']}", err=True)
    if as_json:
        print_json(_document(done))
        return
    click.echo(
        f"{done.keys} data keys restored, {done.present} were there, {done.erased} stay erased; "
        f"key file {'written' if done.key_file else 'as it was'}, roles {'written' if done.roles else 'as they were'}"
    )
    if done.audit != "broken":
        click.echo(AUDIT[done.audit])
    for aside in done.set_aside:
        click.echo(f"set aside: {aside}")


AUDIT = {
    "restored": "audit log: restored",
    "kept": "audit log: the one here is as long or longer, and stays",
    "broken": "the backup's audit log does not verify and is not gone on with: it is set aside, keep it as evidence",
    "none": "audit log: there is none in the backup",
}


async def _restored(
    settings: "Settings", file: Path, secret: str, ledger: Path | None, *, with_ledger: bool, force: bool
) -> "Restored":
    from streams.cli.key_store import with_key_store
    from streams.restoring import Restore, read_backup

    source = "file" if ledger else "topic" if with_ledger else "none"
    with acting(settings, Action.RESTORE, about={"ledger": source, "force": int(force)}) as deed:
        backup = read_backup(file, secret)
        entries = _entries(ledger) if ledger else await _ledger(settings) if with_ledger else None
        async with with_key_store(settings) as reached:
            done = await Restore(reached, backup, entries, force=force).run()
        deed.note(keys=done.keys, stay_erased=done.erased, audit=done.audit)
        return done


async def _ledger(settings: "Settings") -> "list[Erased]":
    from privacy.backup import BackupError
    from streams.backup import read_ledger
    from streams.client.connection import joined
    from streams.client.errors import ClientError

    try:
        return await read_ledger(await joined(settings))
    except ClientError as error:
        raise BackupError(
            f"the erasure ledger can't be read, which says who must not be brought back: {error}. Restore once the"
            " broker that holds it is there, or give a copy of it (--ledger FILE), or do without (--without-ledger)"
        ) from error


def _entries(ledger: Path) -> "list[Erased]":
    """Entries of a file of JSON lines, each an entry or a record of the topic with the entry as its value."""
    from privacy.backup import BackupError
    from streams.backup import erased_in

    entries = {}
    for number, line in enumerate(ledger.read_bytes().splitlines(), 1):
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BackupError(f"line {number} of {ledger} is not JSON") from error
        value = data.get("value", data) if isinstance(data, dict) else data
        entry = erased_in(orjson.dumps(value))
        entries[entry.subject] = entry
    return list(entries.values())


def _document(done: "Restored") -> dict[str, object]:
    return {
        "made": done.made.isoformat(timespec="seconds"),
        "keys": done.keys,
        "present": done.present,
        "erased": done.erased,
        "key_file": done.key_file,
        "roles": done.roles,
        "audit": done.audit,
        "set_aside": [str(path) for path in done.set_aside],
    }
