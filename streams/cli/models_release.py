"""`shopstream models release`, `rollback` and `releases`: another model for running workers, and back."""

from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, run

if TYPE_CHECKING:
    from streams.contracts.records import ModelRelease, ReleasedModel
    from streams.releases.publishing import Reception
    from streams.settings import ModelSettings, Settings

NOT_EVERYWHERE = 4
"""Exit code: it is released, but not every worker that runs has taken it."""

_wait = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    help="Seconds to wait for the workers; 0 is not at all.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_note = click.option("--note", help="Why, for whoever looks later.")


@click.command()
@click.argument("role")
@click.argument("source")
@_note
@_wait
@_json
def release(*, role: str, source: str, note: str | None, wait: float, as_json: bool) -> None:
    """Let all workers run the model SOURCE in ROLE (reviews, tagger), without a restart.

    It is verified here first: files, base, self-test and heads. Then an event in `model-releases` tells the workers.
    Each loads it beside the one that serves, from its own SOURCE, which has to have the same digest; batches under way
    end with the old model, later ones use the new one. A worker that can't take it goes on with what it has. Workers
    that start later take it, too, whatever their settings name.

    \b
    Exit codes: 0 it serves in every worker that runs; 1 the model has a problem, and nothing was released; 2 no such
    role; 4 it is released, but some workers have refused it, or not said in time; 78 the settings are not valid, or
    what they name is not there.
    """  # noqa: D301 - click looks for the character \b itself
    settings = load_settings()
    model = _verified(role, source, settings.models)
    run(_released(settings, role, model, note, wait, as_json=as_json))


@click.command()
@click.argument("role")
@_note
@_wait
@_json
def rollback(*, role: str, note: str | None, wait: float, as_json: bool) -> None:
    """Let all workers run again in ROLE what the latest release took the place of.

    Done again, it goes one further back, as far as the topic still knows. The workers verify what they load.

    \b
    Exit codes: as `release`; 1 there is nothing to go back to.
    """  # noqa: D301
    run(_rolled_back(load_settings(), role, note, wait, as_json=as_json))


@click.command()
@click.option("--role", help="Only of this role.")
@_json
def releases(*, role: str | None, as_json: bool) -> None:
    """List what is released now, by role, and what was before.

    The topic is compacted: of each role the latest release stays, and earlier ones for about a week.

    Exit codes: 0 listed; 78 the settings are not valid, or there is no broker or topic.
    """
    found = [one for one in run(_history(load_settings())) if role in (None, one.role)]
    current = {one.role: one.id for one in found}
    if as_json:
        rows = [one.model_dump(mode="json") | {"current": current[one.role] == one.id} for one in found]
        print_json({"releases": rows})
        return
    if not found:
        click.echo("nothing is released: workers run the models of their settings")
    for one in reversed(found):
        state = "now" if current[one.role] == one.id else "before"
        click.echo(f"{one.role} {state}: {one.source} {one.version} ({_short(one.digest)})")
        note = f": {one.note}" if one.note else ""
        click.echo(f"  {one.time:%Y-%m-%d %H:%M:%S} UTC by {one.by}{note}")
        if one.previous:
            click.echo(f"  in place of {one.previous.source} {one.previous.version}")


def _verified(role: str, source: str, settings: "ModelSettings") -> "ReleasedModel":
    from models.errors import ModelError
    from models.sources import verify
    from streams.contracts.records import ReleasedModel
    from streams.releases.loading import tried
    from streams.releases.roles import ReleaseRefused, role_named

    try:
        role_named(role)
    except ReleaseRefused as refused:
        raise click.UsageError(str(refused)) from None
    click.echo(f"verifying {source}", err=True)
    try:
        if found := verify(source):
            fail(BAD_DATA, "\n".join(found))
        identity = tried(role, source, settings.running)
    except ModelError as error:
        fail(BAD_DATA, str(error))
    return ReleasedModel(source=source, version=identity.version, digest=identity.digest)


async def _released(
    settings: "Settings", role: str, model: "ReleasedModel", note: str | None, wait: float, *, as_json: bool
) -> None:
    from streams.client.connection import joined
    from streams.releases.reading import latest, read_releases

    settings = await joined(settings)
    now = latest(await read_releases(settings)).get(role)
    if now is None:
        previous = _of_settings(role, settings.models)
    else:
        previous = now.previous if now.released == model else now.released
    await _published(settings, role, model, previous, note, wait, as_json=as_json)


async def _rolled_back(
    settings: "Settings", role: str, note: str | None, wait: float, *, as_json: bool
) -> None:
    from streams.client.connection import joined
    from streams.releases.reading import read_releases

    settings = await joined(settings)
    known = [one for one in await read_releases(settings) if one.role == role]
    target = known[-1].previous if known else None
    if target is None:
        fail(BAD_DATA, f"nothing to go back to: no release of {role} says what it took the place of")
    before = next((one.previous for one in reversed(known) if one.released == target), None)
    await _published(settings, role, target, before, note, wait, as_json=as_json)


async def _published(
    settings: "Settings",
    role: str,
    model: "ReleasedModel",
    previous: "ReleasedModel | None",
    note: str | None,
    wait: float,
    *,
    as_json: bool,
) -> None:
    from streams.releases.publishing import new_release, publish, received

    made = new_release(role, model, previous, note)
    await publish(settings, made)
    reception = await received(settings, made, wait) if wait else None
    if as_json:
        print_json(_document(made, reception))
    else:
        _say(made, reception)
    if reception is not None and not reception.holds:
        raise SystemExit(NOT_EVERYWHERE)


async def _history(settings: "Settings") -> "list[ModelRelease]":
    from streams.client.connection import joined
    from streams.releases.reading import read_releases

    return await read_releases(await joined(settings))


def _of_settings(role: str, settings: "ModelSettings") -> "ReleasedModel | None":
    """The settings' model of a role: what workers run that have seen no release. None where it can't be told."""
    from models.errors import ModelError
    from models.sources import identify
    from streams.contracts.records import ReleasedModel
    from streams.releases.roles import sources_of
    from streams.releases.serving import reference

    source = sources_of(settings).get(role)
    if source is None:
        return None
    try:
        identity = reference(identify(source))
    except ModelError:
        return None
    return ReleasedModel(source=source, version=identity.version, digest=identity.digest)


def _document(made: "ModelRelease", reception: "Reception | None") -> dict[str, Any]:
    workers = None
    if reception is not None:
        workers = {
            "taken": reception.taken,
            "refused": dict(reception.refused),
            "outstanding": reception.outstanding,
        }
    return {"release": made.model_dump(mode="json"), "workers": workers}


def _say(made: "ModelRelease", reception: "Reception | None") -> None:
    click.echo(f"released to {made.role}: {made.source} {made.version} ({_short(made.digest)})")
    if reception is None:
        return
    if reception.taken:
        click.echo(f"  serves in: {', '.join(reception.taken)}")
    for worker, why in reception.refused.items():
        click.echo(f"  refused by {worker}: {why}", err=True)
    for worker in reception.outstanding:
        click.echo(f"  no word yet from {worker}: see its log", err=True)
    if not (reception.taken or reception.refused or reception.outstanding):
        click.echo("  no worker runs now; those that start will take it")


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
