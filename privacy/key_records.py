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
        kek: the key-encryption key that it is wrapped under; empty where the store can't read what it keeps.
        wrapped: nonce, ciphertext and tag.
        created: Unix time in seconds.
    """

    subject: str
    id: str
    kek: str
    wrapped: bytes = field(repr=False)
    created: int

    @classmethod
    def unreadable(cls, subject: str, key_id: str) -> "KeyRecord":
        """Stands for a record that is damaged beyond reading."""
        return cls(subject, key_id, "", b"", 0)

    @property
    def readable(self) -> bool:
        """Whether there is anything to unwrap."""
        return bool(self.kek)


@dataclass(frozen=True, slots=True)
class Request:
    """Asks for the key to seal under.

    Attributes:
        subject: whose key is asked for.
        uses: how many nonces to reserve.
        limit: how many nonces one key may serve in all.
        not_before: an id that sorts before this one is too old (ids of the unattributed begin with their day).
        proposal: becomes the current key if there is none, or it is too old, damaged, or would not suffice.
        damaged: the id of a key that can't be unwrapped and so is not to be current any more.
    """

    subject: str
    uses: int
    limit: int
    not_before: str
    proposal: KeyRecord | None = None
    damaged: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the store holds.

    Attributes:
        subjects: how many have a key.
        wrapped: how many data keys there are by key-encryption key.
        wraps: how many wrappings were reserved by key-encryption key, ever.
    """

    subjects: int
    wrapped: Mapping[str, int]
    wraps: Mapping[str, int]


class KeyRecords(Protocol):
    """Keeps wrapped data keys. What a call has returned survives a crash of the store.

    A store that is away raises an error of its own, not a `PrivacyError`.
    """

    async def open_for_sealing(self, requests: Sequence[Request]) -> list[KeyRecord | None]:
        """The current keys, one for each request, with their uses reserved; one round trip for all.

        None: there is none that may be used, and no proposal.
        """
        ...

    async def reserve_wraps(self, kek: str, count: int) -> int:
        """Counts wrappings under a key-encryption key before they are made; returns how many it has by now."""
        ...

    async def get(self, subject: str, key_id: str) -> KeyRecord | None:
        """A key by name."""
        ...

    async def erase(self, subject: str, name: str | None = None) -> list[str]:
        """Destroys all keys of a subject and remembers, by their ids alone, that they were erased.

        Args:
            subject: whose keys.
            name: a keyed digest of the subject, under which the ids are remembered. So a repeat with the same name
                returns them again, after any that it destroyed itself. None: they are not.
        """
        ...

    async def erased(self, key_id: str) -> bool:
        """Whether a key of that id was destroyed on purpose."""
        ...

    async def scrub(self) -> None:
        """Returns when nothing that was erased here before the call is left in the store's files.

        It may be repeated when it failed: what it has waited for is not begun anew.
        """
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
