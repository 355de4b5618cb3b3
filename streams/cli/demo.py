"""`shopstream demo`: the whole service on this machine, and the proof that it does what it says."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from pydantic import SecretStr

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, run
from streams.settings import KafkaSettings, RedisSettings, Settings

if TYPE_CHECKING:
    from streams.demo.report import Report
    from streams.local import Endpoints

INTERRUPTED = 130
MOST_WORKERS = 8


@click.command()
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0.01, max=1_000),
    help="Factor on the customers' events, which are some 5,000.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(min=1, max=MOST_WORKERS),
    help="How many worker processes serve the shop.",
)
@click.option("--seed", default=7, show_default=True, help="Of all that the shop sells and its customers do.")
@click.option("--keep", is_flag=True, help="Leave servers and workers running afterwards, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def demo(*, scale: float, workers: int, seed: int, keep: bool, as_json: bool) -> None:
    """Stream a made-up shop through Kafka and real workers, and prove what came of it.

    Some 350 products, help articles and earlier tickets go in first; then customers view, buy, review, search and ask,
    some in Chinese, some with typos, some with (made-up) personal data; about one event in a hundred is malformed or
    sent twice. At the end support is taught something new and the catalogue changes.

    Runs on the embedded Kafka and Valkey of the data folder (SHOPSTREAM_DATA_DIR, .shopstream by default), never on a
    broker that the settings name. Passed means: each event is in exactly one result or dead letter, the malformed ones
    alone are dead letters, and no planted e-mail address, phone, card, account or id number is found in anything that
    the workers wrote. Progress goes to standard error.

    Exit codes: 0 passed; 1 not passed, or something did not start; 78 the settings are not valid; 130 interrupted
    before the summary.
    """
    settings = load_settings()
    order = (scale, workers, seed)
    shown: list[Report] = []

    def show(report: "Report") -> None:
        shown.append(report)
        if as_json:
            print_json(report.document())
        else:
            click.echo("\n".join([*summary_of(report), "", *(TALK if keep else NEXT)]))

    try:
        perform(settings, order, show, keep=keep)
    except KeyboardInterrupt:
        if not shown:
            fail(
                INTERRUPTED,
                "interrupted; what was sent stays in Kafka, and a worker on this folder will answer it",
            )
    if not shown[0].passed:
        raise SystemExit(BAD_DATA)


def perform(
    settings: Settings, order: tuple[float, int, int], show: "Callable[[Report], None]", *, keep: bool
) -> None:
    """Runs the demo and shows its report; ends the command where something does not start."""
    from streams.demo.performance import Order
    from streams.demo.performance import perform as performed
    from streams.demo.workers import WorkersFailed
    from streams.local import LocalStackError
    from streams.topic_admin import TopicAdminError

    async def stay(report: "Report") -> None:
        show(report)
        await asyncio.Event().wait()

    try:
        with embedded(settings) as endpoints:
            placed_settings = placed(settings, endpoints)
            report = run(performed(placed_settings, Order(*order), keep=stay if keep else None))
            show(report)
    except (LocalStackError, TopicAdminError, WorkersFailed) as error:
        fail(BAD_DATA, str(error))


def summary_of(report: "Report") -> "Iterable[str]":
    """The report for people."""
    from streams.demo.report import summary

    return summary(report)


ASK = (
    '  shopstream ask "waterproof hiking boots"',
    '  shopstream ask "防水徒步鞋" --user u1 --json',
    '  shopstream ask --ticket "where is my parcel?"',
    "  shopstream tail recommendations --from-beginning --max 3",
    "  shopstream tail dead-letters --from-beginning",
)
TALK = ("It runs on until Ctrl-C. In another terminal, in this folder:", *ASK)
NEXT = (
    "To go on, in one terminal:",
    "  shopstream local         Kafka and Valkey, with what the demo left in them",
    "in another:",
    "  shopstream worker        until it says that partitions are assigned",
    "and in a third:",
    *ASK,
    "(the command is .venv/bin/shopstream; each has --help; `demo --keep` leaves all running by itself)",
)


@contextmanager
def embedded(settings: Settings) -> Iterator["Endpoints"]:
    """The stack of the data folder: the one that runs, or one for the time of the block."""
    from streams.local import LocalStack

    if running := LocalStack.attach(settings.data_dir):
        yield running
        return
    with LocalStack(settings.data_dir, progress=lambda line: click.echo(line, err=True)) as stack:
        yield stack.endpoints


def placed(settings: Settings, endpoints: "Endpoints") -> Settings:
    """The settings on the embedded servers; what they say of another broker is not true of these."""
    kafka = KafkaSettings(
        bootstrap=endpoints.bootstrap,
        topic_prefix=settings.kafka.topic_prefix,
        partitions=settings.kafka.partitions,
    )
    redis = RedisSettings.model_validate({"url": endpoints.redis_url})
    keys = settings.keys.model_copy(update={"url": SecretStr(endpoints.keys_url)})
    return settings.model_copy(update={"kafka": kafka, "redis": redis, "keys": keys})
