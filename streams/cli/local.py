"""`shopstream local`: the embedded Kafka and Valkey, for as long as one likes."""

import shlex
import signal
import time
from typing import TYPE_CHECKING, NoReturn

import click

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, quiet
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.local import Endpoints, LocalStack

JOIN_SECONDS = 60.0
"""How long a stack that another process is just starting may take to answer."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one line of JSON.")
def local(*, as_json: bool) -> None:
    """Run the embedded Kafka and Valkey until interrupted (Ctrl-C or SIGTERM), and create the topics.

    Data and ports stay in the data folder (SHOPSTREAM_DATA_DIR, .shopstream by default). Where a stack runs
    for it already, says so and ends.

    Exit codes: 0 stopped, or one runs already; 1 it did not start, or a server ended; 78 the settings are not
    valid.
    """
    from streams.local import AlreadyRunning, LocalStack, LocalStackError

    settings = load_settings()
    quiet()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    stack = LocalStack(settings.data_dir, progress=lambda line: click.echo(line, err=True))
    try:
        if running := LocalStack.attach(settings.data_dir):
            _present(settings, running, as_json=as_json, started=False)
            return
        with stack:
            _present(settings, stack.endpoints, as_json=as_json, started=True)
            _watch(stack)
    except AlreadyRunning as error:
        _present(settings, _join(settings, str(error)), as_json=as_json, started=False)
    except LocalStackError as error:
        fail(BAD_DATA, str(error))
    except KeyboardInterrupt:
        click.echo("stopped; the data stays", err=True)


def _present(settings: Settings, endpoints: "Endpoints", *, as_json: bool, started: bool) -> None:
    """Creates missing topics and prints where the servers are."""
    environment = {
        "SHOPSTREAM_KAFKA__BOOTSTRAP": endpoints.bootstrap,
        "SHOPSTREAM_REDIS__URL": endpoints.redis_url,
        "SHOPSTREAM_KEYS__URL": endpoints.keys_url,
    }
    created = _create_topics(settings, endpoints)
    if as_json:
        print_json(
            {
                "started": started,
                "data_dir": str(settings.data_dir.absolute()),
                "bootstrap": endpoints.bootstrap,
                "redis_url": endpoints.redis_url,
                "keys_url": endpoints.keys_url,
                "environment": environment,
                "topics_created": created,
            },
            indent=False,
        )
        return
    click.echo("running; Ctrl-C stops it" if started else "runs already, by another process; left as it is")
    click.echo(f"  Kafka   {endpoints.bootstrap}")
    click.echo(f"  Valkey  {endpoints.redis_url}")
    click.echo(f"  keys    {endpoints.keys_url}")
    click.echo(f"  data    {settings.data_dir.absolute()}")
    click.echo(f"  topics  {f'{len(created)} created' if created else 'all there'}")
    click.echo("To use them from another shell:")
    for name, value in environment.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _create_topics(settings: Settings, endpoints: "Endpoints") -> list[str]:
    from streams.embedded import with_endpoints
    from streams.topic_admin import TopicAdminError, ensure_topics

    here = with_endpoints(settings, endpoints)
    # What the settings say of another broker is not true of this one: it is one node, without TLS.
    one_node = {"security_protocol": "PLAINTEXT", "replication_factor": 1, "min_insync_replicas": 1}
    here = here.model_copy(update={"kafka": here.kafka.model_copy(update=one_node)})
    try:
        return [spec.name for spec in ensure_topics(here).create]
    except TopicAdminError as error:
        fail(BAD_DATA, str(error))


def _watch(stack: "LocalStack") -> None:
    """Returns never: ends by a signal, or because a server is gone."""
    servers = (stack.kafka, stack.valkey, stack.key_valkey)
    while all(server.running for server in servers):
        time.sleep(0.5)
    gone = next(server.name for server in servers if not server.running)
    stack.stop()
    fail(BAD_DATA, f"{gone} has ended by itself; its log is in {stack.data_dir / 'logs'}. Start again.")


def _join(settings: Settings, why: str) -> "Endpoints":
    """The stack that another process is just starting."""
    from streams.local import LocalStack

    deadline = time.monotonic() + JOIN_SECONDS
    while not (running := LocalStack.attach(settings.data_dir)):
        if time.monotonic() > deadline:
            fail(BAD_DATA, why)
        time.sleep(0.2)
    return running


def _interrupt(_number: int, _frame: object) -> NoReturn:
    # One is enough: a second must not break the orderly end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
