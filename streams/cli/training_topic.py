"""`--from-topic`: the rows of a training, out of a topic of this installation."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from streams.cli.key_store import opened_keys
from streams.cli.output import progress
from streams.cli.session import load_settings, run
from streams.cli.times import moment, span
from streams.client.connection import joined
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.training_topics import TopicRows

Command = TypeVar("Command", bound=Callable[..., Any])


def topic_options(*topics: str) -> Callable[[Command], Command]:
    """Add `--from-topic` and `--since`; the command gets them as `from_topic` and `since`."""

    def decorated(command: Command) -> Command:
        topic = click.option(
            "--from-topic",
            type=click.Choice(topics),
            help="In place of --data: what customers wrote there, masked; needs the key file and the key store.",
        )
        time = click.option(
            "--since",
            metavar="SPAN|TIME",
            help="With --from-topic: only what was written in a last span, such as 30d, 12h or 4w, or since a time in"
            " ISO 8601; by default all that is there.",
        )
        return topic(time(command))

    return decorated


def check_source(files: Sequence[Path], from_topic: str | None, since: str | None) -> datetime | None:
    """Since when the topic is to be read; None for all of it, or where there is no topic.

    Raises:
        click.UsageError: there is not one source, files or a topic.
        click.BadParameter: `since` is no time.
    """
    if bool(files) == bool(from_topic):
        raise click.UsageError("say where the data is: --data FILE or --from-topic TOPIC, one of them")
    if since is None:
        return None
    if not from_topic:
        raise click.UsageError("--since goes with --from-topic")
    try:
        before = span(since)
        return moment(since) if before is None else datetime.now(UTC) - before
    except (ValueError, OverflowError):
        raise click.BadParameter("no span as 30d, and no time as 2026-03-14", param_hint="--since") from None


def topic_rows(topic: str, since: datetime | None) -> "TopicRows":
    """Rows of a topic; what was read and left out is told on standard error. Errors end the command."""
    found = run(_read(load_settings(), topic, since))
    left_out = "".join(f"; {count} left out: {reason}" for reason, count in sorted(found.skipped.items()))
    click.echo(f"{found.name}: {found.records} events read, {len(found.rows)} used{left_out}", err=True)
    return found


async def _read(settings: Settings, topic: str, since: datetime | None) -> "TopicRows":
    from streams.name_tagger import tagger_of
    from streams.training_topics import TopicRowsReader

    settings = await joined(settings)
    async with opened_keys(settings) as keys, tagger_of(settings.models) as tagger:
        since_ms = None if since is None else max(0, int(since.timestamp() * 1000))
        reader = TopicRowsReader(settings, keys, tagger)
        return await reader.read(topic, since_ms, lambda total: progress(f"reading {topic}", total))
