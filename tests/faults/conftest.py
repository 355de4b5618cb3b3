"""A setting of its own for each test, on the session's broker."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.chaos.run import Setting


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack that the tests of a module may hurt."""
    with LocalStack(tmp_path_factory.mktemp("own")) as stack:
        yield stack


@pytest.fixture
def setting(stack: LocalStack, prefix: str, tmp_path: Path) -> Setting:
    """Topics that no other test has, and the environment of workers on them."""
    return Setting(stack.endpoints, prefix, tmp_path)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[object], None]:
    """Writes figures between pytest's dots, whether or not it captures."""

    def write(what: object) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {what}\n")

    return write
