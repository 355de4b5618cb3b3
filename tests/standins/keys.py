"""Data keys that live in this process alone, for tests of what is sealed under them and not of how they are kept."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from privacy.detect.span import SpanTagger
from privacy.envelope import SealedEnvelope
from privacy.guard import Guard, WholeEvent
from privacy.key_file import KeyFile
from privacy.key_records import Holdings, KeyRecord, Request
from privacy.keyring import Keyring
from privacy.kms import LocalKms
from privacy.policy import DEFAULT_POLICY, Policy, ProtectedTerms
from privacy.tokens import Tokeniser


class MemoryRecords:
    """A `KeyRecords` in a dictionary."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, KeyRecord]] = {}
        self._current: dict[str, list[int | str]] = {}
        self._erased: set[str] = set()
        self._erased_of: dict[str, list[str]] = {}

        self._wraps: dict[str, int] = {}

    async def open_for_sealing(self, requests: Sequence[Request]) -> list[KeyRecord | None]:
        return [self._opened(request) for request in requests]

    def _opened(self, request: Request) -> KeyRecord | None:
        key_id, uses = self._current.get(request.subject, ["", 0])
        fits = int(uses) + request.uses <= request.limit
        if not key_id or not fits or str(key_id) < request.not_before or key_id == request.damaged:
            if request.proposal is None:
                return None
            key_id, uses = request.proposal.id, 0
            self._keys.setdefault(request.subject, {})[key_id] = request.proposal
        self._current[request.subject] = [key_id, int(uses) + request.uses]
        return self._keys[request.subject][str(key_id)]

    async def reserve_wraps(self, kek: str, count: int) -> int:
        self._wraps[kek] = self._wraps.get(kek, 0) + count
        return self._wraps[kek]

    async def get(self, subject: str, key_id: str) -> KeyRecord | None:
        return self._keys.get(subject, {}).get(key_id)

    async def erase(self, subject: str, name: str | None = None) -> list[str]:
        self._current.pop(subject, None)
        ids = list(self._keys.pop(subject, {}))
        self._erased.update(ids)
        if name is None:
            return ids
        known = self._erased_of[name] = [*ids, *self._erased_of.get(name, [])]
        return list(known)

    async def erased(self, key_id: str) -> bool:
        return key_id in self._erased

    async def scrub(self) -> None:
        """There are no files."""

    async def rotate(self, proposal: KeyRecord) -> bool:
        if proposal.subject not in self._keys:
            return False
        self._keys[proposal.subject][proposal.id] = proposal
        self._current[proposal.subject] = [proposal.id, 0]
        return True

    async def replace(self, changes: Sequence[tuple[KeyRecord, KeyRecord]]) -> int:
        done = 0
        for old, new in changes:
            if self._keys.get(old.subject, {}).get(old.id) == old:
                self._keys[old.subject][old.id] = new
                done += 1
        return done

    async def scan(self, batch: int = 500) -> AsyncIterator[list[KeyRecord]]:
        records = [record for keys in self._keys.values() for record in keys.values()]
        for start in range(0, len(records), batch):
            yield records[start : start + batch]

    async def add(self, records: Sequence[KeyRecord]) -> int:
        new = [
            one
            for one in records
            if one.id not in self._erased and one.id not in self._keys.get(one.subject, {})
        ]
        for one in new:
            self._keys.setdefault(one.subject, {})[one.id] = one
        return len(new)

    async def erased_ids(self, batch: int = 500) -> AsyncIterator[list[str]]:
        if self._erased:
            yield sorted(self._erased)

    async def mark_erased(self, key_ids: Sequence[str]) -> None:
        self._erased.update(key_ids)

    async def holdings(self) -> Holdings:
        wrapped: dict[str, int] = {}
        for keys in self._keys.values():
            for record in keys.values():
                wrapped[record.kek] = wrapped.get(record.kek, 0) + 1
        return Holdings(len(self._keys), wrapped, self._wraps)


def local_guard(
    kek_file: Path,
    tenant: str = "default",
    terms: ProtectedTerms | None = None,
    tagger: SpanTagger | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> Guard:
    """A guard whose data keys no other process can have; the key file is made where there is none."""
    file = KeyFile(kek_file)
    material = file.load_or_create()
    kms = LocalKms(file)
    keyring = Keyring(kms, MemoryRecords(), tenant=tenant)
    tokeniser = Tokeniser(material.token_key)
    return Guard(
        tenant=tenant,
        keys=keyring,
        tokeniser=tokeniser,
        policy=policy,
        terms=terms,
        intake=kms,
        tagger=tagger,
    )


async def sealed_whole(
    guard: Guard, data: bytes, *, topic: str, event_id: str, subject: str | None
) -> SealedEnvelope:
    """One whole event, sealed."""
    (envelope,) = await guard.seal_events([WholeEvent(data, topic, event_id, subject)])
    return envelope
