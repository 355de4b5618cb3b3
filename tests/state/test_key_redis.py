"""The connection to the key store: what its log says, and when the store is looked at again."""

import asyncio
import os
import signal
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from privacy.errors import KeyStoreError
from privacy.key_records import KeyRecord, Request
from streams import tasks
from streams.delivery.errors import DependencyUnavailable, WorkerDefect
from streams.local.valkey import Valkey
from streams.settings import KeySettings
from streams.state.key_records import RedisKeyRecords

PATIENT = 8.0
"""Seconds that a command may take where a test ends it by other means."""


@pytest.fixture
async def records(own_keys: Valkey, prefix: str) -> AsyncIterator[RedisKeyRecords]:
    opened = RedisKeyRecords(KeySettings(url=SecretStr(own_keys.url), timeout=PATIENT), prefix)
    yield opened
    await opened.close()


@pytest.fixture
def server(own_keys: Valkey) -> Any:
    return Redis.from_url(own_keys.url)


async def make(records: RedisKeyRecords, subject: str = "ada") -> KeyRecord | None:
    proposal = KeyRecord(subject, "a", "kek-1", b"wrapped", 1)
    (record,) = await records.open_for_sealing([Request(subject, 1, 9, "", proposal)])
    return record


CALLS: dict[str, Callable[[RedisKeyRecords], Awaitable[Any]]] = {
    "write": make,
    "ask": lambda records: records.get("ada", "a"),
    "scan": lambda records: anext(records.scan()),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_call_that_is_cancelled_ends_and_the_next_gets_its_own_answer(
    records: RedisKeyRecords,
    own_keys: Valkey,
    call: Callable[[RedisKeyRecords], Awaitable[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "ASK_AGAIN_SECONDS", 0.05)
    made = await make(records)
    assert own_keys.pid is not None
    os.kill(own_keys.pid, signal.SIGSTOP)
    try:
        for turns in range(12):  # cancelled at each of its first steps
            task = asyncio.ensure_future(call(records))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, PATIENT / 2)
        task = asyncio.ensure_future(call(records))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENT / 2)
    finally:
        os.kill(own_keys.pid, signal.SIGCONT)
    assert await records.get("ada", "a") == made
    assert await records.get("ada", "b") is None


async def test_a_full_store_is_waited_for_and_the_log_says_what_to_do(
    records: RedisKeyRecords, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await make(records)
    server.config_set("maxmemory", 1)
    try:
        with pytest.raises(DependencyUnavailable):
            await make(records, "bob")
        await records.get("ada", "a")  # what is there opens
    finally:
        server.config_set("maxmemory", 0)
    assert "the key store is full: raise maxmemory" in caplog.messages
    assert await make(records, "bob")


async def test_a_user_without_rights_is_told_so_in_the_log(
    own_keys: Valkey, server: Any, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    may = "on >pw resetkeys ~* -@all +info +waitaof +hello +auth +client|setinfo +evalsha +script|load +hget"
    server.execute_command("ACL", "SETUSER", "poor", "reset", *may.split())
    url = own_keys.url.replace("unix://", "unix://poor@") + "?password=pw"
    poor = RedisKeyRecords(KeySettings(url=SecretStr(url)), prefix)
    for call in (make(poor), anext(poor.scan())):
        caplog.clear()
        with pytest.raises(DependencyUnavailable):
            await call
        (message,) = caplog.messages
        assert "`shopstream keys acl`" in message
    server.execute_command("ACL", "SETUSER", "poor", ">other", "<pw")
    stranger = RedisKeyRecords(KeySettings(url=SecretStr(url)), prefix)
    caplog.clear()
    with pytest.raises(DependencyUnavailable):
        await stranger.holdings()
    assert "refuses user or password" in caplog.text
    assert "ada" not in caplog.text
    for one in (poor, stranger):
        await one.close()


async def test_a_store_that_came_back_is_looked_at_again_before_it_is_trusted(
    records: RedisKeyRecords, own_keys: Valkey, server: Any
) -> None:
    await make(records)
    await asyncio.to_thread(own_keys.kill)
    with pytest.raises(DependencyUnavailable):
        await make(records)
    await asyncio.to_thread(own_keys.start)
    server.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(WorkerDefect, match="maxmemory-policy noeviction"):
            await make(records)
    finally:
        server.config_set("maxmemory-policy", "noeviction")
    assert await make(records)


@pytest.mark.parametrize(
    "url", ["redis://u:sec/ret@h:1", "redis://u:a@sec:ret@h:p/0", "http://u:secret@h", "redis://h?secret=1"]
)
def test_an_address_that_is_none_is_refused_without_its_text(url: str) -> None:
    with pytest.raises(KeyStoreError, match="is no address") as caught:
        RedisKeyRecords(KeySettings.model_construct(url=SecretStr(url), timeout=1.0), "t")
    assert "sec" not in "".join(traceback.format_exception(caught.value, limit=0))
