"""Erasures in; the ledger out, and word to all who still have something of those users.

The data keys go first, at once and for good. The rest follows from what is written in the same transaction: a change
that makes user state and associations forget, and nulls in `resolutions`, which withdraw what the users' tickets
taught, at its origin: its plaintext is compacted away there, and its own agent withdraws it from `support-memory`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.agents._changes import change
from streams.contracts.events import Resolution
from streams.contracts.ids import result_id
from streams.contracts.records import MOST_KEYS, ErasureEntry, Tombstone
from streams.contracts.topics import ERASURE_LEDGER, ERASURES, RESOLUTIONS, USER_CHANGES
from streams.delivery.stage import Results, stage
from streams.erasing.subjects import ledger_subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from streams.contracts.events import Erasure
    from streams.contracts.records import UserChange
    from streams.house import House


@stage(consumes=ERASURES, emits=[ERASURE_LEDGER, USER_CHANGES, RESOLUTIONS])
async def forget_users(erasures: Sequence[Erasure], house: House) -> Results:
    """Destroys the users' data keys, and tells everyone else to forget them. May be repeated at any point.

    An entry names what was destroyed for its subject before, too: a repeat of an attempt that was not committed would
    else say that there was nothing.
    """
    tokens = [house.guard.user_token(event.user_id) for event in erasures]
    subjects = [ledger_subject(house.keys.tokeniser, token) for token in tokens]
    destroyed = [
        (await house.keys.keyring.erase(token, subject), house.clock())
        for token, subject in zip(tokens, subjects, strict=True)
    ]
    await house.keys.keyring.scrub()
    settled = await house.memory_settled()
    remembered = house.memory.of_users(tokens)
    sources = [remembered[token] for token in tokens]
    entries = [
        entry(event, subject, keys[:MOST_KEYS], at, len(theirs), settled=settled)
        for event, subject, (keys, at), theirs in zip(erasures, subjects, destroyed, sources, strict=True)
    ]
    return Results(
        entries,
        map(forgotten, erasures, tokens),
        (withdrawal(event, one) for event, theirs in zip(erasures, sources, strict=True) for one in theirs),
    )


def entry(
    event: Erasure, subject: str, keys: Sequence[str], at: datetime, withdrawn: int, *, settled: bool
) -> ErasureEntry:
    """One erasure's line in the ledger."""
    return ErasureEntry(
        id=result_id(ERASURE_LEDGER.name, [event.id]),
        causes=[event.id],
        time=event.time,
        degraded=[] if settled else ["memory"],
        subject=subject,
        erased_at=at,
        keys=list(keys),
        withdrawn=withdrawn,
        reference=event.reference,
    )


def forgotten(event: Erasure, token: str) -> UserChange:
    """What makes all that follows from changes forget the user, in order."""
    return change(ERASURES, event, user=token, kind="forgotten")


def withdrawal(event: Erasure, source_id: str) -> Tombstone:
    """The null that withdraws a resolution."""
    return Tombstone(
        Resolution, source_id, result_id(RESOLUTIONS.name, [event.id, source_id]), [event.id], event.time
    )
