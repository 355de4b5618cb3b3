"""The Redis of data keys: it must not lose what it took; that is checked before it is trusted, and when it was away."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from privacy.errors import KeyStoreError
from streams import metrics
from streams.delivery.errors import DependencyUnavailable, WorkerDefect
from streams.health import Health
from streams.settings import KeySettings
from streams.state.key_troubles import explained, is_gone
from streams.state.scripts import Script
from streams.tasks import heeding

log = logging.getLogger(__name__)

T = TypeVar("T")

NAME = "keys"
_SYNC_SHARE = 0.8
"""Of a command's time, for waiting until a write is on disk: its refusal has to come before the timeout."""

_NEARLY_FULL = 0.8
"""Of the server's `maxmemory`."""


class KeyRedis:
    """A connection that fails when the server is away, and whose writes are on disk when they return.

    Args:
        settings: with a URL.
        health: told while the server is away; None in commands.
    """

    def __init__(self, settings: KeySettings, health: Health | None) -> None:
        if settings.url is None:
            raise KeyStoreError(
                "no store of data keys: set SHOPSTREAM_KEYS__URL to a Redis or Valkey with appendonly yes, "
                "appendfsync always and maxmemory-policy noeviction; or use the embedded one (`shopstream local`)"
            )
        try:
            self._client = redis.Redis.from_url(
                settings.url.get_secret_value(),
                socket_timeout=settings.timeout,
                socket_connect_timeout=settings.timeout,
                retry=Retry(NoBackoff(), 0),
            )
            self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call] # refuses strange parameters
        except (ValueError, TypeError):  # without its text, which may hold the password
            raise KeyStoreError(
                "SHOPSTREAM_KEYS__URL is no address: give redis://, rediss:// or unix://"
            ) from None
        self._sync_milliseconds = int(settings.timeout * _SYNC_SHARE * 1000)
        self._allow_volatile = settings.allow_volatile
        self._health = health
        self._checked = False
        self._waits = True

    async def check(self) -> None:
        """Looks whether the server keeps what it takes.

        Raises:
            KeyStoreError: it does not; the message says what to set.
            DependencyUnavailable: it is away.
        """
        await self._asked(self._check)

    async def ask(self, question: Callable[["redis.Redis"], Awaitable[T]]) -> T:
        """The answer to a question that writes nothing.

        Raises:
            DependencyUnavailable: the server is away.
            WorkerDefect: it could lose keys; the message says what to set.
        """
        await self._trust()
        return await self._asked(question)

    async def write(self, script: Script, calls: Sequence[tuple[Sequence[str], Sequence[Any]]]) -> list[Any]:
        """A script's answers to calls of keys and arguments, in one round trip, all of it on disk.

        Raises:
            DependencyUnavailable: the server is away, or does not get its writes to disk in time.
            WorkerDefect: it could lose keys; the message says what to set.
        """
        await self._trust()

        async def put(client: "redis.Redis") -> list[Any]:
            pipeline = client.pipeline(transaction=False)
            for keys, arguments in calls:
                pipeline.evalsha(script.digest, len(keys), *keys, *arguments)
            if self._waits:  # also by who finds a key that another just made: it may not be on disk yet
                pipeline.waitaof(1, 0, self._sync_milliseconds)
            try:
                answers: list[Any] = await pipeline.execute()
            except NoScriptError:
                await client.script_load(script.text)
                return await put(client)
            if self._waits and answers.pop()[0] < 1:
                raise TimeoutError
            return answers

        return await self._asked(put)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _trust(self) -> None:
        """The check, if the server was away when it was due; by then a worker runs that has to end."""
        if not self._checked:
            try:
                await self.check()
            except KeyStoreError as error:
                raise WorkerDefect(str(error)) from error

    async def _asked(self, question: Callable[["redis.Redis"], Awaitable[T]]) -> T:
        try:
            answer = await heeding(question(self._client))
        except (RedisError, OSError, TimeoutError) as error:
            self._tell(up=False)
            if is_gone(error):
                self._checked = False
            log.warning(explained(error), extra={"error": type(error).__name__})
            raise DependencyUnavailable(NAME) from error
        self._tell(up=True)
        return answer

    def _tell(self, *, up: bool) -> None:
        metrics.DEPENDENCY_UP.labels(NAME).set(int(up))
        if self._health is not None:
            (self._health.restored if up else self._health.without)(NAME)

    async def _check(self, client: "redis.Redis") -> None:
        about = await client.info("persistence") | await client.info("memory")
        wrong = []
        if not about.get("aof_enabled"):
            wrong.append("appendonly yes")
        if about.get("maxmemory_policy") != "noeviction":
            wrong.append("maxmemory-policy noeviction")
        self._waits = bool(about.get("aof_enabled")) and await _knows_waitaof(client)
        if not self._waits and await _appendfsync(client) != "always":
            wrong.append("appendfsync always (or use Redis 7.2, or Valkey, which can wait for the disk)")
        if wrong and not self._allow_volatile:
            raise KeyStoreError(
                "the store of data keys could lose them, and with them all that they sealed: set in its configuration: "
                + "; ".join(wrong)
                + ". For a trial, SHOPSTREAM_KEYS__ALLOW_VOLATILE=true accepts it as it is"
            )
        share = about["used_memory"] / about["maxmemory"] if about.get("maxmemory") else 0.0
        if share > _NEARLY_FULL:
            log.warning(
                "the key store is nearly full: raise maxmemory", extra={"used_share": round(share, 2)}
            )
        self._checked = True


async def _knows_waitaof(client: "redis.Redis") -> bool:
    """Redis 7.2 and Valkey do. It waits for no one here: nothing was written by this connection."""
    try:
        await client.waitaof(0, 0, 1)
    except ResponseError:
        return False
    return True


async def _appendfsync(client: "redis.Redis") -> str | None:
    """None where a hosted server does not tell."""
    try:
        return (await client.config_get("appendfsync")).get("appendfsync")
    except ResponseError:
        return None
