"""A tagger and a policy: the model is asked once a batch, for all texts in which names are to be masked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from privacy.detect.span import Span, SpanTagger
from privacy.detect.tagger import TaggerDefect, tagged
from privacy.policy import FieldRule, Policy

Texts = Mapping[str, str]
"""An event's texts by field."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a tagger found in a batch.

    Args:
        spans: by text; None where there is no tagger.
    """

    spans: Mapping[str, Sequence[Span]] | None = field(default=None, repr=False)

    def of(self, text: str, rule: FieldRule) -> Sequence[Span]:
        """What was found in a text of a field with this rule; nothing where the rule wants no names.

        Raises:
            TaggerDefect: the tagger was not asked for it, so nothing is known of its names.
        """
        if self.spans is None or not (rule.names and text.strip()):
            return ()
        found = self.spans.get(text)
        if found is None:
            raise TaggerDefect("a text that names are to be masked in was not given to the tagger")
        return found


NO_TAGGER = Tagged()


class Tagging:
    """Asks a tagger for what a policy wants of it.

    Args:
        policy: says in which fields names are masked.
        tagger: None where there is none.
    """

    def __init__(self, policy: Policy, tagger: SpanTagger | None) -> None:
        self._policy = policy
        self._tagger = tagger

    def seeks(self, topic: str, fields: Iterable[str]) -> bool:
        """Whether the tagger is asked for any of an event's fields."""
        return self._tagger is not None and any(self._policy.rule(topic, name).names for name in fields)

    async def tagged(self, events: Sequence[tuple[str, Texts]]) -> Tagged:
        """What the tagger finds in these events' texts: distinct ones, not blank, in one call.

        Args:
            events: topic and texts of each.

        Raises:
            TaggerDefect: its answer is not one for these texts.
        """
        if self._tagger is None:
            return NO_TAGGER
        topics: set[str] = set()
        texts: dict[str, None] = {}
        for topic, fields in events:
            for name, text in fields.items():
                if text.strip() and self._policy.rule(topic, name).names:
                    topics.add(topic)
                    texts[text] = None
        wanted = list(texts)
        found = await tagged(self._tagger, wanted, topics) if wanted else []
        return Tagged(dict(zip(wanted, found, strict=True)))
