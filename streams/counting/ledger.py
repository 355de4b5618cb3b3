"""Inputs counted in, answers counted off. Knows no Kafka."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.contracts.reasons import Reason

AFTER_DECODING: Final = frozenset({Reason.PROCESSING_FAILED, Reason.CRASHED_WORKER, Reason.OUTPUT_TOO_LARGE})
"""Reasons of dead letters whose event was read, so that a later record of the same id may count as its resend."""

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies. As text it is what a dead letter names where it can't tell the event's id."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of the records of one input topic.

    Attributes:
        inputs: records that went in.
        answered: inputs that are a cause of a result.
        dead: inputs that became a dead letter, by reason.
        resends: inputs that repeat an earlier one's id and have no answer of their own.
        lost: inputs in no result and no dead letter, by id, or by place where they have none.
        doubled: inputs in more than one.
        strange: ids and places in results and dead letters that never went in, and output that can't be read.
    """

    inputs: int
    answered: int = 0
    dead: Mapping[str, int] = field(default_factory=dict)
    resends: int = 0
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()

    @property
    def dead_letters(self) -> int:
        """Inputs that became a dead letter, whatever the reason."""
        return sum(self.dead.values())

    @property
    def holds(self) -> bool:
        """Whether every input is accounted for exactly once, and nothing else is there."""
        return (
            not (self.lost or self.doubled or self.strange)
            and self.inputs == self.answered + self.dead_letters + self.resends
        )

    def document(self) -> dict[str, Any]:
        """The figures, for programs."""
        return {
            "holds": self.holds,
            "inputs": self.inputs,
            "answered": self.answered,
            "dead_letters": self.dead_letters,
            "dead_letters_by_reason": dict(self.dead),
            "resends": self.resends,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "strange": len(self.strange),
        }

    def __str__(self) -> str:
        resends = f" + {self.resends:,} resends" if self.resends else ""
        sign = "=" if self.holds else "!="
        equation = f"{self.inputs:,} in {sign} {self.answered:,} answered + {self.dead_letters:,} dead letters{resends}"
        return "; ".join([equation, *self._faults()])

    def _faults(self) -> Iterable[str]:
        for name, ids in (("lost", self.lost), ("doubled", self.doubled), ("strange", self.strange)):
            if ids:
                more = ", …" if len(ids) > SHOWN else ""
                yield f"{len(ids):,} {name} ({', '.join(ids[:SHOWN])}{more})"


class Ledger:
    """Counts inputs in and answers off; in any order.

    Results are matched by id; dead letters by the place of their input record, so that two bad records of one id are
    two.

    Args:
        topic: the input topic's name on the broker.
        ids: as in `Scope`.
    """

    def __init__(self, topic: str, ids: Callable[[str], bool] = lambda _: True) -> None:
        self._topic = topic
        self._ids = ids
        self._inputs: dict[Place, str | None] = {}
        self._answers: Counter[str] = Counter()
        self._letters: defaultdict[Place, list[_Letter]] = defaultdict(list)
        self._unreadable: list[str] = []

    def went_in(self, place: Place, event_id: str | None) -> None:
        """An input record; its id is None where it has none."""
        self._inputs[place] = event_id

    def result(self, causes: Iterable[str]) -> None:
        """A result that names these events as its causes."""
        self._answers.update(causes)

    def dead_letter(self, origin: Place, causes: Iterable[str], reason: str) -> None:
        """A dead letter for the record at `origin`; other topics' are left out."""
        if origin.topic == self._topic:
            self._letters[origin].append(_Letter(tuple(causes), reason))

    def unreadable(self, place: Place) -> None:
        """A record in an output topic that is no result."""
        self._unreadable.append(str(place))

    def balance(self) -> Balance:
        """The count, as far as was told."""
        by_id: defaultdict[str, list[Place]] = defaultdict(list)
        fates = _Fates(strange=list(self._unreadable))
        for place, event_id in self._inputs.items():
            if letters := self._letters.get(place):
                fates.bury(place, letters)
            if event_id is not None:
                by_id[event_id].append(place)
            elif not letters:
                fates.lost.append(str(place))
        for event_id, places in by_id.items():
            self._judge(event_id, places, fates)
        fates.strange += [one for one in self._answers if one not in by_id and self._ids(one)]
        fates.strange += self._strange_letters()
        return Balance(
            inputs=len(self._inputs),
            answered=fates.answered,
            dead=dict(sorted(fates.dead.items())),
            resends=fates.resends,
            lost=tuple(sorted(fates.lost)),
            doubled=tuple(sorted(fates.doubled)),
            strange=tuple(sorted(fates.strange)),
        )

    def _judge(self, event_id: str, places: list[Place], fates: "_Fates") -> None:
        """The records of one id: each dead, answered, or a resend of one that is."""
        buried = [place for place in places if place in self._letters]
        living, answers = len(places) - len(buried), self._answers[event_id]
        was_read = any(self._letters[place][0].reason in AFTER_DECODING for place in buried)
        if answers > living:
            fates.doubled.append(event_id)
        elif living and not answers and not was_read:
            fates.lost.append(event_id)
        else:
            fates.answered += answers
            fates.resends += living - answers

    def _strange_letters(self) -> Iterable[str]:
        """Names in dead letters for records that are not there, or that are another's than their record's."""
        for place, letters in self._letters.items():
            named = [cause for letter in letters for cause in letter.causes]
            if place in self._inputs:
                yield from (cause for cause in named if cause not in (self._inputs[place], str(place)))
            else:
                yield from filter(self._ids, named)


@dataclass(frozen=True, slots=True)
class _Letter:
    causes: tuple[str, ...]
    reason: str


@dataclass(slots=True)
class _Fates:
    """A balance in the making."""

    strange: list[str]
    answered: int = 0
    resends: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def bury(self, place: Place, letters: list[_Letter]) -> None:
        """An input with a dead letter."""
        self.dead[letters[0].reason] += 1
        if len(letters) > 1:
            self.doubled.append(str(place))
