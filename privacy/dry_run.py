"""A dry run: what the policy would do to texts, with reasons, and without keys."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy.detect.detector import Detector
from privacy.detect.explanation import Explanation
from privacy.detect.span import Span, SpanTagger
from privacy.masker import MaskedField, Masker, Stays
from privacy.plaintext import Plaintext
from privacy.policy import FieldRule, Policy, ProtectedTerms
from privacy.tagging import Tagged, Tagging
from privacy.tokens import Tokeniser

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Found:
    """One finding.

    Args:
        span: where it stands, in code points, its kind and score, and who found it.
        stays: why it stays in the text; None if it is replaced.
        becomes: what it is replaced by, empty if it stays.
        value: what was found; personal data.
    """

    span: Span
    stays: Stays | None
    becomes: str
    value: Plaintext


@dataclass(frozen=True, slots=True)
class FieldReport:
    """What would become of one field.

    Args:
        name: of the field.
        rule: the policy's.
        findings: in order of appearance.
        leaves: the text as it would leave; it may hold what stays.
        candidates: all that was considered, also what was rejected and why; empty unless asked for.
    """

    name: str
    rule: FieldRule
    findings: Sequence[Found]
    leaves: Plaintext
    candidates: Sequence[Explanation] = ()

    @property
    def replaced(self) -> int:
        """How many findings would be replaced."""
        return sum(one.stays is None for one in self.findings)


class DryRun:
    """Does to texts what a worker's guard would do. Tokens are under a key of this run, not the installation's.

    Args:
        detector: as the worker's.
        policy: as the worker's.
        terms: the catalogue's protected terms, if they are at hand.
        tagger: as the worker's.
    """

    def __init__(
        self,
        detector: Detector,
        policy: Policy,
        terms: ProtectedTerms | None = None,
        tagger: SpanTagger | None = None,
    ) -> None:
        self._detector = detector
        self._tagging = Tagging(policy, tagger)
        self._masker = Masker(detector, policy, Tokeniser(os.urandom(_KEY_BYTES)), terms)

    async def report(
        self, events: Sequence[tuple[str, Mapping[str, Plaintext]]], *, explain: bool = False
    ) -> list[list[FieldReport]]:
        """What would become of each event's fields.

        Args:
            events: topic and texts of each; a batch is searched at once.
            explain: whether to say what was considered and rejected; takes longer.

        Raises:
            TaggerDefect: the tagger's answer is not one for these texts.
        """
        texts = [(topic, {name: text.reveal() for name, text in fields.items()}) for topic, fields in events]
        tagged = await self._tagging.tagged(texts)
        masked = self._masker.masked(texts, tagged)
        return [
            [self._field(name, one[name], field, tagged, explain=explain) for name, field in fields.items()]
            for (_, one), fields in zip(texts, masked, strict=True)
        ]

    def _field(
        self, name: str, text: str, field: MaskedField, tagged: Tagged, *, explain: bool
    ) -> FieldReport:
        findings = sorted(self._findings(text, field), key=lambda one: (one.span.start, one.span.end))
        looked = explain and field.rule.treatment.looks
        candidates = self._detector.explain(text, tagged.of(text, field.rule)) if looked else ()
        return FieldReport(name, field.rule, findings, Plaintext(field.text), candidates)

    def _findings(self, text: str, field: MaskedField) -> Iterator[Found]:
        for span in [*field.kept, *field.replaced]:
            value = text[span.start : span.end]
            stays = self._masker.why_stays(field.rule, span.label, value)
            becomes = "" if stays or field.placeholders is None else field.placeholders.of(span.label, value)
            yield Found(span, stays, becomes, Plaintext(value))
