"""The keyring: random data keys, one current for each subject, wrapped by a KMS and kept by `KeyRecords`."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.encoding import length_prefixed
from privacy.envelope import to_base64url
from privacy.errors import ErasedKey, UnknownKey
from privacy.key_cache import KeyCache
from privacy.key_records import KeyRecord, KeyRecords, Request
from privacy.keys import MOST_SEALS, UNATTRIBUTED, DataKey
from privacy.kms import Kms, Wrapped

KEY_BYTES = 32
ID_BYTES = 9
"""Of a data key's random id, 12 characters: among 10^9 keys two share theirs with a chance of one in 10^4."""

BLOCK = 4096
"""How many nonces a process reserves at a time."""

MOST_PASSES = 5
"""Of a rewrapping, until none is found that is wrapped under an older key."""


class Keyring:
    """A `KeyStore` over a KMS and a store of wrapped keys.

    Keys are cached. So a key that another process erased or rotated is used here for `cache_seconds` more at most,
    unless `forget` is called.

    Args:
        kms: wraps and unwraps.
        records: where wrapped keys are kept.
        tenant: bound into every wrapped key.
        cache_seconds: how long a key may be kept in memory.
        cache_keys: how many keys may be kept in memory, to seal and to open with each.
        most_seals: how many values one data key may seal in all, over all processes.
        clock: Unix time in seconds: tells the day of the unattributed key.
        timer: monotonic seconds, for ages.
    """

    def __init__(
        self,
        kms: Kms,
        records: KeyRecords,
        *,
        tenant: str,
        cache_seconds: float = 300.0,
        cache_keys: int = 16_384,
        most_seals: int = MOST_SEALS,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kms = kms
        self._records = records
        self._tenant = tenant
        self._most_seals = most_seals
        self._block = min(BLOCK, most_seals)
        self._clock = clock
        self._cache = KeyCache(cache_seconds, cache_keys, timer)

    async def current(self, seals: Mapping[str, int]) -> Mapping[str, DataKey]:
        """The keys to seal under now; those not at hand come in one round trip.

        Raises:
            UnknownKek: a subject's key is wrapped under a key-encryption key that is not at hand.
            ValueError: more seals at once than one key may serve.
        """
        keys: dict[str, DataKey] = {}
        missing: dict[str, int] = {}
        for subject, uses in seals.items():
            key = self._cache.take(subject, uses, self._not_before(subject))
            if key is None:
                missing[subject] = uses
            else:
                keys[subject] = key
        return keys | await self._reserved(missing) if missing else keys

    async def named(self, subject: str, key_id: str) -> DataKey:
        """The key of `subject` that envelopes call `key_id`; errors as of `KeyStore.named`."""
        if key := self._cache.find(subject, key_id):
            return key
        before = self._cache.forgettings
        record = await self._records.get(subject, key_id)
        if record is None:
            raise await self._why_missing(key_id)
        (secret,) = await self._kms.unwrap([self._wrapped(record)])
        key = DataKey(key_id, AESGCM(secret))
        if before == self._cache.forgettings:
            self._cache.keep(subject, key)
        return key

    async def erase(self, subject: str) -> list[str]:
        """Destroys all data keys of a subject, for good; returns their ids.

        What was sealed under them can't be opened any more here; in other processes once they `forget` the subject
        or their caches have aged. The store's files hold them until `scrub`. The next seal makes a new key.
        """
        destroyed = await self._records.erase(subject)
        self.forget(lambda one: one == subject)
        return destroyed

    async def scrub(self) -> None:
        """Returns when nothing that was erased before the call is left in the key store's files."""
        await self._records.scrub()

    def forget(self, matches: Callable[[str], bool]) -> None:
        """Drops the keys of all subjects that match from memory."""
        self._cache.forget(matches)

    async def rotate(self, subject: str) -> bool:
        """A new data key for the subject's next seals; earlier ones stay for opening. False: it has no key yet."""
        ((proposal, _),) = await self._proposals([subject])
        rotated = await self._records.rotate(proposal)
        self.forget(lambda one: one == subject)
        return rotated

    async def rewrap(self, report: Callable[[int, int], None] = lambda _done, _total: None) -> int:
        """Wraps every data key under the current key-encryption key; returns how many were not.

        Safe while others seal, open and erase; can be broken off and run again.

        Args:
            report: told how many are done, and about how many there are.

        Raises:
            UnknownKek: a key-encryption key is not at hand; those before are rewrapped.
            NotAuthentic: a wrapped key is damaged; likewise.
        """
        holdings = await self._records.holdings()
        current = await self._kms.current()
        total = sum(count for kek, count in holdings.wrapped.items() if kek != current)
        done = 0
        for _ in range(
            MOST_PASSES
        ):  # a worker may have wrapped a new key while it had not yet seen the change
            found = 0
            async for batch in self._records.scan():
                stale = [record for record in batch if record.kek != current]
                found += len(stale)
                done += await self._rewrapped(stale)
                report(done, max(total, done))
            if not found:
                break
        return done

    async def _rewrapped(self, stale: list[KeyRecord]) -> int:
        if not stale:
            return 0
        secrets = await self._kms.unwrap([self._wrapped(record) for record in stale])
        bound = [self._bound(record.subject, record.id) for record in stale]
        fresh = await self._kms.wrap(list(zip(secrets, bound, strict=True)))
        return await self._records.replace(
            [
                (old, KeyRecord(old.subject, old.id, new.kek, new.wrapped, old.created))
                for old, new in zip(stale, fresh, strict=True)
            ]
        )

    async def _reserved(self, seals: Mapping[str, int]) -> dict[str, DataKey]:
        """Current keys with a block of nonces each, from the store."""
        if max(seals.values()) > self._most_seals:
            raise ValueError("more values to seal at once than one data key may serve: seal fewer at a time")
        before = self._cache.forgettings
        proposals = await self._proposals(list(seals))
        requests = [
            Request(max(self._block, uses), self._most_seals, self._not_before(subject), proposal)
            for (subject, uses), (proposal, _) in zip(seals.items(), proposals, strict=True)
        ]
        records = await self._records.open_for_sealing(requests)
        secrets = {proposal.id: secret for proposal, secret in proposals}
        others = [record for record in records if record.id not in secrets]
        unwrapped = await self._kms.unwrap([self._wrapped(record) for record in others]) if others else []
        secrets |= {record.id: secret for record, secret in zip(others, unwrapped, strict=True)}
        keys: dict[str, DataKey] = {}
        for request, record in zip(requests, records, strict=True):
            key = keys[request.subject] = DataKey(record.id, AESGCM(secrets[record.id]))
            if before == self._cache.forgettings:
                self._cache.keep_current(request.subject, key, request.uses - seals[request.subject])
        return keys

    async def _proposals(self, subjects: list[str]) -> list[tuple[KeyRecord, bytes]]:
        """New keys, wrapped and not."""
        created = int(self._clock())
        ids = [self._not_before(subject) + to_base64url(os.urandom(ID_BYTES)) for subject in subjects]
        secrets = [AESGCM.generate_key(8 * KEY_BYTES) for _ in subjects]
        bound = [self._bound(subject, key_id) for subject, key_id in zip(subjects, ids, strict=True)]
        wrapped = await self._kms.wrap(list(zip(secrets, bound, strict=True)))
        return [
            (KeyRecord(subject, key_id, one.kek, one.wrapped, created), secret)
            for subject, key_id, one, secret in zip(subjects, ids, wrapped, secrets, strict=True)
        ]

    def _not_before(self, subject: str) -> str:
        """How the ids of a subject's keys begin that are not too old: the unattributed has one for each day."""
        if subject != UNATTRIBUTED:
            return ""
        return f"{datetime.fromtimestamp(self._clock(), UTC).date().isoformat()}."

    def _bound(self, subject: str, key_id: str) -> bytes:
        """What a wrapped key is bound to."""
        return length_prefixed("shopstream data key 1", self._tenant, subject, key_id)

    def _wrapped(self, record: KeyRecord) -> tuple[Wrapped, bytes]:
        return Wrapped(record.kek, record.wrapped), self._bound(record.subject, record.id)

    async def _why_missing(self, key_id: str) -> Exception:
        if await self._records.erased(key_id):
            return ErasedKey("sealed under a data key that was erased: what it sealed is gone for good")
        if not (await self._records.holdings()).subjects:
            return UnknownKey(
                "the key store is empty: restore it from a backup, or point SHOPSTREAM_KEYS__URL at the right one"
            )
        return UnknownKey(
            "sealed under a data key that the key store does not hold for this subject: check the subject; "
            "if the store was restored, use a later backup"
        )
