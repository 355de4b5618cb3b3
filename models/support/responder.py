"""Answer tickets from what is known, or hand them to a person with what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.support.calibration import Calibration, calibrate
from models.support.memory import Source, SupportMemory, Vectors
from models.support.person_wanted import asks_for_person
from models.support.personal import impersonal
from models.support.space import Near, Space, spoken
from models.support.voting import FOUND, Verdict, weigh
from models.support.wording import Wording, articles_of, word

HandoffReason = Literal[
    "asked_for_person", "no_source", "low_confidence", "personal_answer", "conflicting_sources"
]
"""Why a person should answer: the customer asked for one; nothing is known; the best answer is too unsure; it was about
another customer; another source says the same with other numbers."""

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
    """What a ticket is about: the first tag of the answer's sources, and the vote's share for that tag."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a ticket, or its handoff.

    Attributes:
        reply: an answer from the memory, word for word but for names in greetings; None where a person should answer.
        citations: the source whose words those are, then others of its topic, best first; at most three.
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
        return [verdict for verdict, _ in self._weigh(tickets, vectors, self.calibration.space)]

    def _weigh(
        self, tickets: Sequence[Ticket], vectors: Vectors, space: Space
    ) -> list[tuple[Verdict | None, str | None]]:
        """Verdicts, and what language each ticket is taken to be in."""
        found = self._memory.neighbours(vectors, [FOUND] * len(tickets))
        languages = [spoken(ticket.language, near) for ticket, near in zip(tickets, found, strict=True)]
        return [
            (weigh(space.rank(self._memory, vector, language, near), language), language)
            for vector, language, near in zip(vectors, languages, found, strict=True)
        ]

    def respond(self, tickets: Sequence[Ticket], vectors: Vectors) -> list[Answer]:
        """Answer tickets.

        Args:
            tickets: what was asked.
            vectors: of their `ticket_text`, embedded as queries: float32 [n, width], unit rows.
        """
        calibration = self.calibration  # once: another thread may replace it
        weighed = self._weigh(tickets, vectors, calibration.space)
        answers = []
        for ticket, vector, (verdict, language) in zip(tickets, vectors, weighed, strict=True):
            wanted = asks_for_person(ticket_text(ticket))
            if verdict is None:
                answers.append(Answer(None, (), 0.0, "asked_for_person" if wanted else "no_source", None))
                continue
            confidence = float(calibration.weights.probabilities([verdict.evidence])[0])
            articles = articles_of(verdict.best, self._memory, calibration.space, vector, language)
            wording = word(verdict.best, articles, language)
            answers.append(
                _answer(verdict, wording, confidence, self._handoff(wording, confidence, wanted=wanted))
            )
        return answers

    def _handoff(self, wording: Wording, confidence: float, *, wanted: bool) -> HandoffReason | None:
        if wanted:
            return "asked_for_person"
        if confidence < self.threshold:
            return "low_confidence"
        if wording.text is None:
            return "personal_answer"
        return "conflicting_sources" if wording.conflicting else None


def _answer(verdict: Verdict, wording: Wording, confidence: float, handoff: HandoffReason | None) -> Answer:
    kind, label = verdict.best.topic
    return Answer(
        reply=wording.text if handoff is None else None,
        citations=tuple(_cited(one) for one in wording.sources[:MOST_CITATIONS]),
        confidence=confidence,
        handoff=handoff,
        draft=None if handoff is None else wording.text or wording.source.answer,
        intent=Intent(label, verdict.best.share) if kind == "tag" else None,
    )


def _cited(near: Near) -> Cited:
    answer = near.source.answer
    return Cited(
        near.source, near.similarity, answer[:LONGEST_QUOTE] if impersonal(answer) == answer else None
    )
