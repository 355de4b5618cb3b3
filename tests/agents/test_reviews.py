"""Reviews: an insight each, and what it says about its author."""

from typing import Any

from privacy.guard import WHOLE_EVENT
from streams.agents.reviews import understand_reviews
from streams.contracts.events import Review
from streams.contracts.records import UserChange
from streams.contracts.results import ReviewInsight
from streams.contracts.topics import REVIEWS
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
    assert insight.model == house.review_reader.current.refs
    assert isinstance(change, UserChange)
    assert (change.kind, change.user, change.product_id) == ("reviewed", "u1", "boots")
    assert (change.rating, change.sentiment, change.text) == (4, insight.sentiment, None)
    assert (change.stars, change.aspects) == (insight.stars, insight.aspects)
    assert (change.causes, change.time) == (["r1"], NOW)


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
