"""What a worker's health server tells, on which port, and to whom."""

import asyncio
import logging
import time
from collections.abc import Callable

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams import metrics
from streams.delivery.errors import WorkerDefect
from streams.health import Health
from streams.settings import WebSettings
from streams.web import HealthServer

Serve = Callable[..., HealthServer]
Http = aiohttp.ClientSession


async def test_a_beating_worker_is_alive(serve: Serve, http: Http, port: int) -> None:
    await serve().start()
    async with http.get(f"http://127.0.0.1:{port}/livez") as answer:
        assert answer.status == 200
        assert await answer.json() == {"alive": True, "why": []}


async def test_a_worker_whose_loop_was_not_heard_is_not_alive_and_says_why(
    serve: Serve, http: Http, port: int, health: Health
) -> None:
    await serve().start()
    health.beat = time.monotonic() - 42
    async with http.get(f"http://127.0.0.1:{port}/livez") as answer:
        assert answer.status == 503
        assert await answer.json() == {
            "alive": False,
            "why": ["no sign of life from the event loop for 42 s"],
        }


async def test_readiness_follows_health(serve: Serve, http: Http, port: int, health: Health) -> None:
    await serve().start()
    url = f"http://127.0.0.1:{port}/readyz"
    async with http.get(url) as answer:
        assert answer.status == 503
        assert await answer.json() == {
            "ready": False,
            "why": ["no partitions assigned yet"],
            "degraded": [],
            "held": {},
            "refused": {},
        }
    health.assigned = True
    health.without("redis")
    health.hold("user-changes", "redis")
    health.refused["reviews"] = "its self-test failed"
    async with http.get(url) as answer:
        assert answer.status == 200
        assert await answer.json() == {
            "ready": True,
            "why": [],
            "degraded": ["redis"],
            "held": {"user-changes": "redis"},
            "refused": {"reviews": "its self-test failed"},
        }
    health.wait_for("catalogue")
    async with http.get(url) as answer:
        assert answer.status == 503
        assert (await answer.json())["why"] == ["waiting for catalogue"]


async def test_prometheus_can_read_the_metrics(serve: Serve, http: Http, port: int) -> None:
    metrics.RETRIES.labels("test-of-the-web-room").inc(3)
    await serve().start()
    async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = {family.name: family for family in text_string_to_metric_families(await answer.text())}
    retries = {
        sample.labels["topic"]: sample.value
        for sample in families["shopstream_retries"].samples
        if sample.name.endswith("_total")
    }
    assert retries["test-of-the-web-room"] == 3
    assert families["process_resident_memory_bytes"].samples[0].value > 1_000_000


async def test_nothing_else_is_served_and_no_software_named(serve: Serve, http: Http, port: int) -> None:
    await serve().start()
    expected = {
        ("GET", "/"): 404,
        ("GET", "/metrics/"): 404,
        ("GET", "/../etc/passwd"): 404,
        ("POST", "/metrics"): 405,
        ("DELETE", "/livez"): 405,
        ("HEAD", "/livez"): 200,
        ("GET", "/metrics"): 200,
    }
    for (method, path), status in expected.items():
        async with http.request(method, f"http://127.0.0.1:{port}{path}") as answer:
            assert (method, path, answer.status) == (method, path, status)
            assert "Server" not in answer.headers


async def test_garbage_gets_a_400_that_names_no_software(
    serve: Serve, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    await serve().start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.0 400")
    assert b"Server:" not in answer


async def test_each_slot_has_its_port(serve: Serve, http: Http, port: int) -> None:
    for slot in (0, 1, 2):
        server = serve(slot=slot)
        await server.start()
        assert server.port == port + slot
        async with http.get(f"http://127.0.0.1:{port + slot}/livez") as answer:
            assert answer.status == 200


async def test_a_taken_port_costs_a_warning_and_the_next_one_is_used(
    serve: Serve, http: Http, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = serve(), serve()
    await first.start()
    with caplog.at_level(logging.INFO, "streams.web"):
        await second.start()
    assert (first.port, second.port) == (port, port + 1)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert vars(record)["port"] == port + 1
    assert vars(record)["wanted"] == port
    async with http.get(f"http://127.0.0.1:{port + 1}/livez") as answer:
        assert answer.status == 200


async def test_a_worker_lives_on_where_no_port_is_free(
    serve: Serve, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    holders = [
        await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", port + offset)
        for offset in range(21)
    ]
    server = serve()
    await server.start()
    assert server.port is None
    assert "no port is free: health and metrics are not served" in caplog.messages
    for holder in holders:
        holder.close()


async def test_port_0_is_no_server(health: Health, caplog: pytest.LogCaptureFixture) -> None:
    server = HealthServer(health, WebSettings(port=0, host="0.0.0.0"), 3)  # noqa: S104 - never listened on
    with caplog.at_level(logging.INFO, "streams.web"):
        await server.start()
    assert server.port is None
    assert not caplog.records
    await server.stop()


async def test_a_slot_beyond_the_last_port_is_no_crash(health: Health) -> None:
    server = HealthServer(health, WebSettings(port=65_000), 1_000)
    await server.start()
    assert server.port is None


async def test_an_address_of_another_machine_is_refused_with_what_to_change(health: Health) -> None:
    server = HealthServer(
        health, WebSettings.model_validate({"host": "192.0.2.1", "port": 20_000, "token": "t"}), 0
    )
    with pytest.raises(WorkerDefect, match="SHOPSTREAM_WEB__HOST"):
        await server.start()
    assert server.port is None


async def test_a_stopped_server_listens_no_more_and_its_port_is_free(
    serve: Serve, http: Http, port: int
) -> None:
    server = serve()
    await server.start()
    async with http.get(f"http://127.0.0.1:{port}/livez") as answer:
        assert answer.status == 200
    await server.stop()
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(f"http://127.0.0.1:{port}/livez")
    again = serve()
    await again.start()
    assert again.port == port
