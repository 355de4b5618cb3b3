"""How exact and how fast detectors are on annotated texts."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from privacy.detect.span import Span, merged
from privacy.evaluation.alignment import ANY, Entity, align
from privacy.evaluation.annotated import AnnotatedText
from privacy.evaluation.labels import PATTERN_KINDS, TAGGER_KINDS, LabelMap, related
from privacy.evaluation.scores import Score, Scoreboard
from privacy.evaluation.shapes import Shapes, shapes_of_errors
from privacy.evaluation.turns import Progress, System, Turns, in_turns, ratios

PATTERNS = "pattern kinds"
TAGGER = "tagger kinds"
BOTH = "patterns and tagger"
LABELLED = "all labelled kinds"
ANY_KIND = "any kind"


@dataclass(frozen=True, slots=True)
class SystemReport:
    """What one system reached.

    Attributes:
        about: versions and settings.
        texts_timed: texts that count for speed: all but the first, which warm up, where there are enough.
        texts_per_second: on those.
        groups: scores of several kinds together: what patterns find; what a tagger finds; both; all kinds that the data
            set labels, or that are related to those; and `any kind`, which asks only whether personal data was masked.
        kinds: the score of each kind that was labelled or found.
        not_covered: labelled kinds that the system doesn't look for. They are part of the groups all the same.
        shapes: of the errors with pattern kinds.
    """

    about: str
    texts_timed: int
    texts_per_second: float
    groups: Mapping[str, Score]
    kinds: Mapping[str, Score]
    not_covered: Sequence[str]
    shapes: Shapes


@dataclass(frozen=True, slots=True)
class Speed:
    """How many times as fast the first system is as another, in the same run on the same texts.

    Attributes:
        ratio: of the texts a second over all turns.
        median: of the turns.
        lowest: of the turns.
    """

    ratio: float
    median: float
    lowest: float


@dataclass(frozen=True, slots=True)
class DetectionReport:
    """An evaluation of detectors, the first of which is compared with the others."""

    texts: int
    systems: Mapping[str, SystemReport]
    times_as_fast_as: Mapping[str, Speed]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def evaluate_detection(
    texts: Sequence[AnnotatedText],
    systems: Sequence[System],
    labels: LabelMap,
    progress: Progress = lambda _done: None,
) -> DetectionReport:
    """Run all systems over the texts in turns, and score what they find (see `alignment` for the rules).

    Args:
        texts: at least one.
        systems: ours first.
        labels: of the texts and of the systems.
        progress: is told how many texts all systems have done.
    """
    turns = in_turns([one.text for one in texts], systems, progress)
    return DetectionReport(
        texts=len(texts),
        systems={
            system.name: _scored(system, texts, one, labels)
            for system, one in zip(systems, turns, strict=True)
        },
        times_as_fast_as={
            system.name: _speed(turns[0], one) for system, one in zip(systems[1:], turns[1:], strict=True)
        },
    )


def _scored(system: System, texts: Sequence[AnnotatedText], turns: Turns, labels: LabelMap) -> SystemReport:
    truth = [_labelled(one, labels) for one in texts]
    found = [_found(spans, labels) for spans in turns.findings]
    board = Scoreboard([align(one.text, *pair) for one, *pair in zip(texts, truth, found, strict=True)])
    labelled = {entity.kind for entities in truth for entity in entities}
    groups = {
        PATTERNS: PATTERN_KINDS,
        TAGGER: TAGGER_KINDS,
        BOTH: PATTERN_KINDS | TAGGER_KINDS,
        LABELLED: {kind for kind in board.kinds if any(related(kind, other) for other in labelled)},
        ANY_KIND: {ANY},
    }
    return SystemReport(
        about=system.about,
        texts_timed=turns.texts_timed,
        texts_per_second=turns.texts_per_second,
        groups={name: board.score(kinds) for name, kinds in groups.items()},
        kinds={kind: board.score({kind}) for kind in board.kinds if kind != ANY},
        not_covered=sorted(labelled - system.kinds),
        shapes=shapes_of_errors([one.text for one in texts], truth, found, PATTERN_KINDS),
    )


def _labelled(text: AnnotatedText, labels: LabelMap) -> list[Entity]:
    return [Entity(one.start, one.end, labels.kind(one.label)) for one in text.annotations]


def _found(spans: Sequence[Span], labels: LabelMap) -> list[Entity]:
    return [Entity(one.start, one.end, labels.kind(one.label)) for one in merged(spans)]


def _speed(ours: Turns, peers: Turns) -> Speed:
    by_turn = ratios(ours, peers)
    return Speed(
        ratio=ours.texts_per_second / peers.texts_per_second,
        median=statistics.median(by_turn),
        lowest=min(by_turn),
    )
