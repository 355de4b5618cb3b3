"""`shopstream config`: what is set, and by what."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, SecretStr
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from streams.cli.output import print_json
from streams.cli.session import load_settings
from streams.settings import Settings

HIDDEN = "***"
TABLES = ("privacy.fields", "privacy.thresholds", "privacy.topics")
"""Settings whose members have names of the user's choice: `SHOPSTREAM_PRIVACY__THRESHOLDS__CARD`."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def config(*, as_json: bool) -> None:
    """Print the effective settings, secrets hidden, and where each came from.

    The environment wins over the TOML file (shopstream.toml here, or what SHOPSTREAM_CONFIG names), the file
    over the defaults.

    Exit codes: 0 printed; 78 the settings are not valid.
    """
    settings = load_settings()
    rows = {name: _row(name, value) for name, value in leaves(settings)}
    embedded = {
        "kafka": settings.kafka.bootstrap is None,
        "redis": settings.redis.url is None,
        **_running(settings),
    }
    if as_json:
        print_json({"settings": rows, "embedded": embedded, "unknown_variables": unknown_variables(rows)})
        return
    width, wide = max(map(len, rows)), 44
    for name, row in rows.items():
        value = "" if row["value"] is None else str(row["value"])
        click.echo(f"{name:<{width}}  {value:<{wide}}  {row['source']}")
    click.echo()
    for server in ("kafka", "redis"):
        click.echo(f"{server}: {'the embedded default' if embedded[server] else 'as the settings say'}")
    click.echo(_running_line(settings, embedded))
    for name in unknown_variables(rows):
        click.echo(f"Warning: {name} is set, but there is no such setting", err=True)


def leaves(group: BaseModel, path: str = "") -> Iterator[tuple[str, Any]]:
    """Name and value of every setting, groups written with a dot."""
    for field in type(group).model_fields:
        value = getattr(group, field)
        if isinstance(value, BaseModel):
            yield from leaves(value, f"{path}{field}.")
        else:
            yield path + field, value


def unknown_variables(known: Mapping[str, object]) -> list[str]:
    """Environment variables that look like settings of a group and are none: most likely misspelt."""
    names = {variable(name) for name in known}
    members = tuple(variable(name) + "__" for name in TABLES)
    return sorted(
        name
        for name in os.environ
        if name.upper().startswith("SHOPSTREAM_")
        and "__" in name
        and name.upper() not in names
        and not name.upper().startswith(members)
    )


def variable(name: str) -> str:
    """The environment variable that sets it."""
    return "SHOPSTREAM_" + name.replace(".", "__").upper()


def _row(name: str, value: object) -> dict[str, object]:
    shown = HIDDEN if isinstance(value, SecretStr) else value
    return {
        "value": str(shown) if isinstance(shown, Path) else _plain(shown),
        "source": _source(name),
        "variable": variable(name),
    }


def _plain(value: object) -> object:
    """What JSON can say, of groups of settings only what is set."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _source(name: str) -> str:
    """Asks the sources themselves, in their order."""
    if _holds(EnvSettingsSource(Settings)(), name):
        return "environment"
    file = TomlConfigSettingsSource(Settings)
    return f"file {Settings.model_config.get('toml_file')}" if _holds(file(), name) else "default"


def _holds(source: Mapping[str, Any], name: str) -> bool:
    found: Any = source
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return False
        found = found[step]
    return True


def _running(settings: Settings) -> dict[str, Any]:
    """The embedded stack, if one runs for the data folder."""
    from streams.local import LocalStack

    running = LocalStack.attach(settings.data_dir)
    if running is None:
        return {"running": None}
    return {
        "running": {
            "bootstrap": running.bootstrap,
            "redis_url": running.redis_url,
            "keys_url": running.keys_url,
        }
    }


def _running_line(settings: Settings, embedded: Mapping[str, Any]) -> str:
    folder = settings.data_dir.absolute()
    if running := embedded["running"]:
        return (
            f"embedded stack: runs for {folder}: Kafka {running['bootstrap']}, Redis {running['redis_url']}, "
            f"keys {running['keys_url']}"
        )
    return f"embedded stack: none runs for {folder} (`shopstream local` starts one)"
