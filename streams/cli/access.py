"""`shopstream access`: who may reveal, erase, handle keys, back up."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from privacy.access import Action, Role
from streams.access import acting
from streams.cli.output import print_json
from streams.cli.session import load_settings, run
from streams.cli.times import moment_of

if TYPE_CHECKING:
    from privacy.roles_file import Entry
    from streams.settings import Settings


def _slug(_context: click.Context, _argument: click.Parameter, given: str) -> str:
    """A caller's name: checked first, since the audit log names it before anything is done."""
    from privacy.roles_file import RolesFileError, check_name

    try:
        check_name(given)
    except RolesFileError as error:
        raise click.BadParameter(str(error)) from None
    return given


ASSIGNABLE = [role.value for role in Role if role is not Role.OWNER]


@click.group()
def access() -> None:
    """Callers and their roles.

    \b
    Role             May
    worker           nothing by hand: its rights are Kafka's and Redis's
    analyst          nothing by hand: results are masked
    support_agent    reveal subject and text of support tickets, to answer them
    privacy_officer  reveal any field, erase, redrive, read the audit log, list keys
    admin            keys, backup, restore, redrive, callers, read the audit log

    Until the first is added, the operating-system user who owns the data folder may do everything. From then on each
    caller proves who they are by a token, in SHOPSTREAM_ACCESS_TOKEN or typed in. The first has to be an admin.

    Should the roles file be lost, restore it from a backup; the owner of the folder may also begin anew, by adding an
    admin, which stands in the audit log.

    Exit codes: 0 done; 2 wrong usage; 77 the caller may not do this; 78 the settings or the roles file are not
    valid, or what is asked makes no sense.
    """  # noqa: D301 - click keeps the lines of what follows a backspace


@access.command()
@click.argument("name", callback=_slug)
@click.option("--role", required=True, type=click.Choice(ASSIGNABLE))
@click.option("--expires", metavar="TIME", help="When its token ends; ISO 8601, UTC without an offset.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(*, name: str, role: str, expires: str | None, as_json: bool) -> None:
    """Let a caller in, and print its token. It is shown this once and kept nowhere."""
    token = run(_added(load_settings(), name, Role(role), moment_of(expires, "--expires")))
    if as_json:
        print_json({"name": name, "role": role, "token": token})
        return
    click.echo(token)
    click.echo(f"{name} is {role}: give them this token now, it can't be shown again", err=True)


@access.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_callers(*, as_json: bool) -> None:
    """Print callers and roles; no tokens."""
    entries = run(_listed(load_settings()))
    now = datetime.now(UTC)
    rows = [
        {
            "name": one.name,
            "role": one.role.value,
            "created": one.created.isoformat(timespec="seconds"),
            "expires": one.expires and one.expires.isoformat(timespec="seconds"),
            "expired": one.ended(now),
        }
        for one in entries
    ]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("no callers, since there is no roles file")
    for row in [] if as_json else rows:
        end = (
            ""
            if row["expires"] is None
            else f"  {'expired' if row['expired'] else 'expires'} {row['expires']}"
        )
        click.echo(f"{row['name']:<24} {row['role']:<16} since {row['created']}{end}")


@access.command()
@click.argument("name", callback=_slug)
def remove(*, name: str) -> None:
    """Let a caller in no more; its token ends at once."""
    run(_removed(load_settings(), name))
    click.echo(f"{name} is removed")


async def _added(settings: "Settings", name: str, role: Role, expires: datetime | None) -> str:
    from privacy.roles_file import RolesFile

    with acting(settings, Action.ACCESS_MANAGE, about={"change": "add", "caller": name, "as": role.value}):
        file = RolesFile(settings.roles_file)
        return await asyncio.to_thread(file.add, name, role, now=datetime.now(UTC), expires=expires)


async def _listed(settings: "Settings") -> "list[Entry]":
    from privacy.roles_file import RolesFile

    with acting(settings, Action.ACCESS_MANAGE, about={"change": "none, listed"}):
        return RolesFile(settings.roles_file).entries() or []


async def _removed(settings: "Settings", name: str) -> None:
    from privacy.roles_file import RolesFile

    with acting(settings, Action.ACCESS_MANAGE, about={"change": "remove", "caller": name}):
        await asyncio.to_thread(RolesFile(settings.roles_file).remove, name)
