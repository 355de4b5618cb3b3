"""The models' tagger behind privacy's port: kinds, places, and whose texts come first."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from models.engine import Priority, Span
from models.errors import WeightsUnusable
from models.identity import ModelIdentity
from privacy.guard import Sensitive
from privacy.plaintext import Plaintext
from privacy.policy import NAMES
from streams.name_tagger import KINDS, NameTagger, tagger_of
from streams.settings import ModelSettings
from tests.models.plain import PLAIN
from tests.models.tiny_folders import eager_tagger
from tests.standins.keys import local_guard

if TYPE_CHECKING:
    from models.pii import TextTagger


class Prepared:
    """A tagger with one answer, that remembers for whom it was asked."""

    identity = ModelIdentity("prepared", "1", "0" * 64)

    def __init__(self, labels: Sequence[str], spans: Sequence[Span] = ()) -> None:
        self.labels = frozenset(labels)
        self.spans = list(spans)
        self.priorities: list[Priority] = []

    async def tag(self, texts: Sequence[str], priority: Priority) -> list[list[Span]]:
        self.priorities.append(priority)
        return [self.spans for _ in texts]


def joined(prepared: Prepared) -> NameTagger:
    return NameTagger(cast("TextTagger", prepared))


async def test_labels_become_kinds_that_policies_know_and_others_are_left_out() -> None:
    spans = [Span(0, 3, "person", 1.0), Span(4, 6, "MISC", 0.9), Span(8, 9, "PLACE", 0.7)]
    tagger = joined(Prepared(["person", "MISC", "PLACE"], spans))
    ((one, two),) = await tagger.tag(["abc de fgh"])
    assert (one.start, one.end, one.label, one.score) == (0, 3, "PERSON", 1.0)
    assert (two.start, two.label, two.score) == (8, "LOCATION", 0.7)
    assert set(KINDS.values()) == NAMES


def test_a_model_that_tells_no_names_is_refused() -> None:
    with pytest.raises(WeightsUnusable, match=r"models\.tagger: prepared tells NOUN, VERB"):
        joined(Prepared(["NOUN", "VERB"]))


@pytest.mark.parametrize(
    ("topics", "priority"),
    [
        ((), Priority.REVIEW),
        (("reviews",), Priority.REVIEW),
        (("support-tickets",), Priority.TICKET),
        (("queries", "reviews"), Priority.QUERY),
        (("resolutions",), Priority.BACKFILL),
    ],
)
async def test_who_waits_comes_first(topics: Any, priority: Priority) -> None:
    prepared = Prepared(["PERSON"])
    await joined(prepared).tag(["a"], topics)
    assert prepared.priorities == [priority]


async def test_a_guard_masks_what_a_real_model_tags_of_texts_of_any_length(tmp_path: Path) -> None:
    """On a model of random weights that takes every word for something, and 60 tokens at most."""
    settings = ModelSettings(tagger=f"path:{eager_tagger(tmp_path)}", threads=1, **PLAIN)
    texts = ["anna", "anna petrova lives at 12 elm street, york! " * 20]
    async with tagger_of(settings) as tagger:
        guard = local_guard(tmp_path / "kek.json", tagger=tagger)
        protected = await guard.protect(
            [
                Sensitive("reviews", f"e{number}", "u1", {"text": Plaintext(text)})
                for number, text in enumerate(texts)
            ]
        )
    for one in protected:
        assert not {"anna", "petrova", "elm", "york"} & set(re.findall("[a-z]+", one.masked["text"]))
        assert set(one.kinds) <= {"PERSON", "LOCATION"}
        assert list(one.sealed) == ["text"]


async def test_no_tagger_is_loaded_where_none_is_named() -> None:
    async with tagger_of(ModelSettings(tagger="")) as tagger:
        assert tagger is None
