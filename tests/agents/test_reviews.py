"""Reviews: an insight each, and what it says about its author."""

from collections.abc import Sequence
from typing import Any

from models.reviews import Reading
from privacy.guard import WHOLE_EVENT
from streams.agents.reviews import understand_reviews
from streams.contracts.events import Review
from streams.contracts.records import UserChange
from streams.contracts.results import ModelRef, ReviewInsight
from streams.contracts.topics import REVIEWS
from streams.releases.serving import Serving, Version
from streams.review_readers import ReviewReaders
from tests.agents.small_house import (
    NOW,
    SmallHouse,
    decide,
    each_in_one,
    event,
    of_type,
    put,
    results_of,
    written,
)
from tests.standins.house import Behaviour, StandInReader, serving


class Answering:
    """A reader that says who it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[list[str]] = []

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        self.calls.append(list(texts))
        return [Reading(f"{self.name} {text}", (0.0, 0.0, 1.0)) for text in texts]


def serving_one(reader: Answering) -> Serving[Answering]:
    return Serving(Version(reader, [ModelRef(id=reader.name, version="1", digest="none")]))


SECRET = "Ask mia@example.com about the fit."


def review(event_id: str = "r1", text: str = "Fits well.", user: str = "u1", **fields: Any) -> Review:
    one: Review = event(REVIEWS, event_id, text=text, user_id=user, product_id="boots", **fields)
    return one


async def test_every_review_is_in_one_insight(house: SmallHouse) -> None:
    records = put(REVIEWS, [review("a"), review("b"), review("a", user="u2"), review("c", title="Fine")])
    verdicts = await decide(understand_reviews, house, records)
    assert each_in_one(understand_reviews, records, verdicts)
    assert [len(verdict.outgoing) for verdict in verdicts] == [2, 2, 2, 2]


async def test_an_insight_has_the_feeling_and_its_author_a_change_with_it(house: SmallHouse) -> None:
    insight, change = await results_of(understand_reviews, house, review(rating=4, language="en"))
    assert isinstance(insight, ReviewInsight)
    assert insight.sentiment.label == "positive"
    assert insight.sentiment.probabilities.positive == 0.75
    assert (insight.stars, insight.helpfulness) == (4.5, None)
    assert [(one.aspect, one.sentiment, one.probability) for one in insight.aspects] == [
        ("fit", "positive", 0.875)
    ]
    assert (insight.text, insight.rating, insight.language) == ("Fits well.", 4, "en")
    assert insight.model == house.review_readers.for_all.current.refs
    assert isinstance(change, UserChange)
    assert (change.kind, change.user, change.product_id) == ("reviewed", "u1", "boots")
    assert (change.rating, change.sentiment, change.text) == (4, insight.sentiment, None)
    assert (change.stars, change.aspects) == (insight.stars, insight.aspects)
    assert (change.causes, change.time) == (["r1"], NOW)


async def test_a_review_is_read_by_the_model_of_its_language(house: SmallHouse) -> None:
    english = ModelRef(id="english", version="1", digest="none")
    reader = serving(StandInReader(Behaviour()))
    reader.swap(Version(reader.current.model, [english]))
    house.review_readers.by_language["en"] = reader
    spoken = {"a": "en", "b": None, "c": "en-GB", "d": "zh-Hans", "e": "EN"}
    insights = [
        one
        for event_id, language in spoken.items()
        for one in await results_of(understand_reviews, house, review(event_id, language=language))
        if isinstance(one, ReviewInsight)
    ]
    for_all = house.review_readers.for_all.current.refs
    assert [one.model for one in insights] == [[english], for_all, [english], for_all, [english]]


async def test_reviews_of_many_languages_are_read_together_and_stay_in_their_places() -> None:
    first, second = Answering("first"), Answering("second")
    readers = ReviewReaders(serving_one(first), {"en": serving_one(second)})
    read = await readers.read(["a", "b", "c", "d"], ["en", None, "de", "en"])
    assert [one.reading.label for one in read] == ["second a", "first b", "first c", "second d"]
    assert [one.models[0].id for one in read] == ["second", "first", "first", "second"]
    assert (first.calls, second.calls) == ([["b", "c"]], [["a", "d"]])
    assert await readers.read([], []) == []


async def test_what_a_review_tells_of_people_is_masked_and_sealed(house: SmallHouse) -> None:
    given = review(text=SECRET, title="For mia@example.com", user="mia@example.com")
    results = await results_of(understand_reviews, house, given)
    (insight,) = of_type(ReviewInsight, results)
    assert (insight.title, insight.text) == ("For [EMAIL_1]", "Ask [EMAIL_1] about the fit.")
    assert "mia" not in written(results)
    opened = await house.guard.open_bytes(
        insight.sealed["text"], topic="reviews", event_id="r1", subject=insight.user, field_name="text"
    )
    assert opened.decode() == SECRET
    assert WHOLE_EVENT not in insight.sealed
