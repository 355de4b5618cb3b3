"""Carries an erasure out through the workers, and waits for what proves it."""

import asyncio
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from aiokafka import ConsumerRecord
from redis.asyncio import Redis
from redis.exceptions import RedisError

from privacy.guard import Guard
from streams.access import acting
from streams.agents.erasures import forgotten
from streams.cli.erase_evidence import Tried, sealed_values, tried
from streams.cli.erase_proof import Proof, Trials, aged, signed
from streams.cli.output import progress
from streams.client import Shopstream
from streams.client.connection import joined
from streams.client.errors import EventRefused, NoAnswer, NotSetUp
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.events import Erasure
from streams.contracts.results import ErasureEntry
from streams.contracts.topics import DEAD_LETTERS, ERASURE_LEDGER, RECOMMENDATIONS, Topic
from streams.delivery.errors import DependencyUnavailable
from streams.erasing.roster import Member, Roster
from streams.keys import Keys
from streams.settings import Settings

SOURCE: Final = "/shopstream/erase"
PURPOSE: Final = "a request to be forgotten"
LOOK_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Request:
    """Whom to erase, and how to show it.

    Attributes:
        user: as events name them.
        reference: the request's case number.
        prove: whether earlier sealed values are tried, before and after.
        wait: seconds for all of it, from sending on.
    """

    user: str = field(repr=False)
    reference: str | None = None
    prove: bool = False
    wait: float = 60.0

    def event(self) -> Erasure:
        """What is sent.

        Raises:
            ValidationError: user or reference are not what the contract takes.
        """
        return Erasure(id=str(uuid4()), time=datetime.now(UTC), user_id=self.user, reference=self.reference)


class Entered(NamedTuple):
    """A ledger entry and where it lies."""

    entry: ErasureEntry
    partition: int
    offset: int


async def erased(settings: Settings, request: Request, event: Erasure) -> tuple[Proof, dict[str, Any]]:
    """Erases a user; returns the proof, and its signed document.

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
        with acting(settings, "erase", purpose=PURPOSE, subject=token, about=about) as deed:
            proof = await _Run(settings, keys, guard, token).run(request, event)
            deed.note(holds=proof.holds, destroyed_keys=len(proof.entry.keys))
        return proof, signed(proof.document(), keys.tokeniser)
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

    async def run(self, request: Request, event: Erasure) -> Proof:
        before = await self._before() if request.prove else None
        deadline = time.monotonic() + request.wait
        entered, state_forgotten = await self._carried_out(event, request.wait)
        caches_aged = aged(entered.entry.erased_at, self._settings.keys.cache_seconds)
        members = await self._acknowledged(entered, caches_aged, deadline)
        acknowledged = {one.name: one.acknowledges(entered.partition, entered.offset) for one in members}
        return Proof(
            entry=entered.entry,
            acknowledged=[name for name, done in acknowledged.items() if done],
            outstanding=[name for name, done in acknowledged.items() if not done],
            state_forgotten=state_forgotten,
            caches_aged=caches_aged,
            issued=datetime.now(UTC),
            tests=None if before is None else await self._after(before),
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

    async def _carried_out(self, event: Erasure, wait: float) -> tuple[Entered, bool]:
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

    async def _acknowledged(self, entered: Entered, caches_aged: datetime, deadline: float) -> list[Member]:
        """The workers, once all have acted upon the entry, or time is up."""
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
                if members and all(one.acknowledges(entered.partition, entered.offset) for one in members):
                    return members
                if time.monotonic() >= deadline or datetime.now(UTC) >= caches_aged:
                    return members
                await asyncio.sleep(LOOK_SECONDS)
