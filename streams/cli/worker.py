"""`shopstream worker`: one worker in this process, or several under a supervisor."""

import contextlib
import fcntl
import logging
import logging.config
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from streams.cli.session import BAD_DATA, SETTINGS, fail, load_settings
from streams.log import configuration
from streams.settings import Settings

SLOT = "SHOPSTREAM_WORKER__SLOT"
SLOT_SECONDS = 5.0
"""How long the slot's last owner, killed a moment ago, may take to be gone."""


@click.command()
@click.option(
    "--processes", default=1, show_default=True, type=click.IntRange(min=1), help="How many workers to run."
)
@click.option(
    "--slot",
    type=click.IntRange(min=0),
    metavar="N",
    help="Stable number of this worker in its group, added to the web port; of several, the first one's. Machines"
    " of one group need different ones. [default: SHOPSTREAM_WORKER__SLOT; several workers: 0]",
)
@click.option(
    "--log-level",
    default="info",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="Least level of what is logged, to standard error.",
)
def worker(*, processes: int, slot: int | None, log_level: str) -> None:
    """Run workers until SIGTERM or Ctrl-C.

    Without a broker in the settings the embedded Kafka and Valkey are used, and started where they don't run.
    Several workers are supervised: started again when they end, each with its slot and its share of the cores,
    and, where there are several, a GPU of its own.

    Exit codes: 0 ended as asked; 1 the embedded servers or their topics failed; 70 fenced, a defect, or a
    worker had to be killed; 75 stuck; 78 it can't run like this: correct what the message says.
    """
    if slot is not None:
        os.environ[SLOT] = str(slot)
    settings = load_settings()
    logging.config.dictConfig(configuration(settings.log, log_level.upper()))
    if processes == 1:
        run_worker(settings, log_level)
    supervise(settings, processes, log_level)


def run_worker(settings: Settings, log_level: str) -> NoReturn:
    """Runs the Faust app in this process; exits 0 after a graceful end."""
    with refusals(), own_slot(settings):
        import faust

        from streams.app import app

        one = faust.Worker(
            app,
            loglevel=log_level,
            logging_config=configuration(settings.log, log_level.upper()),
            quiet=True,
            redirect_stdouts=False,
        )
        one.spinner = None
        one.execute_from_commandline()


def supervise(settings: Settings, processes: int, log_level: str) -> NoReturn:
    """Runs several workers as child processes, on one embedded stack where no broker is named."""
    from streams.delivery.supervisor import Supervisor, visible_gpus

    def command(slot: int) -> list[str]:
        options = ["--slot", str(slot), "--log-level", log_level]
        return [sys.executable, "-m", "streams.cli", "worker", *options]

    with refusals():
        environment = embedded_addresses(settings)
    raise SystemExit(
        Supervisor(
            command,
            processes,
            first_slot=settings.worker.slot or 0,
            threads=settings.models.threads,
            gpus=visible_gpus() if settings.models.device in {"auto", "cuda"} else (),
            environment=environment,
        ).run()
    )


def embedded_addresses(settings: Settings) -> dict[str, str]:
    """Where the embedded servers are, as settings for child processes; nothing where a broker is named."""
    if settings.kafka.bootstrap is not None:
        return {}
    from streams.embedded import connected
    from streams.topic_admin import ensure_topics

    settings = connected(settings)
    ensure_topics(settings)
    addresses = {"SHOPSTREAM_KAFKA__BOOTSTRAP": str(settings.kafka.bootstrap)}
    if settings.redis.url is not None:
        addresses["SHOPSTREAM_REDIS__URL"] = settings.redis.url.get_secret_value()
    if settings.keys.url is not None:
        addresses["SHOPSTREAM_KEYS__URL"] = settings.keys.url.get_secret_value()
    return addresses


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what can keep a worker from starting into a message and an exit code."""
    from models.errors import ModelError
    from streams.delivery.errors import DeliveryError
    from streams.local import LocalStackError
    from streams.topic_admin import TopicAdminError

    try:
        yield
    except (LocalStackError, TopicAdminError) as error:
        fail(BAD_DATA, str(error))
    except (DeliveryError, ModelError, OSError) as error:  # a file, address or encoder that the settings name
        fail(SETTINGS, f"the worker can't start: {error}")


@contextmanager
def own_slot(settings: Settings) -> Iterator[None]:
    """Holds the slot's lock: two workers of one slot would fence each other off, again and again.

    It covers the workers of one data folder; between machines only the broker knows.
    """
    slot = settings.worker.slot
    if slot is None:
        yield
        return
    folder = settings.data_dir / "slots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f"{settings.group_id}-{slot}.lock").open("w") as lock:
        deadline = time.monotonic() + SLOT_SECONDS
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                fail(
                    SETTINGS, f"another worker runs in slot {slot} here: stop it, or give another with --slot"
                )
            time.sleep(0.1)
        yield
