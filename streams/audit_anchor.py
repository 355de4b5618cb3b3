"""The audit log's head in the key Redis: the second place, on another machine where there is one."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from privacy.audit_anchor import AnchorAway
from privacy.audit_chain import NO_LOG
from streams.local import LocalStack
from streams.settings import Settings
from streams.state.key_records import prefix

log = logging.getLogger(__name__)

T = TypeVar("T")

WITHIN: Final = 1.0
"""Seconds for connecting, and for each answer: the log does not depend on it."""


class RedisAnchor:
    """An `Anchor` in the key Redis that the settings name, or the embedded one.

    Each log has its own value, by the log's name, so it is the same wherever the data folder is mounted; one more is
    the tenant's latest, whichever log it is of. While Redis is away, or refuses, commands go on: that is logged as a
    warning, and `audit verify` says that this anchor was not asked.
    """

    name = "redis"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prefix = anchor_prefix(settings.privacy.tenant)
        self._client: Redis | None = None
        self._away = False

    def read(self, log: str) -> bytes | None:
        """What it holds of this log; nothing of one without entries."""
        return None if log == NO_LOG else self._get(log)

    def latest(self) -> bytes | None:
        """What it was given last, of any log of the tenant."""
        return self._get("latest")

    def write(self, log: str, content: bytes) -> None:
        """Replace both."""
        for name in (log, "latest"):
            self._set(name, content)

    def _set(self, name: str, content: bytes) -> None:
        self._ask(lambda client: client.set(f"{self._prefix}{name}", content))

    def _get(self, name: str) -> bytes | None:
        content = self._ask(lambda client: client.get(f"{self._prefix}{name}"))
        return content if isinstance(content, bytes) else None

    def _ask(self, question: Callable[[Redis], T]) -> T:
        if self._away:
            raise AnchorAway
        try:
            self._client = self._client or self._opened()
            return question(self._client)
        except AnchorAway:
            self._away = True
            raise
        except (RedisError, OSError) as error:
            self._away = True
            log.warning(
                "the key store does not hold the audit log's head now; only the file beside the log does",
                extra={"error": type(error).__name__},
            )
            raise AnchorAway from error

    def _opened(self) -> Redis:
        url = self._settings.keys.url
        if url is not None:
            address = url.get_secret_value()
        elif endpoints := LocalStack.attach(self._settings.data_dir):
            address = endpoints.keys_url
        else:  # nothing is wrong: the embedded store does not run
            raise AnchorAway
        try:
            return Redis.from_url(
                address, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=Retry(NoBackoff(), 0)
            )
        except ValueError:  # without its text, which may hold a part of the password
            log.warning("SHOPSTREAM_KEYS__URL is no address, so the audit log's head is not kept there")
            raise AnchorAway from None


def anchor_prefix(tenant: str) -> str:
    """What the names of a tenant's anchors begin with; other than those of keys, so that rights can differ."""
    return "audit:" + prefix(tenant).removeprefix("keys:")
