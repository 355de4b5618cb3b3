"""The seam to a tagger model: its answers are checked before they count, because a wrong offset is a leak."""

from collections.abc import Collection, Sequence

from privacy.detect.span import Span, SpanTagger
from privacy.errors import PrivacyError


class TaggerDefect(PrivacyError):
    """A tagger broke the contract of `SpanTagger`; the message says how, and holds no text."""


async def tagged(tagger: SpanTagger, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
    """What `tagger` finds in each of `texts`, in one call; arguments as of `SpanTagger.tag`.

    Raises:
        TaggerDefect: it answered another number of texts, or a finding is empty, reaches outside its text,
            overlaps another one or is out of order, or has a score that is not in 0..1.
    """
    answers = await tagger.tag(texts, topics)
    name = type(tagger).__name__
    if len(answers) != len(texts):
        raise TaggerDefect(
            f"tagger {name}: {len(answers)} answers for {len(texts)} texts; one each is needed"
        )
    for number, (text, spans) in enumerate(zip(texts, answers, strict=True)):
        position = 0
        for span in spans:
            fault = _fault(span, position, len(text))
            if fault:
                raise TaggerDefect(
                    f"tagger {name}, text {number} of the batch, span {span.start}..{span.end} ({span.label}): "
                    f"{fault}; the text has {len(text)} code points"
                )
            position = span.end
    return answers


def _fault(span: Span, position: int, length: int) -> str:
    if not 0 <= span.start < span.end <= length:
        return "it is empty or reaches outside its text"
    if span.start < position:
        return "it overlaps the one before it, or is out of order"
    if not 0 <= span.score <= 1:
        return f"its score {span.score} is not in 0..1"
    return ""
