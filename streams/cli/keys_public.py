"""`shopstream keys public` and `keys rotate --intake`: the key to which producers seal."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from privacy.access import Action
from privacy.errors import KeyFileError
from privacy.key_file import KeyFile
from streams.access import acting
from streams.cli.session import load_settings, run

if TYPE_CHECKING:
    from privacy.hpke import PublicKey
    from streams.settings import Settings


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file instead of printing it.",
)
def public(*, out: Path | None) -> None:
    """Print the public key document, with which a producer seals people's words before it sends them.

    It holds no secret. Give it to producers by a way on which nobody can exchange it: who seals to another's key is
    read by that other. It is of the newest intake key, made now if there is none; earlier ones still open.
    """
    document = run(_document(load_settings()))
    if out is None:
        click.echo(document, nl=False)
        return
    try:
        out.write_bytes(document)
    except OSError as error:
        raise click.FileError(str(out), error.strerror) from None


async def new_intake_key(settings: "Settings") -> "PublicKey":
    """Makes an intake key; producers seal to it once they have its public key, and earlier ones still open.

    Raises:
        AccessDenied: the caller may not do this.
        KeyFileError: there is no usable key file, or the keys come from the environment.
    """
    from privacy.hpke import PublicKey

    if settings.keys.kek is not None:
        raise KeyFileError(
            "intake keys come from SHOPSTREAM_KEYS__INTAKE_KEYS: add 32 random bytes in base64url there, as the last"
        )
    with acting(settings, Action.KEYS_ROTATE, about={"what": "intake"}) as deed:
        material = KeyFile(settings.kek_file).update(lambda material: material.with_new_intake())
        key = PublicKey.of(material.intake[-1], settings.privacy.tenant)
        deed.note(intake=key.id)
        return key


async def _document(settings: "Settings") -> bytes:
    from privacy.hpke import PublicKey
    from streams.keys import open_kms

    if settings.keys.kek is None and not settings.kek_file.exists():
        raise KeyFileError(f"no key file at {settings.kek_file} yet: make it with `shopstream keys init`")
    material = open_kms(settings, create=False).material
    if not material.intake:
        return (await new_intake_key(settings)).to_json()
    return PublicKey.of(material.intake[-1], settings.privacy.tenant).to_json()
