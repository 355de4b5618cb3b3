"""The keyring: random data keys, one current for each subject, wrapped by a KMS and kept by `KeyRecords`."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.counted_kms import CountedKms
from privacy.envelope import to_base64url
from privacy.errors import ErasedKey, NotAuthentic, UnknownKey
from privacy.key_cache import KeyCache
from privacy.key_records import KeyRecord, KeyRecords, Request
from privacy.key_wrapping import KeyWrapping
from privacy.keys import MOST_SEALS, UNATTRIBUTED, DataKey
from privacy.kms import Kms
from privacy.rewrapping import Rewrapping, rewrap

log = logging.getLogger(__name__)

KEY_BYTES = 32
ID_BYTES = 9
"""Of a data key's random id, 12 characters: among 10^9 keys two share theirs with a chance of one in 10^4."""

BLOCK = 4096
"""How many nonces a process reserves at a time."""


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
        self._wrapping = KeyWrapping(CountedKms(kms, records), tenant)
        self._records = records
        self._most_seals = most_seals
        self._block = min(BLOCK, most_seals)
        self._clock = clock
        self._cache = KeyCache(cache_seconds, cache_keys, timer)

    async def current(self, seals: Mapping[str, int]) -> Mapping[str, DataKey]:
        """The keys to seal under now; those not at hand come in one round trip, with one more for those to be made.

        A damaged key is left to lie, and its subject has a new one.

        Raises:
            UnknownKek: a subject's key is wrapped under a key-encryption key that is not at hand.
            KeyStoreError: a new key is needed, and the key-encryption key has wrapped as many as it may.
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
        (secret,) = await self._wrapping.unwrap([record])
        key = DataKey(key_id, AESGCM(secret))
        if before == self._cache.forgettings:
            self._cache.keep(subject, key)
        return key

    async def erase(self, subject: str, name: str | None = None) -> list[str]:
        """Destroys all data keys of a subject, for good; returns their ids.

        What was sealed under them can't be opened any more here; in other processes once they `forget` the subject
        or their caches have aged. The store's files hold them until `scrub`. The next seal makes a new key.

        Args:
            subject: whose keys.
            name: a keyed digest of the subject; a repeat with it returns the ids destroyed before as well.
        """
        destroyed = await self._records.erase(subject, name)
        self.forget(lambda one: one == subject)
        return destroyed

    async def scrub(self) -> None:
        """Returns when nothing that was erased here before the call is left in the key store's files."""
        await self._records.scrub()

    def forget(self, matches: Callable[[str], bool]) -> None:
        """Drops the keys of all subjects that match from memory."""
        self._cache.forget(matches)

    def purge(self) -> None:
        """Drops the keys from memory that have been there for `cache_seconds`; call it where no seal may come."""
        self._cache.purge()

    async def rotate(self, subject: str) -> bool:
        """A new data key for the subject's next seals; earlier ones stay for opening. False: it has no key yet."""
        ((proposal, _),) = await self._proposals([subject])
        rotated = await self._records.rotate(proposal)
        self.forget(lambda one: one == subject)
        return rotated

    async def rewrap(self, report: Callable[[int, int], None] = lambda _done, _total: None) -> Rewrapping:
        """Wraps every data key under the current key-encryption key, but for damaged ones.

        Safe while others seal, open and erase; can be broken off and run again.

        Args:
            report: told how many are done, and about how many there are.

        Raises:
            UnknownKek: a key-encryption key is not at hand; those before are rewrapped.
            KeyStoreError: the current one has wrapped as often as it may; likewise.
        """
        return await rewrap(self._records, self._wrapping, report)

    async def _reserved(self, seals: Mapping[str, int]) -> dict[str, DataKey]:
        """Current keys with a block of nonces each, from the store."""
        if max(seals.values()) > self._most_seals:
            raise ValueError("more values to seal at once than one data key may serve: seal fewer at a time")
        before = self._cache.forgettings
        requests = [
            Request(subject, max(self._block, uses), self._most_seals, self._not_before(subject))
            for subject, uses in seals.items()
        ]
        keys, lacking = await self._opened(requests, {})
        if lacking:
            proposals = await self._proposals([request.subject for request in lacking])
            lacking = [
                replace(request, proposal=proposal)
                for request, (proposal, _) in zip(lacking, proposals, strict=True)
            ]
            made, lacking = await self._opened(lacking, {one.id: secret for one, secret in proposals})
            keys |= made
        if lacking:
            raise NotAuthentic("the key store's current data keys are damaged as soon as they are made")
        if before == self._cache.forgettings:
            for request in requests:
                left = request.uses - seals[request.subject]
                self._cache.keep_current(request.subject, keys[request.subject], left)
        return keys

    async def _opened(
        self, requests: list[Request], secrets: Mapping[str, bytes]
    ) -> tuple[dict[str, DataKey], list[Request]]:
        """Current keys from the store, and what it is still to be asked: where there is none, or a damaged one.

        Args:
            requests: for the keys.
            secrets: of proposals, by id: they need no unwrapping.
        """
        answers = await self._records.open_for_sealing(requests)
        others = [one for one in answers if one is not None and one.id not in secrets]
        unwrapped = dict(
            zip([one.id for one in others], await self._wrapping.unwrap_whole(others), strict=True)
        )
        keys: dict[str, DataKey] = {}
        lacking: list[Request] = []
        for request, record in zip(requests, answers, strict=True):
            secret = None if record is None else secrets.get(record.id) or unwrapped[record.id]
            if record is None:
                lacking.append(request)
            elif secret is None:
                log.error(
                    "a data key is damaged, and replaced for what is sealed from now on; what it sealed does not open",
                    extra={"key": record.id},
                )
                lacking.append(replace(request, damaged=record.id))
            else:
                keys[request.subject] = DataKey(record.id, AESGCM(secret))
        return keys, lacking

    async def _proposals(self, subjects: list[str]) -> list[tuple[KeyRecord, bytes]]:
        """New keys, wrapped and not."""
        created = int(self._clock())
        ids = [self._not_before(subject) + to_base64url(os.urandom(ID_BYTES)) for subject in subjects]
        secrets = [AESGCM.generate_key(8 * KEY_BYTES) for _ in subjects]
        keys = zip(subjects, ids, [created] * len(ids), secrets, strict=True)
        return list(zip(await self._wrapping.wrap(list(keys)), secrets, strict=True))

    def _not_before(self, subject: str) -> str:
        """How the ids of a subject's keys begin that are not too old: the unattributed has one for each day."""
        if subject != UNATTRIBUTED:
            return ""
        return f"{datetime.fromtimestamp(self._clock(), UTC).date().isoformat()}."

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
