"""The audit log's head in the key Redis: the second place, on another machine where there is one."""

import hashlib
import json
import logging
import socket
from collections.abc import Callable
from typing import Final, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from privacy.audit import Head
from streams.local import LocalStack
from streams.settings import Settings
from streams.state.key_records import prefix

log = logging.getLogger(__name__)

T = TypeVar("T")

WITHIN: Final = 1.0
"""Seconds for connecting, and for each answer: the log does not depend on it."""


class RedisAnchor:
    """An `Anchor` in the key Redis that the settings name, or the embedded one.

    It is best effort: while Redis is away it holds nothing and takes nothing, and the file beside the log remains.
    """

    name = "redis"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = anchor_key(settings)
        self._client: Redis | None = None
        self._away = False

    def read(self) -> Head | None:
        """The head; None while Redis is away, or has none."""
        content = self._ask(lambda client: client.get(self._key))
        return Head.parse(content) if isinstance(content, bytes) else None

    def write(self, head: Head) -> None:
        """Replace it."""
        self._ask(lambda client: client.set(self._key, json.dumps(head.document())))

    def _ask(self, question: Callable[[Redis], T]) -> T | None:
        if self._away:
            return None
        try:
            client = self._client = self._client or self._opened()
            return None if client is None else question(client)
        except (RedisError, OSError) as error:
            self._away = True
            log.info(
                "the key Redis does not hold the audit log's head", extra={"error": type(error).__name__}
            )
            return None

    def _opened(self) -> Redis | None:
        url = self._settings.keys.url
        if url is not None:
            address = url.get_secret_value()
        elif endpoints := LocalStack.attach(self._settings.data_dir):
            address = endpoints.keys_url
        else:
            self._away = True
            return None
        return Redis.from_url(
            address, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=Retry(NoBackoff(), 0)
        )


def anchor_key(settings: Settings) -> str:
    """Its key there: one for each machine and log file, since each log is a chain of its own."""
    place = f"{socket.gethostname()}\0{settings.audit_file.absolute()}"
    return f"{prefix(settings.privacy.tenant)}audit:{hashlib.sha256(place.encode()).hexdigest()[:16]}"
