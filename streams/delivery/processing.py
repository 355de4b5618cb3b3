"""A batch of records through a contract stage: decode, open, drop resends, understand, encode; and who is to blame.

A batch that fails is split until the culprit is alone; only that event is tried again, and becomes a dead letter. A
dependency that is away is nobody's fault: the batch waits for it.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from aiokafka import ConsumerRecord

from models.errors import EngineBroken, EngineClosed
from streams import metrics
from streams.contracts.events import Event
from streams.contracts.reasons import Reason
from streams.contracts.records import Tombstone
from streams.contracts.results import Result
from streams.delivery.causes import Positions, Received
from streams.delivery.dead_letters import Aside, DeadLetterOffice
from streams.delivery.decoding import Decoder, place, subject_of
from streams.delivery.encoding import Encoder, TooLarge
from streams.delivery.errors import DependencyUnavailable, StageDefect
from streams.delivery.fatal import describe
from streams.delivery.patience import Patience
from streams.delivery.records import Verdict
from streams.delivery.stage import AnyStage, Placed, Results, Withdrawal
from streams.delivery.timing import phase
from streams.health import Health

log = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS = (0.05, 0.2, 0.5, 1.0)
"""Waits between the tries of one event."""

MODELS = "models"
"""The engine, as the health report names what a topic waits for."""

MOST_DEATHS_PARSED = 6
"""Deaths up to which a condemned event is parsed for its id; past them parsing itself may be what kills."""


class Resends(Protocol):
    """Recognises a producer's own resends of an event."""

    async def repeated(self, received: Sequence[tuple[ConsumerRecord, str]]) -> list[bool]:
        """For each record and event id, whether the id came before at a lower offset of its partition."""
        ...


class StageProcessor:
    """Decides the records of one topic by its stage.

    Args:
        stage: the topic's function.
        house: what the function needs.
        encoder: results to records.
        dead_letters: puts events aside.
        resends: recognises resends.
        health: told what the stage waits for.
        attempts: tries of one event that fails alone.
        max_future: how far an event's time may lie ahead of the clock.
    """

    def __init__(
        self,
        stage: AnyStage,
        house: Any,  # noqa: ANN401 - its stage knows
        *,
        encoder: Encoder,
        dead_letters: DeadLetterOffice,
        resends: Resends,
        health: Health,
        attempts: int,
        max_future: timedelta,
    ) -> None:
        self._stage = stage
        self._house = house
        self._encoder = encoder
        self._dead_letters = dead_letters
        self._resends = resends
        self._patience = Patience(health)
        self._attempts = attempts
        self._decoder = Decoder(stage.consumes, house.guard, max_future)

    async def decide(self, records: Sequence[ConsumerRecord]) -> list[Verdict]:
        """One verdict a record, in order."""
        topic = records[0].topic
        verdicts: list[Verdict | None] = [None] * len(records)
        with phase(topic, "decode"):
            received, refused = await self._decoder.decode(records)
        for index, verdict in zip(refused, await self._put_aside(refused.values()), strict=True):
            verdicts[index] = verdict
        with phase(topic, "resends"):
            received = await self._drop_resends(received, verdicts)
        if received:
            for one, verdict in zip(received, await self._attempt(received), strict=True):
                verdicts[one.index] = verdict
        return [verdict for verdict in verdicts if verdict is not None]

    async def condemn(self, record: ConsumerRecord, deaths: int) -> Verdict:
        """The dead letter of an event that ended the worker each time."""
        log.error(
            "an event ended the worker again and again", extra={"place": place(record), "deaths": deaths}
        )
        event_id, subject = self._decoder.identity(record) if deaths <= MOST_DEATHS_PARSED else (None, None)
        (verdict,) = await self._put_aside(
            [Aside(record, Reason.CRASHED_WORKER, event_id=event_id, subject=subject, attempts=deaths)]
        )
        return verdict

    async def _drop_resends(self, received: list[Received], verdicts: list[Verdict | None]) -> list[Received]:
        """Leaves out what its producer sent again; we ourselves write nothing twice."""
        if not issubclass(self._stage.consumes.model, Event):
            return received
        repeated = await self._resends.repeated([(one.record, one.event.id) for one in received])
        for one, again in zip(received, repeated, strict=True):
            if again:
                verdicts[one.index] = Verdict(outcome="resend")
        return [one for one, again in zip(received, repeated, strict=True) if not again]

    async def _attempt(self, received: list[Received], tried: int = 0) -> list[Verdict]:
        """Verdicts on some events, whatever it takes: waiting, retrying one, or splitting many."""
        try:
            return await self._understand(received)
        except TooLarge as error:
            return await self._put_aside_too_large(received, error)
        except Exception as error:  # noqa: BLE001 - a stage may raise anything; the culprit must be found
            if len(received) > 1:
                metrics.SPLITS.labels(received[0].record.topic).inc()
                middle = len(received) // 2
                return [*await self._attempt(received[:middle]), *await self._attempt(received[middle:])]
            return await self._retry(received[0], error, tried + 1)

    async def _retry(self, one: Received, error: Exception, tried: int) -> list[Verdict]:
        """Tries an event that fails alone again, up to the bound."""
        log.warning(
            "an event failed",
            extra={
                "place": place(one.record),
                "attempt": tried,
                "of": self._attempts,
                "error": describe(error),
            },
        )
        if tried < self._attempts:
            metrics.RETRIES.labels(one.record.topic).inc()
            await asyncio.sleep(RETRY_SECONDS[min(tried, len(RETRY_SECONDS)) - 1])
            return await self._attempt([one], tried)
        aside = Aside(
            one.record,
            Reason.PROCESSING_FAILED,
            event_id=one.event.id,
            subject=subject_of(one.event),
            token=token_of(one.event),
            attempts=tried,
            error=error,
        )
        return await self._put_aside([aside])

    async def _understand(self, received: list[Received]) -> list[Verdict]:
        """One call of the stage, and its results as records, each with the event that it answers."""
        topic = received[0].record.topic
        with phase(topic, "stage"):
            given = self._given(received)
            results = await self._patience.until_done(topic, lambda: self._ask(given))
        with phase(topic, "encode"):
            return self._verdicts(received, results.all)

    async def _ask(self, given: list[Any]) -> Results:
        """The stage's results. Models that are gone are nobody's fault: the process is about to end."""
        try:
            return await self._stage(given, self._house)
        except (EngineBroken, EngineClosed) as error:
            raise DependencyUnavailable(MODELS) from error

    def _given(self, received: list[Received]) -> list[Any]:
        """The events as the stage takes them."""
        if not self._stage.keeps_state:
            return [one.event for one in received]
        return [Placed(one.event, one.record.partition, one.record.offset) for one in received]

    def _verdicts(self, received: list[Received], results: Sequence[Result | Tombstone]) -> list[Verdict]:
        """Gives each result to the event that caused it; in the first output topic, exactly one to each event."""
        main = self._stage.emits[0].model
        verdicts = [Verdict() for _ in received]
        unanswered = set(range(len(received)))
        positions = Positions(received)
        for result in results:
            caused = positions.of(result)
            if (result.of if isinstance(result, Tombstone) else type(result)) is main:
                if not unanswered.issuperset(caused):
                    raise StageDefect("an event was answered twice")
                unanswered.difference_update(caused)
            record = received[caused[0]].record
            verdicts[caused[0]].outgoing.append(self._encoder.encode(result, record))
        if unanswered:
            raise StageDefect(f"{len(unanswered)} events of a batch were not answered")
        return verdicts

    async def _put_aside(self, asides: Collection[Aside]) -> list[Verdict]:
        """Dead letters, once there are keys to seal their originals under."""
        if not asides:
            return []
        given = list(asides)
        return await self._patience.until_done(
            given[0].record.topic, lambda: self._dead_letters.letters(given)
        )

    async def _put_aside_too_large(self, received: list[Received], error: TooLarge) -> list[Verdict]:
        """The events whose answer is too large become dead letters; the others are tried without them."""
        large = [one for one in received if one.event.id in error.causes]
        asides = [
            Aside(
                one.record,
                Reason.OUTPUT_TOO_LARGE,
                event_id=one.event.id,
                subject=subject_of(one.event),
                token=token_of(one.event),
                detail=f"The answer has {error.size} bytes, more than {error.topic} takes.",
            )
            for one in large
        ]
        verdicts = dict(zip((one.index for one in large), await self._put_aside(asides), strict=True))
        rest = [one for one in received if one.index not in verdicts]
        if rest:
            verdicts |= zip((one.index for one in rest), await self._attempt(rest), strict=True)
        return [verdicts[one.index] for one in received]


def token_of(event: Event | Withdrawal) -> str | None:
    """The token of the person whom a change of a user is about."""
    token: str | None = getattr(event, "user", None)
    return token
