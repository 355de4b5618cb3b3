"""The proof of an erasure: what was destroyed, who confirms it, what remains until when."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from privacy.tokens import Tokeniser
from streams.contracts.results import ErasureEntry
from streams.contracts.topics import CHANGES_KEPT, ERASURE_HORIZON, RESULTS_KEPT, SEGMENT, TOPICS

FORMAT: Final = "shopstream-erasure-proof/1"
PURPOSE: Final = "erasure proof"


@dataclass(frozen=True, slots=True)
class Trials:
    """What `--prove` found.

    Attributes:
        opened_before: sealed values that could be opened before the erasure.
        refused_after: how many of them are refused now because their key is destroyed.
        erased_before: sealed values whose key was gone already, by an earlier erasure.
        failed_before: sealed values that could not be opened for another reason.
    """

    opened_before: int
    refused_after: int
    erased_before: int = 0
    failed_before: int = 0

    @property
    def hold(self) -> bool:
        """Whether all that could be opened is refused."""
        return self.refused_after == self.opened_before


@dataclass(frozen=True, slots=True)
class Proof:
    """An erasure that was carried out, as far as it is.

    Attributes:
        entry: the ledger's.
        acknowledged: workers that have nothing left of the user.
        outstanding: workers that have not said so.
        state_forgotten: whether the user's state in Redis is deleted: the agent that owns it has answered.
        caches_aged: when no process can have a destroyed key in memory any more, whatever it says.
        issued: now.
        tests: what was tried, if it was asked for.
    """

    entry: ErasureEntry
    acknowledged: list[str]
    outstanding: list[str]
    state_forgotten: bool
    caches_aged: datetime
    issued: datetime
    tests: Trials | None = None

    @property
    def confirmed(self) -> bool:
        """Whether no process has a destroyed key: all workers say so, or enough time has passed."""
        everyone = bool(self.acknowledged) and not self.outstanding
        return everyone or self.issued >= self.caches_aged

    @property
    def holds(self) -> bool:
        """Whether all of it is as it should be."""
        done = self.confirmed and self.state_forgotten and not self.entry.degraded
        return done and (self.tests is None or self.tests.hold)

    def document(self) -> dict[str, Any]:
        """For programs and files; it names the user by the ledger's digest only."""
        entry = self.entry
        return {
            "format": FORMAT,
            "holds": self.holds,
            "erasure": entry.causes[0],
            "reference": entry.reference,
            "subject": entry.subject,
            "requested": entry.time.isoformat(),
            "erased": entry.erased_at.isoformat(),
            "issued": self.issued.isoformat(),
            "destroyed_keys": entry.keys,
            "withdrawn_resolutions": entry.withdrawn,
            "lacking": entry.degraded,
            "acknowledged_by": self.acknowledged,
            "outstanding": self.outstanding,
            "state_forgotten": self.state_forgotten,
            "cached_keys_gone_by": self.caches_aged.isoformat(),
            "tests": None
            if self.tests is None
            else {
                "opened_before": self.tests.opened_before,
                "refused_after": self.tests.refused_after,
                "erased_before": self.tests.erased_before,
                "failed_before": self.tests.failed_before,
            },
            "remains": [one.document() for one in remains(entry.erased_at)],
        }

    def todo(self) -> Iterator[str]:
        """What is wrong, and what to do about it."""
        if self.tests is not None and not self.tests.hold:
            yield (
                "sealed values can still be opened: the key store that this command reads is not the workers',"
                " or the user was active meanwhile; compare SHOPSTREAM_KEYS__URL, and erase again"
            )
        if self.entry.degraded:
            yield (
                "what support knows could not be looked through as a whole: see that resolutions are worked off,"
                " then erase again"
            )
        if not self.state_forgotten:
            yield (
                "user state is not deleted yet: the workers wait for Redis, or have a backlog of user-changes; run the"
                " command again, with a longer --wait"
            )
        if not self.confirmed:
            who = ", ".join(self.outstanding) or "any worker (is SHOPSTREAM_REDIS__URL the workers'?)"
            yield (
                f"no word yet from {who}: they will act upon it as soon as they read the ledger; run the command"
                f" again, with a longer --wait, or after {self.caches_aged:%Y-%m-%d %H:%M:%S %Z}"
            )


@dataclass(frozen=True, slots=True)
class Remaining:
    """Something that an erasure can't reach at once."""

    where: str
    what: str
    until: datetime | None = field(default=None)

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "where": self.where,
            "what": self.what,
            "until": None if self.until is None else self.until.isoformat(),
        }


def remains(erased: datetime) -> list[Remaining]:
    """What is left, and until when at the latest, by the retention that `shopstream topics create` sets."""
    found = []
    for topic in TOPICS.values():
        kept = topic.retention or ERASURE_HORIZON
        if topic.personal:
            found.append(Remaining(topic.name, "events as they were sent", erased + kept + SEGMENT))
        elif topic.direction == "out":
            what = "masked text under the user token; originals that nobody can open"
            found.append(Remaining(topic.name, what, erased + kept + SEGMENT))
    letters = erased + RESULTS_KEPT + SEGMENT
    changes = "masked changes under the user token; state is built without them"
    found += [
        Remaining("user-changes", changes, erased + CHANGES_KEPT + SEGMENT),
        Remaining("dead-letters", "events whose user can't be told, under the key of their day", letters),
        Remaining("sums over all users of a product", "the user's part, which can't be told apart"),
        Remaining("Redis' append-only file", "masked state, until Redis next rewrites the file"),
        Remaining("backups", "wrapped keys, which a restore leaves out by the erasure ledger"),
    ]
    return found


def signed(document: dict[str, Any], tokeniser: Tokeniser) -> dict[str, Any]:
    """The document with a signature: HMAC-SHA-256 under the installation's token key, over its canonical JSON."""
    return {**document, "signature": signature(document, tokeniser)}


def signature(document: dict[str, Any], tokeniser: Tokeniser) -> str:
    """Of a document without its member `signature`: keys sorted, no spaces, UTF-8."""
    plain = {name: value for name, value in document.items() if name != "signature"}
    return tokeniser.digest(PURPOSE, orjson.dumps(plain, option=orjson.OPT_SORT_KEYS))


def aged(erased: datetime, cache_seconds: float) -> datetime:
    """When keys that were at hand at an erasure have left every cache."""
    return erased + timedelta(seconds=cache_seconds)
