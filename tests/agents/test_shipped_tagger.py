"""The shipped tagger behind the guard: people leave masked, the catalogue's own terms stay, queries are not read."""

from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

import pytest

from privacy.detect import Span, SpanTagger
from privacy.guard import Sensitive
from privacy.plaintext import Plaintext
from streams.name_tagger import tagger_of
from streams.settings import ModelSettings
from streams.views.terms import CatalogueTerms
from tests.agents.small_house import SmallHouse, item
from tests.standins.keys import local_guard

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("prepared_models")]

PEOPLE = ("Anna Brackenbury", "Peter Hollander")
TOPICS = ("reviews", "support-tickets", "resolutions")


class Listened:
    """A tagger, and the topics for which it was asked."""

    def __init__(self, tagger: SpanTagger) -> None:
        self._tagger = tagger
        self.topics: set[str] = set()

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        self.topics |= set(topics)
        return await self._tagger.tag(texts, topics)


@pytest.fixture
async def tagger() -> AsyncIterator[Listened]:
    async with tagger_of(ModelSettings(tagger="shipped:pii", threads=1)) as tagger:
        assert tagger is not None
        yield Listened(tagger)


def said(topic: str, person: str) -> Sensitive:
    return Sensitive(topic, "e1", "u1", {"text": Plaintext(f"Please ask for {person} when you call.")})


async def test_a_brand_or_title_that_looks_like_a_name_stays_and_people_do_not(
    tmp_path: Path, tagger: Listened
) -> None:
    house = SmallHouse(tmp_path)
    guard = local_guard(tmp_path / "kek.json", terms=CatalogueTerms(house.catalogue), tagger=tagger)
    given = [said(topic, person) for topic in TOPICS for person in PEOPLE]
    before = [one.masked["text"] for one in await guard.protect(given)]
    assert before == ["Please ask for [PERSON_1] when you call."] * len(given)
    await house.stock(item("p1", "Boots", brand=PEOPLE[0]), item("p2", PEOPLE[1]))
    after = [one.masked["text"] for one in await guard.protect(given)]
    assert after == [f"Please ask for {person} when you call." for _ in TOPICS for person in PEOPLE]
    (other,) = await guard.protect([said("reviews", "Margaret Thistlewood")])
    assert other.masked["text"] == "Please ask for [PERSON_1] when you call."


async def test_it_does_not_read_queries(tmp_path: Path, tagger: Listened) -> None:
    guard = local_guard(tmp_path / "kek.json", tagger=tagger)
    query, review = await guard.protect([said("queries", PEOPLE[0]), said("reviews", PEOPLE[0])])
    assert query.masked["text"] == "Please ask for Anna Brackenbury when you call."
    assert not query.names_sought
    assert review.kinds == {"PERSON": 1}
    assert tagger.topics == {"reviews"}
