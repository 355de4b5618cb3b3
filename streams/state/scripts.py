"""The Lua scripts that write user and product state."""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text, and the digest by which the server knows it once it was loaded."""

    text: str
    digest: str

    @classmethod
    def read(cls, name: str) -> "Script":
        """The script of that name in this folder."""
        text = (Path(__file__).parent / f"{name}.lua").read_text()
        return cls(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


USERS: Final = Script.read("users")
PRODUCTS: Final = Script.read("products")
WATERMARK: Final = Script.read("watermark")


CLOSING: Final = "shopstream:closing"
"""A key that is written for the sake of the transaction around it."""


async def load(client: Redis) -> None:
    """Sends the scripts to a server; the one that moves watermarks last, so that it never runs without the others.

    A server that lacks them has started anew, so its append-only file is cleared of what a crash tore.
    """
    for script in (USERS, PRODUCTS, WATERMARK):
        await client.script_load(script.text)
    await _renew_file(client)


async def _renew_file(client: Redis) -> None:
    """Has the server write its append-only file anew, from its memory; goes on without where it refuses.

    Of a transaction that a crash tore, Redis and Valkey (8.1) leave the first half in the file, without EXEC. Their
    memory lacks it, but the next EXEC in the file closes it, and the start after the next carries it out: below the
    watermarks, and into sums that were written without it.
    """
    with suppress(RedisError):  # no append-only file, one being written already, or not for this user
        async with (
            client.pipeline() as closing
        ):  # the old file may be needed once more, and must not end half open
            for _ in range(2):  # one alone would be written without MULTI and EXEC
                closing.set(CLOSING, 1, ex=1)
            await closing.execute()
        await client.bgrewriteaof()
