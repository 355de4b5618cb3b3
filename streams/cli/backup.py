"""`shopstream backup`: keys, roles and audit log in one encrypted file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from privacy.access import Action
from streams.access import acting
from streams.cli.output import print_json
from streams.cli.passphrase import passphrase
from streams.cli.session import load_settings, run

if TYPE_CHECKING:
    from privacy.backup import Backup
    from streams.settings import Settings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backup(*, file: Path, replace: bool, as_json: bool) -> None:
    """Save the key file, all wrapped data keys, the roles file and the audit log in FILE, under a passphrase.

    The passphrase comes from SHOPSTREAM_PASSPHRASE, or is typed in. Workers may run meanwhile: what was sealed before
    the backup began can be opened with it. Events and results are not in it, Kafka keeps those. A backup holds keys
    of people who are erased later: destroy old ones in time.

    Exit codes: 0 saved, and read back; 2 wrong usage; 77 the caller may not do this; 78 the settings are not valid,
    there is no passphrase, key file or key store, or the file can't be written.
    """
    if file.exists() and not replace:
        raise click.UsageError(f"{file} is there already: name another file, or use --replace")
    saved = run(_saved(load_settings(), file, passphrase(new=True)))
    report = {
        "file": str(file),
        "made": saved.made.isoformat(timespec="seconds"),
        "keys": len(saved.records),
        "erased": len(saved.erased),
        "ledger_entries": None if saved.ledger is None else len(saved.ledger),
        "audit_entries": saved.audit_head.seq,
        "audit_broken": saved.audit_broken,
        "roles": saved.roles is not None,
    }
    if saved.ledger is None:
        click.echo(
            "Warning: the erasure ledger could not be read, so a restore can't check that it has the right one",
            err=True,
        )
    if saved.audit_broken is not None:
        click.echo(
            f"Warning: the audit log does not verify ({saved.audit_broken}) and is saved as it is: see"
            " `shopstream audit verify`; a restore will put it aside",
            err=True,
        )
    if as_json:
        print_json(report)
    else:
        click.echo(
            f"{file}: {report['keys']} data keys, {report['audit_entries']} audit entries, read back whole"
        )


async def _saved(settings: "Settings", file: Path, secret: str) -> "Backup":
    from streams.backup import back_up
    from streams.cli.key_store import with_key_store

    with acting(settings, Action.BACKUP) as deed:
        async with with_key_store(settings) as reached:
            saved = await back_up(reached, file, secret)
        deed.note(
            keys=len(saved.records),
            audit_entries=saved.audit_head.seq,
            audit=saved.audit_broken or "whole",
        )
        return saved
