"""`python -m streams.local fetch | lock`: Kafka's jars, without starting anything."""

from pathlib import Path

import click

from streams.local.errors import LocalStackError
from streams.local.jars import LOCK, JarCache, write_lock


@click.group()
def main() -> None:
    """Kafka's jars of the embedded default."""


@main.command()
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Folder (default: the user's cache)."
)
def fetch(into: Path | None) -> None:
    """Fetch what is missing and check all against the lock."""
    cache = JarCache(into, click.echo)
    try:
        jars = cache.classpath()
    except LocalStackError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(jars)} jars, {sum(jar.stat().st_size for jar in jars) / 1e6:.0f} MB, in {cache.folder}")


@main.command()
def lock() -> None:
    """Resolve jgo.toml anew and write the lock. For maintainers, after a change of version."""
    click.echo(f"{write_lock()} jars locked in {LOCK}")


if __name__ == "__main__":
    main()
