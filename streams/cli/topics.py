"""`shopstream topics`: create, compare and list the topics."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

import click
import orjson

from streams.cli.session import load_settings
from streams.contracts.acls import DEFAULT_PRINCIPALS, Acl, Principals, acls
from streams.contracts.topics import TOPICS
from streams.settings import Settings

DIFFERS = 3
"""Exit code: something is not as wanted, and was left so."""

T = TypeVar("T")


@click.group()
def topics() -> None:
    """Create, compare and list the topics."""


@topics.command()
@click.option(
    "--bootstrap", metavar="HOST:PORT", help="The broker; default from the settings, else the embedded one."
)
@click.option("--dry-run", is_flag=True, help="Say what is missing or differs; change nothing.")
@click.option("--apply-config", is_flag=True, help="Set differing configuration of existing topics.")
@click.option(
    "--print-acls",
    is_flag=True,
    help="Print the kafka-acls commands that worker, shops, admin and operator need; stop.",
)
@click.option(
    "--worker", default=DEFAULT_PRINCIPALS.worker, show_default=True, help="Principal, for --print-acls."
)
@click.option(
    "--producer", default=DEFAULT_PRINCIPALS.producer, show_default=True, help="Principal, for --print-acls."
)
@click.option(
    "--consumer", default=DEFAULT_PRINCIPALS.consumer, show_default=True, help="Principal, for --print-acls."
)
@click.option(
    "--admin", default=DEFAULT_PRINCIPALS.admin, show_default=True, help="Principal, for --print-acls."
)
@click.option(
    "--operator", default=DEFAULT_PRINCIPALS.operator, show_default=True, help="Principal, for --print-acls."
)
@click.option(
    "--consumer-groups", default="shop-", show_default=True, help="Start of the shops' consumer group names."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(  # noqa: PLR0913 - each is an option of the command
    *,
    bootstrap: str | None,
    dry_run: bool,
    apply_config: bool,
    print_acls: bool,
    worker: str,
    producer: str,
    consumer: str,
    admin: str,
    operator: str,
    consumer_groups: str,
    as_json: bool,
) -> None:
    """Create what is missing; say what differs.

    Topics that exist are left as they are, but for their configuration with --apply-config. Their number of
    partitions and replicas is never changed.

    Exit codes: 0 all is as wanted; 1 the broker refused or can't be reached; 3 something differs
    (with --dry-run also: is missing).
    """
    settings = _settings(bootstrap, connect=not print_acls)
    if print_acls:
        principals = Principals(worker, producer, consumer, admin, operator)
        _show_acls(
            acls(
                prefix=settings.kafka.topic_prefix,
                group=settings.group_id,
                consumer_groups=consumer_groups,
                principals=principals,
            ),
            settings.kafka.bootstrap or "localhost:9092",
            as_json=as_json,
        )
        return
    from streams.topic_admin import create_topics

    plan = _run(create_topics(settings, dry_run=dry_run, apply_config=apply_config))
    if as_json:
        _print_json(
            {
                "created": [] if dry_run else [spec.name for spec in plan.create],
                "missing": [spec.name for spec in plan.create] if dry_run else [],
                "differences": plan.differences,
                "same": plan.same,
            }
        )
    else:
        for spec in plan.create:
            click.echo(f"{'missing' if dry_run else 'created'}  {spec.name} ({spec.partitions} partitions)")
        for difference in plan.differences:
            found = difference.found or "not set"
            click.echo(
                f"differs  {difference.topic}: {difference.what} is {found}, wanted {difference.wanted}"
            )
        for name in plan.same:
            click.echo(f"same     {name}")
    if plan.differences or (dry_run and plan.create):
        raise SystemExit(DIFFERS)


@topics.command(name="list")
@click.option(
    "--bootstrap", metavar="HOST:PORT", help="The broker; default from the settings, else the embedded one."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_topics(*, bootstrap: str | None, as_json: bool) -> None:
    """List the topics of the house, and whether they are on the broker.

    Exit codes: 0 listed; 1 the broker refused or can't be reached.
    """
    settings = _settings(bootstrap)
    from streams.topic_admin import topic_admin

    async def found() -> set[str]:
        async with topic_admin(settings) as admin:
            return set(await admin.found(settings.wire_topic(name) for name in TOPICS))

    there = _run(found())
    rows = [
        {
            "name": settings.wire_topic(topic.name),
            "direction": topic.direction,
            "key": topic.key_of,
            "cleanup": topic.cleanup,
            "retention_days": topic.retention and topic.retention.days,
            "personal": topic.personal,
            "exists": settings.wire_topic(topic.name) in there,
        }
        for topic in TOPICS.values()
    ]
    if as_json:
        _print_json(rows)
        return
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        kept = "compacted" if row["cleanup"] == "compact" else f"{row['retention_days']} days"
        state = "" if row["exists"] else "  (missing)"
        click.echo(f"{row['name']:<{width}}  {row['direction']:<8}  {kept:<9}  key: {row['key']}{state}")


def _show_acls(entries: list[Acl], bootstrap: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(entries)
        return
    for entry in entries:
        click.echo(entry.command(bootstrap))


def _settings(bootstrap: str | None, *, connect: bool = True) -> Settings:
    """The settings, with the address given, or that of the embedded broker of the data folder if it runs."""
    settings = load_settings()
    if bootstrap is not None:
        kafka = settings.kafka.model_copy(update={"bootstrap": bootstrap})
        return settings.model_copy(update={"kafka": kafka})
    if settings.kafka.bootstrap is not None or not connect:
        return settings
    from streams.embedded import with_endpoints
    from streams.local import LocalStack

    if endpoints := LocalStack.attach(settings.data_dir):
        return with_endpoints(settings, endpoints)
    raise click.ClickException(
        "no broker: give --bootstrap, set SHOPSTREAM_KAFKA__BOOTSTRAP, or run `shopstream local`"
    )


def _run(work: Coroutine[Any, Any, T]) -> T:
    from models.errors import ModelError
    from streams.topic_admin import TopicAdminError

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say is in the error
    try:
        return asyncio.run(work)
    except (ModelError, TopicAdminError) as error:  # an encoder names topics
        raise click.ClickException(str(error)) from error


def _print_json(value: object) -> None:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
