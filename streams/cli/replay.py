"""`shopstream replay`: user and product state built anew from the changes."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings, run
from streams.cli.times import moment, span

if TYPE_CHECKING:
    from streams.settings import Settings
    from streams.state.replaying import Replayed


@click.command()
@click.option(
    "--from",
    "since",
    metavar="earliest|TIME|last=SPAN",
    default="earliest",
    show_default=True,
    help="All changes that there are; those written at a time (ISO 8601, UTC without an offset) or later; or those"
    " of a last span of minutes, hours, days or weeks, such as last=7d.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(*, since: str, as_json: bool) -> None:
    """Build user and product state in Redis anew from the topic user-changes.

    It goes beside the state in use, which is replaced when all changes up to now have been read, and deleted then.
    Workers may run meanwhile; they catch up with what came in between. Nothing is published.

    Exit codes: 0 the new state is in use; 1 it broke off, or another replay took over; 2 wrong usage; 78 the
    settings are not valid, there is no Kafka, Redis or topic where they point, or another replay is under way.
    """
    replayed = run(_replayed(load_settings(), _since(since)))
    if as_json:
        print_json(
            {
                "epoch": replayed.epoch,
                "changes": replayed.changes,
                "users": replayed.users,
                "seconds": round(replayed.seconds, 3),
            }
        )
    else:
        click.echo(
            f"{replayed.changes} changes of {replayed.users} users read in {replayed.seconds:.1f} s;"
            f" epoch {replayed.epoch} is in use"
        )


async def _replayed(settings: "Settings", since: datetime | None) -> "Replayed":
    from redis.asyncio import Redis

    from streams.client.connection import joined
    from streams.client.errors import NotSetUp
    from streams.state.replaying import replay as replay_changes

    settings = await joined(settings)
    if settings.redis.url is None:
        raise NotSetUp("no Redis: set SHOPSTREAM_REDIS__URL, as for the workers")
    since_ms = None if since is None else max(0, int(since.timestamp() * 1000))
    async with Redis.from_url(settings.redis.url.get_secret_value()) as client:
        return await replay_changes(
            settings, client, since_ms, lambda total: progress("reading changes", total)
        )


def _since(given: str) -> datetime | None:
    if given == "earliest":
        return None
    if given.startswith("last=") and (last := span(given.removeprefix("last="))) is not None:
        try:
            return datetime.now(UTC) - last
        except OverflowError:
            raise click.BadParameter("before the beginning of time", param_hint="--from") from None
    try:
        return moment(given)
    except ValueError:
        raise click.BadParameter(
            "not earliest, a time as 2026-03-14 or 2026-03-14T09:26:53+01:00, or a span as last=7d",
            param_hint="--from",
        ) from None
