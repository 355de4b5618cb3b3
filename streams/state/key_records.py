"""Wrapped data keys in Redis: the `KeyRecords` of the privacy room.

One hash for each subject: `current` is the id of the key to seal under, `uses` how many of its nonces are reserved,
`key:ID` a key's record: key-encryption key, Unix time of creation and the wrapped key in base64url, apart by spaces.
Beside them a hash of counts, a set of the ids of erased keys, and for each erased subject a hash of its ids, named by
a keyed digest: both tell nobody without the token key whose they were. All of a tenant share a hash tag, since one
script touches several. Memory: about 500 bytes for each subject.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, cast

from redis.asyncio import Redis

from privacy.envelope import from_base64url, to_base64url
from privacy.errors import MalformedEnvelope
from privacy.key_records import Holdings, KeyRecord, Request
from streams.health import Health
from streams.settings import KeySettings
from streams.state.key_redis import KeyRedis
from streams.state.key_scrub import Scrubbing
from streams.state.scripts import Script

OPEN: Final = Script.read("key_open")
ROTATE: Final = Script.read("key_rotate")
ERASE: Final = Script.read("key_erase")
REPLACE: Final = Script.read("key_replace")
ADD: Final = Script.read("key_add")
MARK: Final = Script.read("key_mark")
WRAPS: Final = Script.read("key_wraps")

SCRUB_SECONDS = 120.0
_KEY = b"key:"


def prefix(tenant: str) -> str:
    """What the names of all keys of a tenant begin with; a brace in it would end the hash tag early."""
    return "keys:{" + tenant.replace("%", "%25").replace("{", "%7B").replace("}", "%7D") + "}:"


class RedisKeyRecords:
    """The key store of one tenant; see `KeyRecords` for what the calls promise.

    Every call may raise `DependencyUnavailable`: the server is away.

    Args:
        settings: with a URL.
        tenant: whose keys.
        health: told while the server is away; None in commands.

    Raises:
        KeyStoreError: the settings name no server.
    """

    def __init__(self, settings: KeySettings, tenant: str, health: Health | None = None) -> None:
        self._redis = KeyRedis(settings, health)
        self._prefix = prefix(tenant)
        self._subjects = f"{self._prefix}subject:"
        self._counts = f"{self._prefix}counts"
        self._erased = f"{self._prefix}erased"
        self._scrubbing = Scrubbing()

    async def check(self) -> None:
        """Looks whether the server keeps what it takes; see `KeyRedis.check`."""
        await self._redis.check()

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.close()

    async def open_for_sealing(self, requests: Sequence[Request]) -> list[KeyRecord | None]:
        """The current keys, one for each request, with their uses reserved; one round trip for all."""
        calls = [
            (
                [self._subject(one.subject), self._counts],
                [one.not_before, one.uses, one.limit, one.damaged, *_proposed(one.proposal)],
            )
            for one in requests
        ]
        answers = await self._redis.write(OPEN, calls)
        return [
            None if answer is None else _record(request.subject, *answer)
            for request, answer in zip(requests, answers, strict=True)
        ]

    async def reserve_wraps(self, kek: str, count: int) -> int:
        """Counts wrappings under a key-encryption key; returns how many it has by now."""
        (wraps,) = await self._redis.write(WRAPS, [([self._counts], [kek, count])])
        return int(wraps)

    async def get(self, subject: str, key_id: str) -> KeyRecord | None:
        """A key by name."""
        name = self._subject(subject)
        packed = await self._redis.ask(lambda client: client.hget(name, f"key:{key_id}"))
        return None if packed is None else _record(subject, key_id.encode(), cast("bytes", packed))

    async def erase(self, subject: str, name: str | None = None) -> list[str]:
        """Destroys all keys of a subject and remembers their ids as erased."""
        keys = [self._subject(subject), self._counts, self._erased]
        if name is not None:
            keys.append(f"{self._erased}-of:{name}")
        try:
            ((ids, before),) = await self._redis.write(ERASE, [(keys, [])])
        except BaseException:
            self._scrubbing.unsure(name)
            raise
        self._scrubbing.erased(name, found=bool(ids))
        return [key_id.decode() for key_id in [*ids, *before]]

    async def erased(self, key_id: str) -> bool:
        """Whether a key of that id was destroyed on purpose."""
        return bool(await self._redis.ask(lambda client: client.sismember(self._erased, key_id)))

    async def scrub(self) -> None:
        """Returns when the server's files were written anew since the erasures that this process made."""
        await self._redis.ask(lambda client: self._scrubbing.run(client, SCRUB_SECONDS))

    async def rotate(self, proposal: KeyRecord) -> bool:
        """Makes the proposal its subject's current key. False: the subject has no key, and gets none."""
        keys = [self._subject(proposal.subject), self._counts]
        (done,) = await self._redis.write(ROTATE, [(keys, [proposal.id, _packed(proposal), proposal.kek])])
        return bool(done)

    async def replace(self, changes: Sequence[tuple[KeyRecord, KeyRecord]]) -> int:
        """Puts the second of each pair where the first still is as given; returns how many it replaced."""
        calls = [
            (
                [self._subject(old.subject), self._counts],
                [old.id, _packed(old), _packed(new), old.kek, new.kek],
            )
            for old, new in changes
        ]
        return sum(await self._redis.write(REPLACE, calls)) if calls else 0

    async def add(self, records: Sequence[KeyRecord]) -> int:
        """Adds keys for opening; those that are there or were erased stay so. Returns how many are new."""
        calls = [
            (
                [self._subject(one.subject), self._counts, self._erased],
                [one.id, _packed(one), one.kek],
            )
            for one in records
        ]
        return sum(await self._redis.write(ADD, calls)) if calls else 0

    async def scan(self, batch: int = 500) -> AsyncIterator[list[KeyRecord]]:
        """All keys, in batches of about that many."""
        cursor = 0
        while True:
            cursor, found = await self._page(cursor, batch)
            if found:
                yield found
            if not cursor:
                return

    async def erased_ids(self, batch: int = 500) -> AsyncIterator[list[str]]:
        """The ids of all keys that were destroyed on purpose."""
        cursor = 0
        while True:
            cursor, ids = await self._redis.ask(self._erased_page(cursor, batch))
            if ids:
                yield [key_id.decode() for key_id in ids]
            if not cursor:
                return

    async def mark_erased(self, key_ids: Sequence[str]) -> None:
        """Remembers keys as erased."""
        if key_ids:
            await self._redis.write(MARK, [([self._erased], key_ids)])

    async def holdings(self) -> Holdings:
        """How much it holds."""
        counts = cast(
            "dict[bytes, bytes]", await self._redis.ask(lambda client: client.hgetall(self._counts))
        )
        numbers = {name.decode(): int(count) for name, count in counts.items()}

        def by_kek(kind: str) -> dict[str, int]:
            return {
                name.removeprefix(kind): n for name, n in numbers.items() if name.startswith(kind) and n > 0
            }

        return Holdings(numbers.get("subjects", 0), by_kek("kek:"), by_kek("wraps:"))

    async def _page(self, cursor: int, batch: int) -> tuple[int, list[KeyRecord]]:
        """Some subjects' keys, and where to go on; 0: they were the last."""
        pattern = _literal(self._subjects) + "*"

        async def page(client: Redis) -> tuple[int, list[bytes], list[dict[bytes, bytes]]]:
            onwards, found = await client.scan(cursor, match=pattern, count=batch)
            names = cast("list[bytes]", found)
            pipeline = client.pipeline(transaction=False)
            for name in names:
                pipeline.hgetall(name)
            return onwards, names, await pipeline.execute() if names else []

        onwards, names, hashes = await self._redis.ask(page)
        return onwards, [
            _record(name.decode()[len(self._subjects) :], field.removeprefix(_KEY), packed)
            for name, fields in zip(names, hashes, strict=True)
            for field, packed in fields.items()
            if field.startswith(_KEY)
        ]

    def _erased_page(self, cursor: int, batch: int) -> Callable[[Redis], Awaitable[tuple[int, list[bytes]]]]:
        async def page(client: Redis) -> tuple[int, list[bytes]]:
            onwards, ids = await client.sscan(self._erased, cursor, count=batch)
            return onwards, cast("list[bytes]", ids)

        return page

    def _subject(self, subject: str) -> str:
        return self._subjects + subject


def _packed(record: KeyRecord) -> str:
    return f"{record.kek} {record.created} {to_base64url(record.wrapped)}"


def _proposed(proposal: KeyRecord | None) -> tuple[str, ...]:
    return () if proposal is None else (proposal.id, _packed(proposal), proposal.kek)


def _record(subject: str, key_id: bytes, packed: bytes) -> KeyRecord:
    name = key_id.decode(errors="replace")
    try:
        kek, created, wrapped = packed.decode().split(" ")
        return KeyRecord(subject, name, kek, from_base64url(wrapped, "wrapped key"), int(created))
    except (ValueError, MalformedEnvelope):
        return KeyRecord.unreadable(subject, name)


def _literal(text: str) -> str:
    """As a pattern of SCAN that matches only itself."""
    return "".join(f"\\{sign}" if sign in "\\*?[]^" else sign for sign in text)
