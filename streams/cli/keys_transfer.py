"""`shopstream keys export` and `keys import`: the key file, under a passphrase, to another machine."""

from pathlib import Path

import click

from privacy.access import Action
from privacy.errors import KeyFileError
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from privacy.sealed_file import read_sealed, write_sealed
from streams.access import acting
from streams.cli.passphrase import passphrase
from streams.cli.session import load_settings, run
from streams.keys import open_kms
from streams.settings import Settings

KIND = "keys"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a file that is there.")
def export(*, file: Path, replace: bool) -> None:
    """Write key-encryption keys, token key and intake keys to FILE, under a passphrase.

    The passphrase comes from SHOPSTREAM_PASSPHRASE, or is typed in. Data keys are not in it: `shopstream backup` has
    both.
    """
    if file.exists() and not replace:
        raise click.UsageError(f"{file} is there already: name another file, or use --replace")
    run(_exported(load_settings(), file, passphrase(new=True)))
    click.echo(f"exported to {file}")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(*, file: Path) -> None:
    """Make the key file out of FILE, which `keys export` wrote. A key file that is there is never replaced."""
    current = run(_imported(load_settings(), file, passphrase(new=False)))
    click.echo(f"imported; {current} is the current key-encryption key")


async def _exported(settings: Settings, file: Path, secret: str) -> None:
    with acting(settings, Action.KEYS_EXPORT) as deed:
        material = open_kms(settings, create=False).material
        write_sealed(file, material.to_json(), secret, KIND)
        deed.note(keks=len(material.keks))


async def _imported(settings: Settings, file: Path, secret: str) -> str:
    with acting(settings, Action.KEYS_IMPORT) as deed:
        if settings.keys.kek is not None:
            raise KeyFileError(
                "the key-encryption key comes from SHOPSTREAM_KEYS__KEK: a key file would not be used"
            )
        material = KeyMaterial.from_json(read_sealed(file, secret, KIND), str(file))
        try:
            KeyFile(settings.kek_file).create(material)
        except FileExistsError:
            raise KeyFileError(
                f"there is a key file already at {settings.kek_file}: move it away first, if nothing that it sealed is "
                "needed any more"
            ) from None
        deed.note(kek=material.current)
        return material.current
