"""Which dead letters go back, which went back before, and the sending itself."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import ConsumerRecord

from privacy.access import Action
from privacy.errors import OpenError
from privacy.guard import Guard
from streams.access import Deed, acting
from streams.cli.key_store import opened_keys
from streams.cli.letters import Choice, Found, Outcome
from streams.cli.originals import origin_of
from streams.cli.output import progress
from streams.client.connection import joined
from streams.client.outbox import Delivery, Outbox, headers_of
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.codec import decode
from streams.contracts.headers import Headers, traceparent_of
from streams.contracts.topics import DEAD_LETTERS, TOPICS, Topic
from streams.contracts.violation import ContractViolation
from streams.delivery.producers import lane_producer
from streams.settings import Settings
from streams.state.resends import REDRIVE_HEADER

TRANSACTION_LETTERS = 200
SLACK = timedelta(minutes=5)
"""Brokers' clocks may differ by so much."""


async def redriven(settings: Settings, choice: Choice, *, dry_run: bool) -> list[Outcome]:
    """Sends the chosen letters back; returns what became of each, oldest first. It stands in the audit log.

    Raises:
        AccessDenied: the caller may not do this.
        PrivacyError: there is no usable key file or key store, or the store went away.
        NotSetUp: no broker, or no topic.
        NotDelivered: Kafka broke off, or another redrive took over; what was committed before stays sent.
    """
    with acting(
        settings, Action.REDRIVE, about={"dry_run": int(dry_run), "again": int(choice.again)}
    ) as deed:
        settings = await joined(settings)
        async with opened_keys(settings) as keys:
            if dry_run:
                return await _Redrive(settings, choice, keys.guard(), None, deed).run()
            outbox = Outbox(lane_producer(settings, f"{settings.group_id}-redrive"), settings)
            # First this: it stops an earlier run and settles its transaction, so all that it sent is seen below.
            await outbox.open()
            try:
                return await _Redrive(settings, choice, keys.guard(), outbox, deed).run()
            finally:
                await outbox.close()


class _Redrive:
    """One run; without an outbox, a dry one."""

    def __init__(
        self, settings: Settings, choice: Choice, guard: Guard, outbox: Outbox | None, deed: Deed
    ) -> None:
        self._settings = settings
        self._choice = choice
        self._guard = guard
        self._outbox = outbox
        self._deed = deed

    async def run(self) -> list[Outcome]:
        chosen = await self._chosen()
        self._deed.note(letters=len(chosen))
        before = await self._sent_before(chosen)
        outcomes: list[Outcome] = []
        sent = 0
        with progress("sending back", len(chosen)) as show:
            for start in range(0, len(chosen), TRANSACTION_LETTERS):
                left = None if self._choice.limit is None else self._choice.limit - sent
                if left == 0:
                    break
                part = chosen[start : start + TRANSACTION_LETTERS]
                outcomes += await self._part(part, before, left)
                sent = sum(outcome.sent for outcome in outcomes)
                self._deed.note(opened=sent, sent=0 if self._outbox is None else sent)
                show(len(outcomes))
        return outcomes

    async def _chosen(self) -> list[Found]:
        """The letters that are meant, oldest first."""
        found: list[Found] = []
        async with TopicReader(self._settings, [DEAD_LETTERS.name]) as reader:
            await reader.to_beginning()
            async for records in reader.until_caught_up():
                found += [
                    one for record in records if (one := self._found(record)) and self._choice.wants(one)
                ]
        return sorted(found, key=_age)

    def _found(self, record: ConsumerRecord) -> Found | None:
        letter = read_result(DEAD_LETTERS, record)
        if letter is None:
            return None
        origin = TOPICS.get(origin_of(self._settings, letter) or "")
        return Found(
            letter,
            origin if origin and origin.direction == "in" else None,
            datetime.fromtimestamp(record.timestamp / 1000, UTC),
            traceparent_of(record.headers),
        )

    async def _sent_before(self, chosen: Iterable[Found]) -> set[str]:
        """Ids of letters that headers in their origin topics name; nothing older than the letters is read."""
        earliest: defaultdict[str, datetime] = defaultdict(lambda: datetime.max.replace(tzinfo=UTC))
        for one in chosen:
            if one.origin:
                earliest[one.origin.name] = min(earliest[one.origin.name], one.written)
        ids: set[str] = set()
        for name, since in earliest.items():
            async with TopicReader(self._settings, [name]) as reader:
                await reader.to_time(max(0, int((since - SLACK).timestamp() * 1000)))
                async for records in reader.until_caught_up():
                    ids.update(
                        value.decode(errors="replace")
                        for record in records
                        for header, value in record.headers
                        if header == REDRIVE_HEADER and value
                    )
        return ids

    async def _part(self, part: list[Found], before: set[str], left: int | None) -> list[Outcome]:
        """Some letters, in one transaction."""
        if self._outbox is None:
            return await self._outcomes(part, before, left)
        async with self._outbox.transaction():
            outcomes = await self._outcomes(part, before, left)
            for outcome in outcomes:
                if outcome.delivery:
                    outcome.says = f"sent to {(await outcome.delivery.place()).reference}"
        return outcomes

    async def _outcomes(self, part: list[Found], before: set[str], left: int | None) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for one in part:
            if left is not None and sum(outcome.sent for outcome in outcomes) >= left:
                break
            outcomes.append(await self._outcome(one, before))
        return outcomes

    async def _outcome(self, found: Found, before: set[str]) -> Outcome:
        letter, topic = found.letter, found.origin
        if topic is None:
            return Outcome(letter, "failed", "its origin topic is not one of this installation")
        if not self._choice.again and (why := _sent_or_unsure(found, topic, before)):
            return Outcome(letter, "left_out", f"{why} (--again sends it)")
        if letter.sealed is None:
            return Outcome(
                letter, "failed", "it holds no original: the event was empty, or too large to keep"
            )
        try:
            value = await self._guard.open_bytes(
                letter.sealed, topic=topic.name, event_id=letter.causes[0], subject=letter.user
            )
        except OpenError as error:
            return Outcome(letter, "failed", str(error))
        key, headers = _key_and_headers(topic, value, found.traceparent)
        if key is None and topic.deletable:  # the broker refuses it, and with it the whole transaction
            return Outcome(letter, "failed", "it has no key, which this topic needs")
        headers.append((REDRIVE_HEADER, letter.id.encode()))
        return Outcome(letter, "sent", "would be sent", await self._send(topic, value, key, found, headers))

    async def _send(
        self, topic: Topic[Any], value: bytes, key: str | None, found: Found, headers: Headers
    ) -> Delivery | None:
        if self._outbox is None:
            return None
        return await self._outbox.send(
            topic, value, key=key, event_id=found.letter.causes[0], headers=headers
        )


def _age(found: Found) -> tuple[datetime, str, int, int]:
    """Kafka's times are whole milliseconds, and partitions come in any order: then the originals' order decides."""
    origin = found.letter.origin
    return found.written, origin.topic, origin.partition, origin.offset


def _sent_or_unsure(found: Found, topic: Topic[Any], before: set[str]) -> str | None:
    """Why a letter is not sent unless that is insisted on."""
    if found.letter.id in before:
        return "sent back before"
    if topic.retention and datetime.now(UTC) - found.written > topic.retention - SLACK:
        return "too old to tell whether it was sent back before"
    return None


def _key_and_headers(topic: Topic[Any], value: bytes, traceparent: str | None) -> tuple[str | None, Headers]:
    """What the contract says of the event; of one that can't be read, no key and its trace only."""
    try:
        event = decode(topic, value, now=datetime.now(UTC), max_ahead=timedelta(days=36_500))
    except ContractViolation:
        return None, [("traceparent", traceparent.encode())] if traceparent else []
    return topic.key(event), headers_of(event, source="/shopstream/redrive", traceparent=traceparent)
