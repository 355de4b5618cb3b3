"""Rows to train from, read from an input topic: what people wrote leaves masked, as it does for the models in service.

A topic is read without a consumer group, committed records only, from a time up to its end as it is at the start. Each
record is held to its contract as a worker would hold it, its texts are masked by the guard's detector, tagger and
policy, and of users whom the erasure ledger names nothing is taken. Nothing is sealed: the originals stay in the topic.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import orjson
from aiokafka import ConsumerRecord

from models.support import Ticket, ticket_text
from privacy.detect.span import SpanTagger
from privacy.guard import Guard, Sensitive
from privacy.placeholders import DROPPED
from privacy.policy import Original, Policy
from streams.agents import resolutions, reviews, support_tickets
from streams.backup import read_ledger
from streams.client.reader import TopicReader
from streams.contracts.events import Event, Resolution, Review
from streams.contracts.topics import RESOLUTIONS, REVIEWS, SUPPORT_TICKETS, Topic
from streams.delivery.decoding import Decoder
from streams.delivery.stage import Withdrawal
from streams.erasing.subjects import ledger_subject
from streams.keys import Keys
from streams.privacy_rules import detector_of, policy_of, written_fields
from streams.settings import Settings

BATCH: Final = 256
"""Events that are masked at once."""

REPLACED: Final = "replaced or withdrawn later"
ERASED: Final = "of an erased user"

Row = dict[str, str]
Progress = Callable[[int], AbstractContextManager[Callable[[int], Any]]]


@dataclass(frozen=True, slots=True)
class TopicRows:
    """What a topic gave: the rows of a table.

    Attributes:
        name: of the topic, for reports.
        digest: SHA-256 of the rows.
        rows: column -> masked text or number; of reviews `title`, `text`, `rating`, of support `text`, `intent`.
        records: how many were read.
        skipped: records that gave no row, by reason.
    """

    name: str
    digest: str
    rows: tuple[Row, ...] = field(repr=False)
    records: int
    skipped: Mapping[str, int]


class TopicRowsReader:
    """Reads rows from the topics of one installation.

    Args:
        settings: with a broker's address.
        keys: of the installation: for texts that producers sealed, and to find users in the erasure ledger.
        tagger: for names and addresses, as the workers'; None where they have none.

    Raises:
        RulesError: the privacy settings can't be used.
    """

    def __init__(self, settings: Settings, keys: Keys, tagger: SpanTagger | None = None) -> None:
        self._settings = settings
        self._keys = keys
        self._guard = Guard(
            tenant=settings.privacy.tenant,
            keys=keys.keyring,
            tokeniser=keys.tokeniser,
            detector=detector_of(settings),
            policy=_without_originals(policy_of(settings)),
            intake=keys.kms,
            tagger=tagger,
        )

    async def read(self, topic: str, since_ms: int | None, progress: Progress | None = None) -> TopicRows:
        """Rows of `reviews`, `support-tickets` or `resolutions`.

        Reviews need stars. A resolution's question has its first tag as intent, and so has the ticket that it resolves;
        of a resolution or a withdrawal that replaces another one, the last counts.

        Args:
            topic: its name in the contracts.
            since_ms: only what was written then or later (milliseconds since 1970); None: all that is there.
            progress: opened with the number of offsets to read; told how many records are done.

        Raises:
            NotSetUp: Kafka can't be reached, or the topic or the ledger is missing.
            NotDelivered: Kafka broke off.
            BackupError: the erasure ledger can't be read by this release.
            ModelError: the tagger failed.
        """
        teaching = await self._teaching(topic)
        found: dict[object, tuple[str | None, Row]] = {}
        skipped: Counter[str] = Counter()
        records = 0
        async with aclosing(self._batches(teaching.topic, since_ms, progress or _unseen, skipped)) as batches:
            async for count, events in batches:
                records += count
                for key in events:
                    if found.pop(key, None):
                        skipped[REPLACED] += 1
                found.update(await self._rows(events, teaching, skipped))
        # Last, so that it counts who was erased while the topic was read.
        erased = {entry.subject for entry in await read_ledger(self._settings)}
        rows = tuple(row for subject, row in found.values() if subject not in erased)
        skipped[ERASED] += len(found) - len(rows)
        return TopicRows(f"topic {topic}", _digest(rows), rows, records, dict(+skipped))

    async def _teaching(self, topic: str) -> "_Teaching":
        if topic == REVIEWS.name:
            return _Teaching(REVIEWS, "text", reviews.sensitive, _stars, "no rating", _review_row)
        if topic == RESOLUTIONS.name:
            return _Teaching(
                RESOLUTIONS, "question", resolutions.sensitive, _tag, "no question or no tag", _resolution_row
            )
        tags = await self._tags()
        return _Teaching(
            SUPPORT_TICKETS,
            "text",
            support_tickets.sensitive,
            lambda ticket: tags.get(ticket.id),
            "no resolution with a tag",
            _ticket_row,
        )

    async def _rows(
        self, events: Mapping[object, Event | Withdrawal], teaching: "_Teaching", skipped: Counter[str]
    ) -> dict[object, tuple[str | None, Row]]:
        """Rows of events, each with its user's name in the ledger, by the events' keys."""
        taken = []
        for key, event in events.items():
            if isinstance(event, Withdrawal):
                continue
            if (label := teaching.label(event)) is None:
                skipped[teaching.unlabelled] += 1
            else:
                taken.append((key, event, label))
        guarded = await self._guard.protect([teaching.sensitive(event) for _, event, _ in taken])
        rows: dict[object, tuple[str | None, Row]] = {}
        for (key, _, label), one in zip(taken, guarded, strict=True):
            if one.masked[teaching.body] == DROPPED:
                skipped["text dropped by the privacy settings"] += 1
                continue
            subject = None if one.subject is None else ledger_subject(self._keys.tokeniser, one.subject)
            rows[key] = subject, teaching.row(one.masked, label)
        return rows

    async def _tags(self) -> dict[str, str]:
        """The first tag of each resolved ticket, by the ticket's id."""
        tags: dict[object, tuple[str, str]] = {}
        async with aclosing(self._batches(RESOLUTIONS, None, _unseen, Counter())) as batches:
            async for _, events in batches:
                for key, event in events.items():
                    tags.pop(key, None)
                    if isinstance(event, Resolution) and (tag := _tag(event)) is not None:
                        tags[key] = event.source_id, tag
        return dict(tags.values())

    async def _batches(
        self, topic: Topic[Any], since_ms: int | None, progress: Progress, skipped: Counter[str]
    ) -> AsyncGenerator[tuple[int, dict[object, Event | Withdrawal]], None]:
        """How many records were read, and the events in them, up to the topic's end as it is now.

        Of a compacted topic, the key of events is that of the record, and the last of a key is given.
        """
        decoder = Decoder(topic, self._guard, timedelta(seconds=self._settings.worker.max_future))
        async with TopicReader(self._settings, [topic.name]) as reader:
            await (reader.to_beginning() if since_ms is None else reader.to_time(since_ms))
            done = 0
            with progress(await reader.ahead()) as show:
                async for records in reader.until_caught_up():
                    for start in range(0, len(records), BATCH):
                        part = records[start : start + BATCH]
                        received, refused = await decoder.decode(part)
                        skipped.update(aside.reason.value for aside in refused.values())
                        events = {_key(topic, one.record): one.event for one in received}
                        skipped[REPLACED] += len(received) - len(events)
                        yield len(part), events
                        done += len(part)
                        show(done)


@dataclass(frozen=True, slots=True)
class _Teaching:
    """How events of a topic become rows.

    Attributes:
        topic: the topic.
        body: the field without which there is no row.
        sensitive: the texts of an event, as its agent has them masked.
        label: what it teaches; None for nothing.
        unlabelled: why an event teaches nothing.
        row: of masked texts by field, and the label.
    """

    topic: Topic[Any]
    body: str
    sensitive: Callable[[Any], Sensitive]
    label: Callable[[Any], str | None]
    unlabelled: str
    row: Callable[[Mapping[str, str], str], Row]


def _stars(review: Review) -> str | None:
    return None if review.rating is None else str(review.rating)


def _tag(resolution: Resolution) -> str | None:
    return resolution.tags[0] if resolution.tags and resolution.question is not None else None


def _review_row(masked: Mapping[str, str], stars: str) -> Row:
    return {"title": masked.get("title", ""), "text": masked["text"], "rating": stars}


def _resolution_row(masked: Mapping[str, str], tag: str) -> Row:
    return {"text": masked["question"], "intent": tag}


def _ticket_row(masked: Mapping[str, str], tag: str) -> Row:
    # As the support agent reads it.
    return {"text": ticket_text(Ticket(masked["text"], masked.get("subject"))), "intent": tag}


def _key(topic: Topic[Any], record: ConsumerRecord) -> object:
    return record.key if topic.deletable else (record.partition, record.offset)


def _without_originals(policy: Policy) -> Policy:
    """A policy that masks the training topics alike and lets the originals go, so that nothing is sealed."""
    return Policy(
        {
            (topic.name, name): replace(policy.rule(topic.name, name), original=Original.DROP)
            for topic in (REVIEWS, SUPPORT_TICKETS, RESOLUTIONS)
            for name in written_fields(topic)
        },
        allow=policy.allow,
    )


def _digest(rows: Sequence[Row]) -> str:
    return hashlib.sha256(
        b"\n".join(orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for row in rows)
    ).hexdigest()


def _unseen(_total: int) -> AbstractContextManager[Callable[[int], Any]]:
    return nullcontext(lambda _done: None)
