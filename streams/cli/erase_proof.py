"""The proof of an erasure: what was destroyed, who confirms it, what remains until when."""

import hmac
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final, Literal

import orjson

from privacy.tokens import Tokeniser
from streams.cli.erase_remains import remains
from streams.contracts.records import ErasureEntry

FORMAT: Final = "shopstream-erasure-proof/1"
PURPOSE: Final = "erasure proof"
SPARE_SECONDS: Final = 10
"""Beyond the age of keys, for carrying the erasure out."""


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
    def verdict(self) -> Literal["held", "failed", "nothing to try"]:
        """Held: all that opened is refused, and nothing was refused for another reason than an erasure."""
        if not self.opened_before + self.erased_before + self.failed_before:
            return "nothing to try"
        refused = self.refused_after == self.opened_before and not self.failed_before
        return "held" if refused else "failed"

    def todo(self) -> Iterator[str]:
        """What they don't prove, and what to do about it."""
        if self.failed_before:
            yield (
                f"{self.failed_before} sealed values did not open before either, and not for an erasure: the key store"
                " that this command reads is not the workers', or it lost keys; compare SHOPSTREAM_KEYS__URL and"
                " SHOPSTREAM_PRIVACY__TENANT, and erase again"
            )
        if self.refused_after != self.opened_before:
            yield (
                "sealed values can still be opened: the key store that this command reads is not the workers', or"
                " events of the user came meanwhile; compare SHOPSTREAM_KEYS__URL, and erase again"
            )
        if self.verdict == "nothing to try":
            yield "nothing sealed of this user was found, so nothing was tried; the rest is as said"

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {"verdict": self.verdict, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Proof:
    """An erasure that was carried out, as far as it is.

    Attributes:
        entry: the ledger's.
        acknowledged: workers that have nothing left of the user.
        outstanding: workers that run and have not said so.
        silent: workers that fell silent before they said so, and have not left: killed, or cut off from Redis.
        state_forgotten: whether the user's state in Redis is deleted: the agent that owns it has answered.
        caches_aged: when no process can have a destroyed key in memory any more, whatever it says.
        issued: now.
        waiting: by input topic, how many records were not processed when it was sent; None: not known.
        tests: what was tried, if it was asked for.
        state_before: whether there was user state before the erasure; None: not known.
    """

    entry: ErasureEntry
    acknowledged: list[str]
    outstanding: list[str]
    silent: list[str]
    state_forgotten: bool
    caches_aged: datetime
    issued: datetime
    waiting: dict[str, int] | None = None
    tests: Trials | None = None
    state_before: bool | None = None

    @property
    def found(self) -> bool | None:
        """Whether there was anything of this user, now or at an earlier erasure; None: it can't be told."""
        return True if self.entry.keys or self.entry.withdrawn else self.state_before

    @property
    def keys_gone(self) -> bool:
        """Whether no process has a destroyed key: all workers say so, or enough time has passed."""
        everyone = bool(self.acknowledged) and not self.outstanding and not self.silent
        return everyone or self.issued >= self.caches_aged

    @property
    def holds(self) -> bool:
        """Whether all of it is as it should be. A trial that found nothing to try neither adds nor takes away."""
        heard = bool(self.acknowledged) and not self.outstanding
        done = self.keys_gone and heard and self.state_forgotten and not self.entry.degraded
        return done and (self.tests is None or self.tests.verdict != "failed")

    @property
    def untried(self) -> bool:
        """Whether a trial was asked for, and there was nothing to try."""
        return self.tests is not None and self.tests.verdict == "nothing to try"

    def document(self) -> dict[str, Any]:
        """For programs and files; it names the user by the ledger's digest only."""
        entry = self.entry
        return {
            "format": FORMAT,
            "holds": self.holds,
            "found": self.found,
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
            "silent": self.silent,
            "state_forgotten": self.state_forgotten,
            "keys_gone": self.keys_gone,
            "cached_keys_gone_by": self.caches_aged.isoformat(),
            "not_processed_before": self.waiting,
            "tests": None if self.tests is None else self.tests.document(),
            "remains": [
                one.document()
                for one in remains(entry.erased_at, self.waiting, [*self.outstanding, *self.silent])
            ],
        }

    def todo(self) -> Iterator[str]:
        """What is not proved, and what to do about it."""
        if self.tests is not None:
            yield from self.tests.todo()
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
        if self.outstanding or not self.acknowledged:
            who = ", ".join(self.outstanding) or "any worker (is SHOPSTREAM_REDIS__URL the workers'?)"
            yield (
                f"no word yet from {who}: they will act upon it as soon as they read the ledger; run the command"
                " again, with a longer --wait"
            )
        if self.silent and not self.keys_gone:
            seconds = ceil((self.caches_aged - self.entry.erased_at).total_seconds()) + SPARE_SECONDS
            yield (
                f"{', '.join(self.silent)} fell silent without an end: who was killed has no keys, who is only cut off"
                f" from Redis may have until {self.caches_aged:%Y-%m-%d %H:%M:%S %Z}; run the command again, with"
                f" --wait {seconds}, to wait for that"
            )


def authenticated(document: dict[str, Any], tokeniser: Tokeniser) -> dict[str, Any]:
    """The document with its authentication code, which whoever has the installation's token key can make and check."""
    return {**document, "mac": mac(document, tokeniser)}


def genuine(content: bytes, tokeniser: Tokeniser) -> bool:
    """Whether JSON is a proof under this token key, and nothing in it was changed since."""
    try:
        document = orjson.loads(content)
        found = document["mac"].encode()
        return hmac.compare_digest(found, mac(document, tokeniser).encode())
    except (ValueError, KeyError, TypeError, AttributeError):  # no JSON, or no proof
        return False


def mac(document: dict[str, Any], tokeniser: Tokeniser) -> str:
    """HMAC-SHA-256 (RFC 2104) of a document without its member `mac`: keys sorted, no spaces, UTF-8."""
    plain = {name: value for name, value in document.items() if name != "mac"}
    return tokeniser.digest(PURPOSE, orjson.dumps(plain, option=orjson.OPT_SORT_KEYS))


def aged(erased: datetime, cache_seconds: float) -> datetime:
    """When keys that were at hand at an erasure have left every cache, if none keeps them for longer than that."""
    return erased + timedelta(seconds=cache_seconds)
