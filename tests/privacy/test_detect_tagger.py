"""The seam to a tagger model: its findings join those of the patterns, and a broken answer is an error."""

from collections.abc import Collection, Sequence

import pytest

from privacy import Detector, Span, SpanTagger
from privacy.detect import TaggerDefect
from privacy.detect.tagger import tagged


class Names:
    """A tagger that knows one name, is unsure of another, and takes "@work" for a place."""

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        return [
            [
                Span(text.index(word), text.index(word) + len(word), label, score, "names")
                for word, label, score in (
                    ("Anna", "PERSON", 0.9),
                    ("Rose", "PERSON", 0.2),
                    ("k@work", "PLACE", 0.6),
                )
                if word in text
            ]
            for text in texts
        ]


class Says:
    """A tagger with a prepared answer."""

    def __init__(self, answer: list[list[Span]]) -> None:
        self.answer = answer

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        return self.answer


async def detected(tagger: SpanTagger, texts: Sequence[str], **thresholds: float) -> list[list[Span]]:
    return Detector(thresholds=thresholds).detect(texts, await tagged(tagger, texts))


async def test_a_tagger_adds_its_sure_findings_to_each_text_of_the_batch_in_order() -> None:
    spans = await detected(Names(), ["Anna in Rose, anna@example.org", "", "4111111111111111", "Anna"])
    assert [[span.label for span in text] for text in spans] == [
        ["PERSON", "EMAIL"],
        [],
        ["CARD"],
        ["PERSON"],
    ]


async def test_where_tagger_and_patterns_overlap_the_surest_names_the_union() -> None:
    text = "mail anna.k@work.example"
    ((span,),) = await detected(Names(), [text])
    assert (span.label, text[span.start : span.end]) == ("EMAIL", "anna.k@work.example")


async def test_the_threshold_of_its_kind_holds_for_a_tagger_too() -> None:
    (found,) = await detected(Names(), ["Anna in Rose"], PERSON=0.1)
    assert [span.start for span in found] == [0, 8]
    assert await detected(Names(), ["Anna"], PERSON=0.95) == [[]]


async def test_explanations_hold_the_taggers_findings() -> None:
    (found,) = await tagged(Names(), ["Anna in Rose"])
    explained = Detector().explain("Anna in Rose", found)
    assert [(one.span.label, one.verdict.value, one.pattern_score) for one in explained] == [
        ("PERSON", "found", 0.9),
        ("PERSON", "below threshold", 0.2),
    ]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([[Span(0, 9, "PERSON", 0.9, "t")]], "outside its text"),
        ([[Span(-1, 2, "PERSON", 0.9, "t")]], "outside its text"),
        ([[Span(2, 2, "PERSON", 0.9, "t")]], "empty"),
        ([[Span(3, 4, "PERSON", 0.9, "t"), Span(0, 2, "PERSON", 0.9, "t")]], "out of order"),
        ([[Span(0, 3, "PERSON", 0.9, "t"), Span(2, 4, "PERSON", 0.9, "t")]], "overlaps"),
        ([[Span(0, 3, "PERSON", 1.9, "t")]], "score"),
        ([], "0 answers for 1 texts"),
    ],
)
async def test_a_taggers_broken_answer_is_an_error_that_shows_no_text(
    answer: list[list[Span]], message: str
) -> None:
    with pytest.raises(TaggerDefect, match=message) as raised:
        await tagged(Says(answer), ["Rose"])
    assert "Says" in str(raised.value)
    assert "Rose" not in str(raised.value)
