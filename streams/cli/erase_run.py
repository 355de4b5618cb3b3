"""Carries an erasure out through the workers, and waits for what proves it."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka import ConsumerRecord
from redis.asyncio import Redis
from redis.exceptions import RedisError

from privacy.guard import Guard
from streams.access import acting
from streams.agents.erasures import forgotten
from streams.cli.erase_before import has_state, unprocessed
from streams.cli.erase_evidence import Tried, sealed_values, tried
from streams.cli.erase_proof import Proof, Trials, aged, authenticated
from streams.cli.erase_request import Request
from streams.cli.output import progress
from streams.client import Shopstream
from streams.client.connection import joined
from streams.client.errors import EventRefused, NoAnswer, NotSetUp
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.events import Erasure
from streams.contracts.records import ErasureEntry
from streams.contracts.topics import DEAD_LETTERS, ERASURE_LEDGER, RECOMMENDATIONS, Topic
from streams.delivery.errors import DependencyUnavailable
from streams.erasing.roster import Member, Roster
from streams.keys import Keys
from streams.settings import Settings

SOURCE: Final = "/shopstream/erase"
PURPOSE: Final = "a request to be forgotten"
UNCONFIRMED: Final = "sent, not confirmed"
LOOK_SECONDS: Final = 0.3


class Entered(NamedTuple):
    """A ledger entry and where it lies."""

    entry: ErasureEntry
    partition: int
    offset: int

    def acknowledged_by(self, member: Member) -> bool:
        """Whether a worker has acted upon it."""
        return member.acknowledges(self.partition, self.offset)


async def erased(
    settings: Settings, request: Request, event: Erasure, sent: asyncio.Event | None = None
) -> tuple[Proof, dict[str, Any]]:
    """Erases a user; returns the proof, and its authenticated document.

    Interrupted once it is sent, or without an answer, it has not failed: the audit log says that it is not confirmed.

    Args:
        settings: the workers'.
        request: whom, and how to show it.
        event: of the request.
        sent: set as soon as the event may be in Kafka.

    Raises:
        AccessDenied: the caller may not do this.
        PrivacyError: keys can't be used.
        NotSetUp: no broker, no topic, no Redis.
        NoAnswer: no worker has carried it out in time; the event stays in Kafka.
        EventRefused: it became a dead letter.
    """
    settings = await joined(settings)
    if settings.redis.url is None:
        raise NotSetUp("no Redis: set SHOPSTREAM_REDIS__URL, as for the workers")
    keys = await Keys.open(settings, create=False)
    try:
        guard = keys.guard()
        token = guard.user_token(request.user)
        about = {} if request.reference is None else {"reference": request.reference}
        sent = sent or asyncio.Event()
        unconfirmed: BaseException | None = None
        with acting(settings, "erase", purpose=PURPOSE, subject=token, about=about) as deed:
            try:
                proof = await _Run(settings, keys, guard, token).run(request, event, sent)
                deed.note(holds=proof.holds, destroyed_keys=len(proof.entry.keys))
            except (NoAnswer, asyncio.CancelledError, KeyboardInterrupt) as ended:
                if not sent.is_set():
                    raise
                deed.note(delivery=UNCONFIRMED)
                unconfirmed = ended
        if unconfirmed is not None:
            raise unconfirmed
        return proof, authenticated(proof.document(), keys.tokeniser)
    except DependencyUnavailable as away:
        raise NotSetUp(f"{away.name} does not answer: start it, and erase again") from away
    finally:
        await keys.close()


class _Run:
    """One erasure."""

    def __init__(self, settings: Settings, keys: Keys, guard: Guard, token: str) -> None:
        self._settings = settings
        self._keys = keys
        self._guard = guard
        self._token = token

    async def run(self, request: Request, event: Erasure, sent: asyncio.Event) -> Proof:
        state_before = await has_state(self._settings, self._token)
        before = await self._before() if request.prove else None
        waiting = await unprocessed(self._settings)
        deadline = time.monotonic() + request.wait
        entered, state_forgotten = await self._carried_out(event, request.wait, sent)
        members = await self._heard(entered, deadline)
        late = [one for one in members if not entered.acknowledged_by(one)]
        return Proof(
            entry=entered.entry,
            acknowledged=[one.name for one in members if one not in late],
            outstanding=[one.name for one in late if not one.silent],
            silent=[one.name for one in late if one.silent],
            state_forgotten=state_forgotten,
            caches_aged=self._caches_aged(entered, members),
            issued=datetime.now(UTC),
            waiting=waiting,
            tests=None if before is None else await self._after(before),
            state_before=state_before,
        )

    async def _before(self) -> Tried:
        with progress("reading what was sealed", None) as show:
            values = await sealed_values(self._settings, self._token, show)
        return await tried(self._guard, self._token, values)

    async def _after(self, before: Tried) -> Trials:
        self._keys.keyring.forget(lambda subject: subject == self._token)
        after = await tried(self._guard, self._token, before.opened)
        return Trials(
            opened_before=len(before.opened),
            refused_after=after.erased,
            erased_before=before.erased,
            failed_before=before.failed,
        )

    async def _carried_out(self, event: Erasure, wait: float, sent: asyncio.Event) -> tuple[Entered, bool]:
        """Sends the event, and waits for the ledger's entry and for the answer of the agent that owns user state.

        Returns:
            The entry, and whether that agent has answered in time: it does when Redis has forgotten.
        """
        change = forgotten(event, self._token).id
        topics = [ERASURE_LEDGER.name, DEAD_LETTERS.name, RECOMMENDATIONS.name]
        entered, state_forgotten = None, False
        async with (
            TopicReader(self._settings, topics) as reader,
            Shopstream(self._settings, source=SOURCE) as shop,
        ):
            await reader.to_end()
            sent.set()
            await shop.produce(event)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait), aclosing(reader.forever()) as batches:
                    async for records in batches:
                        for record in records:
                            entered = entered or self._entered(record, event)
                            state_forgotten = state_forgotten or self._names(record, RECOMMENDATIONS, change)
                        if entered and state_forgotten:
                            break
        if entered is None:
            raise NoAnswer(
                f"no worker has carried it out in {wait:g} s. The erasure is in Kafka and will be, as soon as workers"
                f" run on {self._settings.kafka.bootstrap} and reach their keys: start them, then erase again for the"
                " proof"
            )
        return entered, state_forgotten

    def _entered(self, record: ConsumerRecord, event: Erasure) -> Entered | None:
        """The entry of this erasure, if the record is it.

        Raises:
            EventRefused: it is its dead letter.
        """
        if self._names(record, DEAD_LETTERS, event.id) and (letter := read_result(DEAD_LETTERS, record)):
            raise EventRefused(letter)
        if self._names(record, ERASURE_LEDGER, event.id) and (entry := read_result(ERASURE_LEDGER, record)):
            return Entered(entry, record.partition, record.offset)
        return None

    def _names(self, record: ConsumerRecord, topic: Topic[Any], cause: str) -> bool:
        """Whether a record is a topic's result that answers this."""
        if record.topic != self._settings.wire_topic(topic.name) or cause.encode() not in (
            record.value or b""
        ):
            return False
        result: Any = read_result(topic, record)
        return result is not None and cause in result.causes

    async def _heard(self, entered: Entered, deadline: float) -> list[Member]:
        """The workers, once all have acted upon the entry, or can have no key of it any more, or time is up."""
        assert self._settings.redis.url  # noqa: S101 - looked at before
        roster, members = Roster(self._settings.group_id), list[Member]()
        async with Redis.from_url(
            self._settings.redis.url.get_secret_value(), socket_timeout=self._settings.redis.timeout
        ) as client:
            while True:
                try:
                    members = await roster.members(client)
                except (RedisError, OSError):
                    members = []
                aged_now = datetime.now(UTC) >= self._caches_aged(entered, members)
                settled = [entered.acknowledged_by(one) or (one.silent and aged_now) for one in members]
                if (settled and all(settled)) or time.monotonic() >= deadline:
                    return members
                await asyncio.sleep(LOOK_SECONDS)

    def _caches_aged(self, entered: Entered, members: Iterable[Member]) -> datetime:
        """When no worker, whatever its settings, can have a key in memory that the erasure destroyed."""
        longest = max([self._settings.keys.cache_seconds, *(one.cache_seconds for one in members)])
        return aged(entered.entry.erased_at, longest)
