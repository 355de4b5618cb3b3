"""Answer tickets from what is known, or hand them to a person with what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.support.calibration import Calibration, calibrate
from models.support.memory import Source, SupportMemory, Vectors
from models.support.person_wanted import asks_for_person
from models.support.personal import impersonal
from models.support.voting import NEIGHBOURS, Candidate, Scale, Verdict, weigh

HandoffReason = Literal["asked_for_person", "no_source", "low_confidence", "personal_answer"]
"""Why a person should answer: the customer asked for one; nothing is known; the best answer is too unsure; the best
answer was about another customer."""

THRESHOLD = 0.8
MOST_CITATIONS = 3
LONGEST_QUOTE = 300
"""Code points."""
_FEWEST_CHANGES = 50
_CHANGED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Ticket:
    """A customer's question; all text is masked. `language` is BCP 47 (RFC 5646)."""

    text: str
    subject: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A source behind an answer.

    Attributes:
        score: its cosine to the ticket.
        quote: the opening of its answer, literally; None where that has another customer's data in it.
    """

    source: Source
    score: float
    quote: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a ticket is about: the first tag of the best answer's sources, and the vote's share for that tag."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a ticket, or its handoff.

    Attributes:
        reply: an answer from the memory, word for word but for names in greetings; None where a person should answer.
        citations: the sources that gave that answer, best first, at most three.
        confidence: calibrated probability that the reply, or the draft, settles the ticket.
        handoff: why a person should answer.
        draft: the best answer that was found, for that person; may hold placeholders of another customer's data.
        intent: None where the sources have no tags.
    """

    reply: str | None
    citations: tuple[Cited, ...]
    confidence: float
    handoff: HandoffReason | None
    draft: str | None
    intent: Intent | None = None


def ticket_text(ticket: Ticket) -> str:
    """What of a ticket is embedded: its subject and its text."""
    return f"{ticket.subject}\n{ticket.text}" if ticket.subject else ticket.text


class Responder:
    """Replies from a memory of sources.

    Args:
        memory: what is known; changes to it count at once.
        threshold: least confidence of a reply.

    Attributes:
        threshold: as given; may be changed.
        calibration: how evidence becomes confidence; the shipped one until `recalibrate`.
    """

    def __init__(self, memory: SupportMemory, threshold: float = THRESHOLD) -> None:
        self.calibration = Calibration()
        self._memory = memory
        self.threshold = threshold
        self._calibrated_at = 0

    @property
    def recalibration_due(self) -> bool:
        """Whether a fifth of the memory, and at least 50 sources, changed since the last calibration."""
        changed = self._memory.generation - self._calibrated_at
        return changed >= max(_FEWEST_CHANGES, _CHANGED_SHARE * len(self._memory))

    def recalibrate(self) -> Calibration:
        """Calibrate on the memory as it is now; takes seconds, and may run in a thread beside all else."""
        generation = self._memory.generation
        self.calibration = calibrate(self._memory)
        self._calibrated_at = generation
        return self.calibration

    def weigh(self, tickets: Sequence[Ticket], vectors: Vectors) -> list[Verdict | None]:
        """The candidates for each ticket; None while the memory is empty. Arguments as in `respond`."""
        return self._weigh(tickets, vectors, self.calibration.scale)

    def _weigh(self, tickets: Sequence[Ticket], vectors: Vectors, scale: Scale) -> list[Verdict | None]:
        near = self._memory.neighbours(vectors, [NEIGHBOURS] * len(tickets))
        return [weigh(found, scale, ticket.language) for ticket, found in zip(tickets, near, strict=True)]

    def respond(self, tickets: Sequence[Ticket], vectors: Vectors) -> list[Answer]:
        """Answer tickets.

        Args:
            tickets: what was asked.
            vectors: of their `ticket_text`, embedded as queries: float32 [n, width], unit rows.
        """
        calibration = self.calibration  # once: another thread may replace it
        verdicts = self._weigh(tickets, vectors, calibration.scale)
        chances = calibration.weights.probabilities([one.evidence for one in verdicts if one is not None])
        confidences = iter(chances.tolist())
        return [
            self._answer(ticket, verdict, 0.0 if verdict is None else next(confidences))
            for ticket, verdict in zip(tickets, verdicts, strict=True)
        ]

    def _answer(self, ticket: Ticket, verdict: Verdict | None, confidence: float) -> Answer:
        wanted = asks_for_person(ticket_text(ticket))
        if verdict is None:
            return Answer(None, (), 0.0, "asked_for_person" if wanted else "no_source", None)
        source, reply = _wording(verdict.best)
        handoff: HandoffReason | None = None
        if wanted:
            handoff = "asked_for_person"
        elif confidence < self.threshold:
            handoff = "low_confidence"
        elif reply is None:
            handoff = "personal_answer"
        return Answer(
            reply=reply if handoff is None else None,
            citations=_citations(verdict.best, source),
            confidence=confidence,
            handoff=handoff,
            draft=None if handoff is None else reply or source.answer,
            intent=_intent(verdict, source),
        )


def _wording(candidate: Candidate) -> tuple[Source, str | None]:
    """The source whose words are used, and its answer for another customer; None where it may not be given."""
    # Of equally similar sources the newest: it says what holds now.
    ranked = sorted(candidate.supporters, key=lambda one: (-one.similarity, -one.source.updated))
    worded = ((one.source, impersonal(one.source.answer)) for one in ranked)
    return next(((source, text) for source, text in worded if text is not None), (ranked[0].source, None))


def _citations(candidate: Candidate, worded: Source) -> tuple[Cited, ...]:
    """The source that is quoted comes first, the others by similarity."""
    ranked = sorted(candidate.supporters, key=lambda one: (one.source.id != worded.id, -one.similarity))
    return tuple(Cited(one.source, one.similarity, _quote(one.source)) for one in ranked[:MOST_CITATIONS])


def _quote(source: Source) -> str | None:
    return source.answer[:LONGEST_QUOTE] if impersonal(source.answer) == source.answer else None


def _intent(verdict: Verdict, source: Source) -> Intent | None:
    if not source.tags:
        return None
    label = source.tags[0]
    supporters = (one for candidate in verdict.candidates for one in candidate.supporters)
    return Intent(label, sum(one.share for one in supporters if one.source.tags[:1] == (label,)))
