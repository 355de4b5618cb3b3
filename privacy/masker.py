"""The masker: what a policy makes of events' texts, without keys for their originals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from privacy.detect.detector import Detector
from privacy.detect.span import Span, merged
from privacy.echoes import Echoes
from privacy.mask import mask
from privacy.placeholders import DROPPED, DROPPED_KIND, Numbering, Placeholders, ValueTokens
from privacy.policy import NAMES, FieldRule, Policy, ProtectedTerms, Treatment
from privacy.tagging import NO_TAGGER, Tagged, Texts
from privacy.tokens import Tokeniser


class Stays(StrEnum):
    """Why a finding is left in the text."""

    KIND = "its kind is not one that this field's rule masks"
    ALLOWED = "it is on the allow list"
    TERM = "it is a term of the catalogue"


@dataclass(frozen=True, slots=True)
class MaskedField:
    """A field as it may leave.

    Args:
        text: with its findings replaced.
        rule: the policy's for this field.
        replaced: what was replaced, sorted, in code points of the original.
        kept: what was found and stays.
        placeholders: tells what stands for what was replaced; None where nothing was.
    """

    text: str
    rule: FieldRule
    replaced: Sequence[Span] = ()
    kept: Sequence[Span] = ()
    placeholders: Placeholders | None = None


class Masker:
    """Masks events' texts by a policy.

    Args:
        detector: what counts as personal data.
        policy: which field is treated how.
        tokeniser: for fields that are tokenised.
        terms: the catalogue's protected terms.
    """

    def __init__(
        self,
        detector: Detector,
        policy: Policy,
        tokeniser: Tokeniser,
        terms: ProtectedTerms | None = None,
    ) -> None:
        self._detector = detector
        self._policy = policy
        self._tokens = ValueTokens(tokeniser)
        self._terms = terms

    def masked(
        self, events: Sequence[tuple[str, Texts]], tagged: Tagged = NO_TAGGER
    ) -> list[dict[str, MaskedField]]:
        """Each event's fields as they may leave.

        Args:
            events: topic and texts of each; all are searched in one call of the detector.
            tagged: what a tagger found in them (see `Tagging`).

        Raises:
            TaggerDefect: it was asked for other texts.
        """
        rules = [{name: self._policy.rule(topic, name) for name in texts} for topic, texts in events]
        searched = list(_searched(events, rules))
        findings = iter(
            self._detector.findings(
                [text for text, _ in searched], [tagged.of(text, rule) for text, rule in searched]
            )
        )
        result: list[dict[str, MaskedField]] = []
        for (_, texts), ruled in zip(events, rules, strict=True):
            found = {name: next(findings) if ruled[name].treatment.looks else [] for name in texts}
            if any(found.values()):
                result.append(self._replaced(texts, ruled, found))
            else:
                result.append({name: _untouched(text, ruled[name]) for name, text in texts.items()})
        return result

    def why_stays(self, rule: FieldRule, label: str, value: str) -> Stays | None:
        """Why a finding stays under `rule`; None if it is replaced."""
        if not _counts(rule, label):
            return Stays.KIND
        if self._policy.allow.is_term(value):
            return Stays.ALLOWED
        if self._terms is not None and (rule.keep_terms or label in NAMES) and self._terms.is_term(value):
            return Stays.TERM
        return None

    def _replaced(
        self, texts: Texts, rules: Mapping[str, FieldRule], found: Mapping[str, list[Span]]
    ) -> dict[str, MaskedField]:
        """One event in which something was found."""
        numbering, echoes = Numbering(), Echoes()
        judged = {name: self._judged(text, rules[name], found[name]) for name, text in texts.items()}
        for name, text in texts.items():
            echoes.note(text, judged[name][0])
        fields: dict[str, MaskedField] = {}
        for name, text in texts.items():
            rule, (wanted, kept) = rules[name], judged[name]
            if not rule.treatment.looks:
                fields[name] = _untouched(text, rule)
                continue
            again = echoes.within(text, wanted, partial(self._stays, rule))
            replaced = sorted([*wanted, *again], key=lambda span: span.start)
            placeholders = self._tokens if rule.treatment is Treatment.TOKENISE else numbering
            fields[name] = MaskedField(mask(text, replaced, placeholders), rule, replaced, kept, placeholders)
        return fields

    def _judged(self, text: str, rule: FieldRule, found: Sequence[Span]) -> tuple[list[Span], list[Span]]:
        """What is to be replaced in a text, sorted and disjoint; and what stays.

        Kinds that don't count are left out before overlaps are resolved, so that none covers one that counts.
        Terms are looked for afterwards: parts of an article number are none.
        """
        wanted: list[Span] = []
        kept = [span for span in found if not _counts(rule, span.label)]
        for span in merged([span for span in found if _counts(rule, span.label)]):
            stays = self._stays(rule, span.label, text[span.start : span.end])
            (kept if stays else wanted).append(span)
        return wanted, kept

    def _stays(self, rule: FieldRule, label: str, value: str) -> bool:
        return self.why_stays(rule, label, value) is not None


def _counts(rule: FieldRule, label: str) -> bool:
    return rule.kinds is None or label in rule.kinds


def kinds(fields: Iterable[MaskedField]) -> dict[str, int]:
    """How many placeholders of each kind an event got."""
    counts: dict[str, int] = {}
    for field in fields:
        for span in field.replaced:
            counts[span.label] = counts.get(span.label, 0) + 1
        if field.rule.treatment is Treatment.DROP:
            counts[DROPPED_KIND] = counts.get(DROPPED_KIND, 0) + 1
    return counts


def _searched(
    events: Sequence[tuple[str, Texts]], rules: Sequence[Mapping[str, FieldRule]]
) -> Iterator[tuple[str, FieldRule]]:
    """The texts in which something is looked for, each with its rule."""
    for (_, texts), ruled in zip(events, rules, strict=True):
        for name, text in texts.items():
            if ruled[name].treatment.looks:
                yield text, ruled[name]


def _untouched(text: str, rule: FieldRule) -> MaskedField:
    """A field in which nothing was looked for, or found."""
    return MaskedField(DROPPED if rule.treatment is Treatment.DROP else text, rule)
