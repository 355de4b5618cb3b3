"""A real health server, asked over real sockets."""

import socket
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from pydantic import SecretStr

from streams.health import Health
from streams.settings import WebSettings
from streams.web import HealthServer


@pytest.fixture
def port() -> int:
    """One that was free a moment ago, below the range that the system hands out for itself."""
    for candidate in range(20_000, 30_000, 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise AssertionError("no port is free")


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def serve(health: Health, port: int) -> AsyncIterator[Callable[..., HealthServer]]:
    """Makes servers that stop with the test."""
    made: list[HealthServer] = []

    def make(*, host: str = "127.0.0.1", token: str | None = None, slot: int | None = None) -> HealthServer:
        settings = WebSettings(host=host, port=port, token=None if token is None else SecretStr(token))
        made.append(HealthServer(health, settings, slot))
        return made[-1]

    yield make
    for server in made:
        await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session
