"""`shopstream keys rotate` and `keys retire`: other keys for what comes, while traffic flows."""

import asyncio
from typing import TYPE_CHECKING

import click

from privacy.access import Action
from privacy.errors import KeyFileError
from streams.access import acting
from streams.cli.keys_public import new_intake_key
from streams.cli.output import progress, stages
from streams.cli.session import BAD_DATA, fail, load_settings, run

if TYPE_CHECKING:
    from privacy.rewrapping import Rewrapping
    from streams.keys import Keys
    from streams.settings import Settings

AT_ONCE = 50
"""Rotations of data keys under way together."""


@click.command()
@click.option(
    "--resume", is_flag=True, help="Make no new key-encryption key; rewrap what an earlier one wraps."
)
@click.option("--data", "user", metavar="USER", help="Rotate this user's data key instead.")
@click.option("--all-data", is_flag=True, help="Rotate everybody's data keys instead.")
@click.option("--intake", is_flag=True, help="Make a new key for producer-side sealing instead.")
def rotate(*, resume: bool, user: str | None, all_data: bool, intake: bool) -> None:
    """Make a new key-encryption key current, and wrap all data keys under it.

    Safe while workers run: they follow the key file when it is replaced. One that has a copy of the file of its own
    needs the new one at once. What was sealed stays as it is and opens as before. Broken off, go on with --resume; so
    do you where the key comes from the environment: first set the new one as SHOPSTREAM_KEYS__KEK, and add the old one
    to SHOPSTREAM_KEYS__OLD_KEKS, for all. A damaged data key stays as it is, and the exit code is 1 then.

    With --data or --all-data the data keys themselves change: workers use the new ones once their caches have aged
    (SHOPSTREAM_KEYS__CACHE_SECONDS). Earlier ones stay, to open what they sealed.

    With --intake producers get another public key: all workers have to have the new key file before any producer seals
    to it. Earlier intake keys stay, to open what is sealed to them.
    """
    if resume + (user is not None) + all_data + intake > 1:
        raise click.UsageError("--resume, --data, --all-data and --intake exclude each other")
    settings = load_settings()
    if intake:
        key = run(new_intake_key(settings))
        click.echo(f"{key.id} is made; give producers its public key: `shopstream keys public`")
        return
    if user is None and not all_data:
        kek, rewrapping = run(_rewrapped(settings, new=not resume))
        click.echo(f"{kek} is current; {rewrapping.done} data keys rewrapped")
        if rewrapping.damaged:
            fail(
                BAD_DATA,
                f"{rewrapping.damaged} data keys are damaged and stay as they are: look for a backup of the key store "
                "that has them whole; workers seal under new ones",
            )
        return
    count = run(_rotated(settings, user))
    if user is not None and not count:
        fail(BAD_DATA, "this user has no data key: nothing of theirs was sealed")
    click.echo(f"{count} data keys rotated")


@click.command()
@click.argument("kek_id", metavar="KEK-ID")
def retire(kek_id: str) -> None:
    """Take an earlier key-encryption key out of the key file, when it wraps nothing any more.

    Backups of the key store that were made while it was in use need it: keep a backup of the key file with them.
    """
    run(_retired(load_settings(), kek_id))
    click.echo(f"{kek_id} is out of the key file")


async def _rewrapped(settings: "Settings", *, new: bool) -> "tuple[str, Rewrapping]":
    from streams.cli.key_store import opened_keys

    with acting(settings, Action.KEYS_ROTATE, about={"what": "kek"}) as deed, stages() as show:
        async with opened_keys(settings) as keys:
            if new:
                keys.file.update(lambda material: material.with_new_kek())
            kek = await keys.kms.current()
            deed.note(kek=kek)
            rewrapping = await keys.keyring.rewrap(lambda done, total: show("rewrapping", done, total))
            deed.note(rewrapped=rewrapping.done, damaged=rewrapping.damaged)
            return kek, rewrapping


async def _rotated(settings: "Settings", user: str | None) -> int:
    """How many data keys were rotated: of a user, or of all."""
    from streams.cli.key_store import opened_keys

    about = {"what": "data keys"}
    with acting(settings, Action.KEYS_ROTATE, subject=user, about=about) as deed:
        async with opened_keys(settings) as keys:
            if user is not None:
                count = int(await keys.keyring.rotate(keys.guard().user_token(user)))
            else:
                count = await _all_rotated(keys)
            deed.note(rotated=count)
            return count


async def _all_rotated(keys: "Keys") -> int:
    holdings = await keys.records.holdings()
    subjects = {record.subject async for batch in keys.records.scan() for record in batch}
    waiting, count = sorted(subjects), 0
    with progress("rotating data keys", holdings.subjects) as show:
        for start in range(0, len(waiting), AT_ONCE):
            part = waiting[start : start + AT_ONCE]
            count += sum(await asyncio.gather(*[keys.keyring.rotate(subject) for subject in part]))
            show(count)
    return count


async def _retired(settings: "Settings", kek_id: str) -> None:
    from streams.cli.key_store import opened_keys

    with acting(settings, Action.KEYS_RETIRE, about={"kek": kek_id[:100]}):
        async with opened_keys(settings) as keys:
            if count := (await keys.records.holdings()).wrapped.get(kek_id, 0):
                raise KeyFileError(
                    f"{kek_id} still wraps {count} data keys: run `shopstream keys rotate --resume` first; those it "
                    "calls damaged go when their users are erased"
                )
            keys.file.update(lambda material: material.without_kek(kek_id))
