"""What tests of every room may ask for: one real Kafka and one real Valkey for the whole session."""

import secrets
from collections.abc import Iterator

import pytest

from streams.local import LocalStack


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


@pytest.fixture
def prefix() -> str:
    """A prefix for topics and keys that no other test has, such as "t3f9a1-"."""
    return f"t{secrets.token_hex(4)}-"
