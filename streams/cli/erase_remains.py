"""What an erasure can't reach at once, and until when it is there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streams.contracts.topics import CHANGES_KEPT, ERASURE_HORIZON, RESULTS_KEPT, SEGMENT, TOPICS


@dataclass(frozen=True, slots=True)
class Remaining:
    """Something that an erasure can't reach at once."""

    where: str
    what: str
    until: datetime | None = None

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "where": self.where,
            "what": self.what,
            "until": None if self.until is None else self.until.isoformat(),
        }


def remains(
    erased: datetime, waiting: Mapping[str, int] | None = None, unheard: Sequence[str] = ()
) -> list[Remaining]:
    """What is left, and until when at the latest, by the retention that `shopstream topics create` sets.

    Args:
        erased: when the data keys were destroyed.
        waiting: by input topic, how many records were not processed when the erasure was sent; None: not known.
        unheard: workers that have not said that they acted upon the erasure.
    """
    return [
        _unprocessed(waiting),
        *_in_topics(erased),
        Remaining("sums over all users of a product", "the user's part, which can't be told apart"),
        Remaining(
            "vectors of searches in Redis",
            "numbers made of masked queries, under keyed digests, each until it expires (models.cache_seconds; a day"
            " where not set)",
        ),
        Remaining("Redis' append-only file", "masked state, until Redis next rewrites the file"),
        *(
            Remaining(f"views on the disk of {one}", "what this worker had, until it answers")
            for one in unheard
        ),
        Remaining("views on the disks of workers that are stopped", "what they had, until they start next"),
        Remaining("backups", "wrapped keys, which a restore leaves out by the erasure ledger"),
    ]


def _unprocessed(waiting: Mapping[str, int] | None) -> Remaining:
    """What was sent before the erasure and comes after it: topics are not ordered among each other."""
    if waiting is None:
        lag = "how many there are is not known: the workers' lag could not be read"
    else:
        behind = ", ".join(f"{count} in {name}" for name, count in sorted(waiting.items()) if count)
        lag = f"of all users {behind or 'none'} when the erasure was sent"
    return Remaining(
        "events sent before and not processed yet",
        f"they are taken for new ones, and sealed under a new key that opens: {lag}; once the workers' lag is 0, erase"
        " again",
    )


def _in_topics(erased: datetime) -> Iterator[Remaining]:
    for topic in TOPICS.values():
        if topic.retention is None:
            if topic.personal:
                yield from _in_compacted(topic.name, erased)
            continue
        until = erased + topic.retention + SEGMENT
        if topic.personal:
            yield Remaining(topic.name, "events as they were sent", until)
        elif topic.direction == "out":
            yield Remaining(
                topic.name, "masked text under the user token; originals that nobody can open", until
            )
    changes = "masked changes under the user token; state is built without them"
    yield Remaining("user-changes", changes, erased + CHANGES_KEPT + SEGMENT)
    letters = "events whose user can't be told, under the key of their day"
    yield Remaining("dead-letters", letters, erased + RESULTS_KEPT + SEGMENT)


def _in_compacted(name: str, erased: datetime) -> Iterator[Remaining]:
    """Compaction takes what is withdrawn, and the erasure can withdraw only what the workers took in."""
    withdrawn = erased + ERASURE_HORIZON + SEGMENT
    yield Remaining(name, "events as they were sent, of those that the erasure withdrew", withdrawn)
    yield Remaining(
        name,
        "events of the user that became dead letters, as they were sent: the erasure does not find them, and the topic"
        " has no retention, so they stay until replaced or withdrawn; withdraw each by a record with its key (the dead"
        " letter names it as its origin's) and a null value, in its partition",
    )
