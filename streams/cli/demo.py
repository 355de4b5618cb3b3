"""`shopstream demo`: the whole service on this machine, and the proof that it does what it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

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
    "--reviews",
    default=2_000,
    show_default=True,
    type=click.IntRange(min=10, max=1_000_000),
    help="How many reviews to stream.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(min=1, max=MOST_WORKERS),
    help="How many worker processes understand them.",
)
@click.option("--seed", default=7, show_default=True, help="Of what the reviews say.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def demo(*, reviews: int, workers: int, seed: int, as_json: bool) -> None:
    """Stream made-up reviews through Kafka and real workers, and prove what came of them.

    Runs on the embedded Kafka and Valkey of the data folder (SHOPSTREAM_DATA_DIR, .shopstream by default), never on a
    broker that the settings name. About one review in a hundred is malformed; some hold personal data, made up, too.
    Passed means: each review is in exactly one result or dead letter, the malformed ones alone are dead letters, and no
    personal value is found in anything that the workers wrote. Progress goes to standard error.

    Exit codes: 0 passed; 1 not passed, or something did not start; 78 the settings are not valid; 130 interrupted.
    """
    settings = load_settings()
    try:
        report = performed(settings, reviews, workers, seed)
    except KeyboardInterrupt:
        fail(
            INTERRUPTED,
            "interrupted; what was sent stays in Kafka, and a worker on this folder will answer it",
        )
    if as_json:
        print_json(report.document())
    else:
        show(report)
    if not report.passed:
        raise SystemExit(BAD_DATA)


def performed(settings: Settings, reviews: int, workers: int, seed: int) -> "Report":
    """Runs the demo; ends the command where something does not start."""
    from streams.demo.performance import Plan, perform
    from streams.demo.workers import WorkersFailed
    from streams.local import LocalStackError
    from streams.topic_admin import TopicAdminError

    try:
        with embedded(settings) as endpoints:
            return run(perform(placed(settings, endpoints), Plan(reviews, workers, seed)))
    except (LocalStackError, TopicAdminError, WorkersFailed) as error:
        fail(BAD_DATA, str(error))


def show(report: "Report") -> None:
    """The summary for people, and how to go on."""
    from streams.demo.report import summary

    for line in [*summary(report), "", *NEXT]:
        click.echo(line)


NEXT = (
    "To go on, in one terminal:",
    "  shopstream local                            Kafka and Valkey, with what the demo left in them",
    "and in others:",
    "  shopstream worker                           understands what comes",
    "  shopstream produce FILE.jsonl --topic reviews --wait",
    "  shopstream tail review-insights --from-beginning",
    "  shopstream tail dead-letters --from-beginning",
    "(the command is .venv/bin/shopstream; each has --help)",
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
    return settings.model_copy(update={"kafka": kafka, "redis": redis})
