"""Has the files of the key store written anew, so that destroyed keys are not in them either."""

import asyncio
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

LOOK_SECONDS: Final = 0.02
MOST_NAMES: Final = 10_000
"""Of erased subjects that are remembered; who is forgotten costs one rewriting more."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file that is being written: how many erasures it covers, by which server, and which file."""

    covers: int
    run: str
    snapshot: bool


class Scrubbing:
    """What this process erased, and which rewriting of the files began after it: append-only file, then snapshot.

    The snapshot is written too since Redis makes one by default (`save`), which may still be there when that is off.
    Whether it is on can't be asked by a user who may not read all of the configuration, passwords among it.

    A rewriting may take longer than one call waits, and who erased may have to repeat it, with its scrubbing. So a
    rewriting under way is remembered, and whom it or one before covers: a repeat waits for the rest of it, or not at
    all.
    """

    def __init__(self) -> None:
        self._erasures = 0
        self._scrubbed = 0
        self._names: OrderedDict[str, None] = OrderedDict()
        self._asked: _Asked | None = None
        self._alone = asyncio.Lock()

    def erased(self, name: str | None, *, found: bool) -> None:
        """An erasure has succeeded; only one that changes nothing needs no rewriting of its own.

        Args:
            name: of the subject; None: it can't be told whether it is a repeat.
            found: whether there was anything to destroy.
        """
        if found or name is None or name not in self._names:
            self._erasures += 1
        if name is not None:
            self._names[name] = None
            self._names.move_to_end(name)
            if len(self._names) > MOST_NAMES:
                self._names.popitem(last=False)

    def unsure(self, name: str | None) -> None:
        """An erasure may happen, or not: the server did not answer. Its repeat counts as a first one."""
        if name is not None:
            self._names.pop(name, None)

    async def run(self, client: Redis, within: float) -> None:
        """Returns when nothing is left in the files that was erased before the call.

        Raises:
            TimeoutError: it takes longer than `within` seconds; the next call goes on with the same rewriting.
            ResponseError: the server could not write a file.
        """
        goal = self._erasures
        async with self._alone:
            deadline = time.monotonic() + within
            while self._scrubbed < goal:
                about = await client.info("persistence")
                if not _busy(about):
                    await self._next(client, about)
                if self._scrubbed < goal:
                    if time.monotonic() > deadline:
                        raise TimeoutError
                    await asyncio.sleep(LOOK_SECONDS)

    async def _next(self, client: Redis, about: dict[str, Any]) -> None:
        """Takes note of the file that was written, and begins with the next."""
        run = (await client.info("server"))["run_id"]
        covers = self._erasures
        snapshot = not about["aof_enabled"]  # a volatile store, accepted as it is: it has no append-only file
        asked = self._asked
        if asked and asked.run == run:  # a server that was started again meanwhile has not ended it
            if about["rdb_last_bgsave_status" if asked.snapshot else "aof_last_bgrewrite_status"] != "ok":
                self._asked = None
                raise ResponseError("a file could not be written anew")
            if asked.snapshot:
                self._scrubbed, self._asked = asked.covers, None
                return
            covers, snapshot = asked.covers, True
        try:
            await (client.bgsave(schedule=False) if snapshot else client.bgrewriteaof())
        except ResponseError as error:
            if not re.search("in progress|is active", str(error)):  # another asked for one just now
                raise
            return
        self._asked = _Asked(covers, run, snapshot)


def _busy(about: dict[str, Any]) -> bool:
    """Whether the server writes a file or is about to."""
    return bool(
        about["aof_rewrite_in_progress"] or about["aof_rewrite_scheduled"] or about["rdb_bgsave_in_progress"]
    )
