"""What a reviews model's heads say, by the names and classes that they have."""

from typing import Any

import numpy as np
import pytest

from models import HeadMismatch
from models.engine.encoder import Encoder
from models.heads import Head
from models.reviews import ASPECT_LABELS, LABELS, AspectReading, ReviewReader, decided
from models.training.term_models import fit_terms

PRAISE = "Beautiful dress. I love it, it fits perfectly and I get compliments every time I wear it!"
COMPLAINT = "Terrible quality. It fell apart after one wash, awful fabric. I returned it, very disappointed."


@pytest.fixture(scope="module")
def good(encoder: Encoder) -> Any:
    """The direction in the vectors' space from complaint to praise."""
    complaint, praise = encoder.embed_now([COMPLAINT, PRAISE])
    return (praise - complaint) * 20


def classes(name: str, good: Any, signs: tuple[float, ...], labels: tuple[str, ...]) -> Head:
    """Class scores that grow or fall with praise."""
    weight = np.outer(signs, good).astype(np.float32)
    return Head(name, "classes", ((weight, np.zeros(len(signs), np.float32)),), labels)


def stars(good: Any, bounds: tuple[float, float] | None = (1.0, 5.0)) -> Head:
    return Head("stars", "number", ((good[None], np.full(1, 3, np.float32)),), bounds=bounds)


def sentiment(good: Any) -> Head:
    return classes("sentiment", good, (-1, 0, 1), LABELS)


@pytest.fixture
def heads(good: Any) -> dict[str, Head]:
    return {
        "sentiment": sentiment(good),
        "stars": stars(good),
        "aspect.fit": classes("aspect.fit", good, (-1, -2, 0, 1), ASPECT_LABELS),
        "aspect.quality": classes("aspect.quality", good, (1, -1, 0, -2), ASPECT_LABELS),
        "helpful": classes("helpful", good, (-1, 1), ("unhelpful", "helpful")),
        "language": classes("language", good, (0, 0), ("en", "zh")),
    }


async def test_all_heads_are_read_in_one_reading(encoder: Encoder, heads: dict[str, Head]) -> None:
    praise, complaint = await ReviewReader(encoder, heads).read([PRAISE, COMPLAINT])
    assert (praise.label, complaint.label) == ("positive", "negative")
    assert (praise.stars, complaint.stars) == (5.0, 1.0)
    assert [(one.aspect, one.sentiment) for one in praise.aspects] == [("fit", "positive")]
    assert [(one.aspect, one.sentiment) for one in complaint.aspects] == [
        ("fit", "negative"),
        ("quality", "positive"),
    ]
    assert all(0.5 < one.probability <= 1 for one in (*praise.aspects, *complaint.aspects))
    assert praise.helpfulness is not None
    assert complaint.helpfulness is not None
    assert praise.helpfulness > 0.9
    assert complaint.helpfulness < 0.1


async def test_what_a_model_has_no_head_for_is_not_told(encoder: Encoder, good: Any) -> None:
    (reading,) = await ReviewReader(encoder, {"sentiment": sentiment(good)}).read([PRAISE])
    assert reading.label == "positive"
    assert (reading.stars, reading.aspects, reading.helpfulness) == (None, (), None)


async def test_words_count_where_a_model_brings_them(encoder: Encoder, good: Any) -> None:
    nothing = (np.zeros((3, len(good)), np.float32), np.zeros(3, np.float32))
    mood = Head("sentiment", "classes", (nothing,), LABELS, evidence=np.eye(3, dtype=np.float32))
    fit = (np.zeros((4, len(good)), np.float32), np.array([2, 0, 0, 0], np.float32))
    weights = np.diag([0, 5, 5, 5]).astype(np.float32)
    heads = {
        "sentiment": mood,
        "aspect.fit": Head("aspect.fit", "classes", (fit,), ASPECT_LABELS, evidence=weights),
    }
    texts = ["splendid", "it fits, splendid", "rubbish"] * 2
    terms = fit_terms(texts, np.array([2, 2, 0, 2, 2, 1]), texts, np.array([2, 2, 0, 2, 2, 0]), 3)
    first, second, third = await ReviewReader(encoder, heads, terms).read(["Splendid!", "It fits.", "Hm."])
    assert first.label == "positive"
    assert first.aspects == ()
    assert [one.aspect for one in second.aspects] == ["fit"]
    assert third.probabilities[2] < first.probabilities[2]
    with pytest.raises(
        HeadMismatch, match=r"head sentiment of .* weighs words that the model does not bring"
    ):
        ReviewReader(encoder, heads)


async def test_probabilities_sum_to_one_and_name_the_label(encoder: Encoder, heads: dict[str, Head]) -> None:
    for reading in await ReviewReader(encoder, heads).read(
        [PRAISE, COMPLAINT, "", "ok", "[EMAIL_1] \ud800", "z" * 100_000]
    ):
        assert sum(reading.probabilities) == pytest.approx(1, abs=1e-12)
        assert min(reading.probabilities) >= 0
        assert reading.label == LABELS[int(np.argmax(reading.probabilities))]
        assert reading.stars is not None
        assert 1 <= reading.stars <= 5


async def test_reading_again_gives_the_same(encoder: Encoder, heads: dict[str, Head]) -> None:
    reader = ReviewReader(encoder, heads)
    texts = [PRAISE, COMPLAINT, "It is ok."]
    assert await reader.read(texts) == await reader.read(texts)
    (alone,) = await reader.read(["It is ok."])
    assert alone.probabilities == pytest.approx((await reader.read(texts))[2].probabilities, abs=1e-4)


async def test_no_reviews_give_no_readings(encoder: Encoder, heads: dict[str, Head]) -> None:
    assert await ReviewReader(encoder, heads).read([]) == []


def test_the_reader_names_its_one_model(encoder: Encoder, heads: dict[str, Head]) -> None:
    assert ReviewReader(encoder, heads).models == [encoder.identity]


def test_an_aspect_is_there_when_that_is_likelier_than_not() -> None:
    """Though its three sentiments, in doubt, each lose against absence."""
    rows = np.array([[0.4, 0.3, 0.1, 0.2], [0.5, 0.5, 0, 0], [0.51, 0, 0, 0.49], [0, 0.1, 0.2, 0.7]])
    assert [ASPECT_LABELS[label] for label in decided(rows)] == ["negative", "absent", "absent", "positive"]


async def test_the_probability_is_that_of_what_is_said(encoder: Encoder, good: Any) -> None:
    layer = (np.zeros((4, len(good)), np.float32), np.log([0.4, 0.3, 0.1, 0.2]).astype(np.float32))
    heads = {
        "sentiment": sentiment(good),
        "aspect.own": Head("aspect.own", "classes", (layer,), ASPECT_LABELS),
    }
    (reading,) = await ReviewReader(encoder, heads).read([PRAISE])
    (own,) = reading.aspects
    assert own == AspectReading("own", "negative", own.probability)
    assert own.probability == pytest.approx(0.3)


def test_heads_that_are_not_what_their_names_say_are_refused(encoder: Encoder, good: Any) -> None:
    whole = {"sentiment": sentiment(good)}
    for heads, said in (
        ({}, "no head named sentiment"),
        ({"sentiment": classes("sentiment", good, (0, 0, 0), LABELS[::-1])}, "negative, neutral, positive"),
        (whole | {"stars": stars(good, None)}, "from 1 to 5"),
        (whole | {"helpful": stars(good)}, "unhelpful, helpful"),
        (whole | {"aspect.fit": classes("aspect.fit", good, (0, 0, 0), LABELS)}, "absent"),
        ({"sentiment": sentiment(good[:100])}, "100"),
    ):
        with pytest.raises(HeadMismatch, match=said) as raised:
            ReviewReader(encoder, heads)
        assert encoder.id in str(raised.value)
