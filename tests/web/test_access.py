"""Leaving this machine needs a token."""

from collections.abc import Callable

import aiohttp
import pytest

from streams.delivery.errors import WorkerDefect
from streams.web import HealthServer
from streams.web.access import Access, is_loopback

Serve = Callable[..., HealthServer]

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what these tests are about


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "", "192.0.2.7", "shop.example", "127.0.0.1.example"])
def test_other_machines_are_refused_without_a_token(serve: Serve, host: str) -> None:
    assert not is_loopback(host)
    for token in (None, ""):
        with pytest.raises(WorkerDefect, match="SHOPSTREAM_WEB__TOKEN"):
            serve(host=host, token=token)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"])
def test_this_machine_needs_none(serve: Serve, host: str) -> None:
    assert is_loopback(host)
    serve(host=host)


async def test_all_but_the_probes_needs_the_token(
    serve: Serve, http: aiohttp.ClientSession, port: int
) -> None:
    await serve(host=EVERYWHERE, token="s3cret").start()
    for path, wanted in {"/livez": 200, "/readyz": 503, "/metrics": 401, "/nothing": 401}.items():
        async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
            assert (path, answer.status) == (path, wanted)
            if wanted == 401:
                assert answer.headers["WWW-Authenticate"] == "Bearer"
                assert await answer.read() == b""
    for path, wanted in {"/metrics": 200, "/nothing": 404}.items():
        async with http.get(
            f"http://127.0.0.1:{port}{path}", headers={"Authorization": "Bearer s3cret"}
        ) as answer:
            assert (path, answer.status) == (path, wanted)


@pytest.mark.parametrize(
    ("authorization", "lets_in"),
    [
        ("Bearer pässwort", True),
        ("bearer pässwort", True),
        (None, False),
        ("", False),
        ("Bearer", False),
        ("Bearer ", False),
        ("pässwort", False),
        ("Basic pässwort", False),
        ("Bearer pässwor", False),
        ("Bearer pässwortt", False),
        ("Bearer passwort", False),
        ("Bearer \udcff", False),
    ],
)
def test_only_the_very_token_lets_in(authorization: str | None, lets_in: bool) -> None:
    assert Access("pässwort").allows("/metrics", authorization) is lets_in
