"""Reviews in; insights out, and what each review says about its author and its product into state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.reviews import Reading, review_text
from privacy.guard import Protected, Sensitive
from streams.agents._changes import change
from streams.agents._masking import MaskedBy
from streams.contracts.ids import result_id
from streams.contracts.results import AspectOpinion, ModelRef, Probabilities, ReviewInsight, Sentiment
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS, USER_CHANGES
from streams.delivery.stage import Results, stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.contracts.events import Review
    from streams.contracts.records import UserChange
    from streams.house import House


@stage(consumes=REVIEWS, emits=[REVIEW_INSIGHTS, USER_CHANGES])
async def understand_reviews(reviews: Sequence[Review], house: House) -> Results:
    """Masks the reviews, reads all of one model in one forward, and says of each how its author felt."""
    masked_by = MaskedBy(house)
    guarded = await house.guard.protect([sensitive(review) for review in reviews])
    texts = [review_text(one.masked.get("title"), one.masked["text"]) for one in guarded]
    read = await house.review_readers.read(texts, [review.language for review in reviews])
    insights = [
        insight(review, masked, one.reading, one.models, masked_by.of(masked))
        for review, masked, one in zip(reviews, guarded, read, strict=True)
    ]
    return Results(insights, map(opinion, reviews, insights))


def sensitive(review: Review) -> Sensitive:
    """What of a review may hold personal data."""
    fields = {"text": review.text} if review.title is None else {"title": review.title, "text": review.text}
    return Sensitive(topic=REVIEWS.name, event_id=review.id, subject=review.user_id, fields=fields)


def opinion(review: Review, insight: ReviewInsight) -> UserChange:
    """What a review says about its author, this product liked or not, and about its product."""
    assert insight.user is not None, "every review has a user"  # noqa: S101
    return change(
        REVIEWS,
        review,
        user=insight.user,
        kind="reviewed",
        product_id=review.product_id,
        rating=review.rating,
        sentiment=insight.sentiment,
        stars=insight.stars,
        aspects=insight.aspects,
    )


def insight(
    review: Review,
    guarded: Protected,
    reading: Reading,
    models: list[ModelRef],
    masked_by: ModelRef | None,
) -> ReviewInsight:
    """One review's result."""
    negative, neutral, positive = reading.probabilities
    return ReviewInsight(
        id=result_id(REVIEW_INSIGHTS.name, [review.id]),
        causes=[review.id],
        time=review.time,
        model=models,
        product_id=review.product_id,
        user=guarded.subject,
        rating=review.rating,
        title=guarded.masked.get("title"),
        text=guarded.masked["text"],
        language=review.language,
        sentiment=Sentiment(
            label=reading.label,  # type: ignore[arg-type]  # one of LABELS; validated here
            probabilities=Probabilities(negative=negative, neutral=neutral, positive=positive),
        ),
        stars=reading.stars,
        aspects=[
            AspectOpinion(aspect=one.aspect, sentiment=one.sentiment, probability=one.probability)
            for one in reading.aspects
        ],
        helpfulness=reading.helpfulness,
        masked=guarded.kinds,
        masked_by=masked_by,
        sealed=guarded.sealed,
    )
