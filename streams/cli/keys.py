"""`shopstream keys`: key-encryption keys and data keys, made, listed, changed and carried."""

from typing import TYPE_CHECKING, Any

import click

from privacy.access import Action
from streams.access import acting
from streams.cli.keys_public import public
from streams.cli.keys_rotation import retire, rotate
from streams.cli.keys_transfer import export, import_
from streams.cli.output import print_json
from streams.cli.session import load_settings, run

if TYPE_CHECKING:
    from streams.keys import Keys
    from streams.settings import Settings

_MUCH = 0.5
"""Of a key-encryption key's wrappings; then it is time for another."""


@click.group()
def keys() -> None:
    """Make, list, rotate, export and import keys.

    Data keys, one for each person, seal texts; they lie, wrapped, in the key store. A key-encryption key (KEK) wraps
    them; it lies in the key file, or comes from the environment.

    Exit codes of all: 0 done; 1 it can't be done as things are; 2 wrong usage; 77 the caller may not do this; 78 the
    settings are not valid, or key file or key store can't be used.
    """


@keys.command()
def init() -> None:
    """Make the key file, with a first key-encryption key. Workers do so themselves where there is none."""
    kek = run(_made(load_settings()))
    click.echo(f"made, with the key-encryption key {kek}. Back it up: `shopstream backup FILE`")


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List key-encryption keys, and how many data keys each wraps. Never shows a key."""
    found = run(_listed(load_settings()))
    if as_json:
        print_json(found)
        return
    for kek in found["keks"]:
        mark = "current" if kek["current"] else "earlier"
        click.echo(
            f"{kek['id']}  {mark}  wraps {kek['wraps']} data keys  created {kek['created'] or 'unknown'}"
        )
        if kek["current"] and kek["used"] > _MUCH:
            click.echo(
                f"Warning: {kek['id']} has used {kek['used']:.0%} of the 2^32 wrappings that are safe: run `shopstream "
                "keys rotate`",
                err=True,
            )
    for one in found["intake"]:
        click.echo(f"{one['id']}  for producer-side sealing  created {one['created'] or 'unknown'}")
    click.echo(f"{found['subjects']} subjects have data keys")


@keys.command()
def acl() -> None:
    """Print access rules for the key store: an ACL file, passwords to be filled in.

    Workers connect as shopstream-worker (SHOPSTREAM_KEYS__URL=redis://shopstream-worker:…@host), who manages keys as
    shopstream-officer. The embedded key store has no passwords: its socket's folder keeps other users out.
    """
    from streams.state.key_acl import rules

    for line in rules(load_settings().privacy.tenant):
        click.echo(line)


for command in (rotate, retire, export, import_, public):
    keys.add_command(command)


async def _made(settings: "Settings") -> str:
    from privacy.errors import KeyFileError
    from streams.cli.key_store import opened_keys

    with acting(settings, Action.KEYS_INIT) as deed:
        if settings.keys.kek is not None:
            raise KeyFileError(
                "the key-encryption key comes from SHOPSTREAM_KEYS__KEK: there is no file to make"
            )
        if settings.kek_file.exists():
            raise KeyFileError(f"there is a key file already at {settings.kek_file}: `shopstream keys list`")
        async with opened_keys(settings, create=True) as opened:
            deed.note(kek=opened.material.current)
            return opened.material.current


async def _listed(settings: "Settings") -> dict[str, Any]:
    from streams.cli.key_store import opened_keys

    with acting(settings, Action.KEYS_LIST):
        async with opened_keys(settings) as opened:
            return await _document(opened)


async def _document(opened: "Keys") -> dict[str, Any]:
    """What there is, without secrets; `used` is the share of the wrappings that a key may serve."""
    from privacy.counted_kms import MOST_WRAPS

    material, holdings = opened.material, await opened.records.holdings()
    return {
        "keks": [
            {
                "id": kek.id,
                "created": kek.created,
                "current": kek.id == material.current,
                "wraps": holdings.wrapped.get(kek.id, 0),
                "used": holdings.wraps.get(kek.id, 0) / MOST_WRAPS,
            }
            for kek in material.keks
        ],
        "intake": [{"id": key.id, "created": key.created} for key in material.intake],
        "subjects": holdings.subjects,
    }
