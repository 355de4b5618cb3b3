"""The port to where wrapped data keys are kept: a store that must not lose them, and can destroy them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One wrapped data key.

    Attributes:
        subject: whose key it is.
        id: what envelopes call it.
        kek: the key-encryption key that it is wrapped under.
        wrapped: nonce, ciphertext and tag.
        created: Unix time in seconds.
    """

    subject: str
    id: str
    kek: str
    wrapped: bytes = field(repr=False)
    created: int


@dataclass(frozen=True, slots=True)
class Request:
    """Asks for the key to seal under.

    Attributes:
        uses: how many nonces to reserve.
        limit: how many nonces one key may serve in all.
        not_before: an id that sorts before this one is too old (ids of the unattributed begin with their day).
        proposal: becomes the current key if there is none, or it is too old, or its nonces would not suffice.
    """

    uses: int
    limit: int
    not_before: str
    proposal: KeyRecord

    @property
    def subject(self) -> str:
        """Whose key is asked for."""
        return self.proposal.subject


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the store holds: the number of subjects with a key, and of data keys by key-encryption key."""

    subjects: int
    wrapped: Mapping[str, int]


class KeyRecords(Protocol):
    """Keeps wrapped data keys. What a call has returned survives a crash of the store.

    A store that is away raises an error of its own, not a `PrivacyError`.
    """

    async def open_for_sealing(self, requests: Sequence[Request]) -> list[KeyRecord]:
        """The current keys, one for each request, with their uses reserved; one round trip for all."""
        ...

    async def get(self, subject: str, key_id: str) -> KeyRecord | None:
        """A key by name."""
        ...

    async def erase(self, subject: str) -> list[str]:
        """Destroys all keys of a subject and remembers, by their ids alone, that they were erased."""
        ...

    async def erased(self, key_id: str) -> bool:
        """Whether a key of that id was destroyed on purpose."""
        ...

    async def scrub(self) -> None:
        """Returns when nothing that was erased before the call is left in the store's files."""
        ...

    async def rotate(self, proposal: KeyRecord) -> bool:
        """Makes the proposal its subject's current key; those before stay. False: the subject has no key."""
        ...

    async def replace(self, changes: Sequence[tuple[KeyRecord, KeyRecord]]) -> int:
        """Puts the second of each pair where the first still is as given; returns how many it replaced.

        A key that was erased or replaced meanwhile stays so.
        """
        ...

    def scan(self, batch: int = 500) -> AsyncIterator[list[KeyRecord]]:
        """All keys, in batches of about that many; one that is there all the time is in it at least once."""
        ...

    async def add(self, records: Sequence[KeyRecord]) -> int:
        """Adds keys for opening, never as current ones: how often they were used is not known.

        Those that are there stay as they are, and those that were erased stay erased. Returns how many are new.
        """
        ...

    def erased_ids(self, batch: int = 500) -> AsyncIterator[list[str]]:
        """The ids of all keys that were destroyed on purpose, for backups."""
        ...

    async def mark_erased(self, key_ids: Sequence[str]) -> None:
        """Remembers keys as erased, from a ledger or backup; call it before `add`."""
        ...

    async def holdings(self) -> Holdings:
        """How much it holds."""
        ...
