from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import HeadMismatch, ModelIdentity, WeightsMissing, WeightsUnusable
from models.engine.encoder import Encoder
from models.reviews import LABELS, SHIPPED_HEAD, ReviewReader, SentimentHead

PRAISE = "Beautiful dress. I love it, it fits perfectly and I get compliments every time I wear it!"
COMPLAINT = "Terrible quality. It fell apart after one wash, awful fabric. I returned it, very disappointed."


@pytest.fixture
def head() -> SentimentHead:
    random = np.random.default_rng(1)
    layers = tuple(
        (random.normal(size=(out, of)).astype(np.float32), random.normal(size=out).astype(np.float32))
        for of, out in ((8, 5), (5, 3))
    )
    return SentimentHead(
        ModelIdentity("h", "1", ""), ModelIdentity("e", "1", "d" * 64), layers, 1.7, {"seed": 1}
    )


async def test_praise_and_complaint_are_told_apart(encoder: Encoder) -> None:
    praise, complaint = await ReviewReader(encoder).read([PRAISE, COMPLAINT])
    assert (praise.label, complaint.label) == ("positive", "negative")


async def test_probabilities_sum_to_one_and_name_the_label(encoder: Encoder) -> None:
    for reading in await ReviewReader(encoder).read(
        [PRAISE, COMPLAINT, "", "ok", "[EMAIL_1] \ud800", "z" * 100_000]
    ):
        assert sum(reading.probabilities) == pytest.approx(1, abs=1e-12)
        assert min(reading.probabilities) >= 0
        assert reading.label == LABELS[int(np.argmax(reading.probabilities))]


async def test_reading_again_gives_the_same(encoder: Encoder) -> None:
    reader = ReviewReader(encoder)
    texts = [PRAISE, COMPLAINT, "It is ok."]
    assert await reader.read(texts) == await reader.read(texts)
    (alone,) = await reader.read([PRAISE])
    assert alone.probabilities == pytest.approx((await reader.read(texts))[0].probabilities, abs=1e-5)


async def test_no_reviews_give_no_readings(encoder: Encoder) -> None:
    assert await ReviewReader(encoder).read([]) == []


def test_the_reader_names_encoder_and_head(encoder: Encoder) -> None:
    read_by, head = ReviewReader(encoder).models
    assert read_by == encoder.identity
    assert head.id == "review-sentiment"
    assert len(head.digest) == 64


def test_a_head_for_another_encoder_is_refused(encoder: Encoder, head: SentimentHead) -> None:
    with pytest.raises(HeadMismatch, match="shopstream train reviews") as raised:
        ReviewReader(encoder, head)
    assert encoder.id in str(raised.value)


def test_the_card_is_about_the_shipped_head() -> None:
    head = SentimentHead.load()
    card = SHIPPED_HEAD.with_name("CARD.md").read_text("utf-8")
    assert head.identity.digest in card
    assert head.encoder.digest in card
    assert "CC0" in card
    for figure in head.notes["test"].values():
        assert f"{figure:.4f}" in card


def test_a_head_comes_back_from_its_file(tmp_path: Path, head: SentimentHead) -> None:
    saved = head.save(tmp_path / "head.safetensors")
    loaded = SentimentHead.load(tmp_path / "head.safetensors")
    vectors = np.random.default_rng(2).normal(size=(7, 8)).astype(np.float32)
    np.testing.assert_array_equal(loaded.probabilities(vectors), head.probabilities(vectors))
    assert (loaded.identity, loaded.encoder, loaded.notes) == (saved.identity, head.encoder, head.notes)


def test_the_same_head_gives_the_same_bytes(tmp_path: Path, head: SentimentHead) -> None:
    digests = {head.save(tmp_path / f"{number}.safetensors").identity.digest for number in range(5)}
    assert len(digests) == 1


def test_temperature_softens_without_changing_the_order(head: SentimentHead) -> None:
    vectors = np.random.default_rng(3).normal(size=(50, 8)).astype(np.float32)
    hot = replace(head, temperature=10.0).probabilities(vectors)
    cold = head.probabilities(vectors)
    assert (hot.max(axis=1) < cold.max(axis=1)).all()
    np.testing.assert_array_equal(hot.argmax(axis=1), cold.argmax(axis=1))


def test_huge_scores_overflow_nothing(head: SentimentHead) -> None:
    probabilities = head.probabilities(np.full((1, 8), 1e6, np.float32))
    assert np.isfinite(probabilities).all()


def test_a_missing_head_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="shopstream train reviews"):
        SentimentHead.load(tmp_path / "none.safetensors")


def test_a_damaged_head_is_refused(tmp_path: Path, head: SentimentHead) -> None:
    path = tmp_path / "head.safetensors"
    head.save(path)
    content = path.read_bytes()
    for damaged in (
        b"",
        b"not safetensors",
        content[: len(content) // 2],
        content.replace(b"neutral", b"notural"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(WeightsUnusable):
            SentimentHead.load(path)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_that_is_not_positive_is_refused(
    tmp_path: Path, head: SentimentHead, temperature: float
) -> None:
    replace(head, temperature=temperature).save(tmp_path / "head.safetensors")
    with pytest.raises(WeightsUnusable, match="temperature"):
        SentimentHead.load(tmp_path / "head.safetensors")


def test_layers_that_do_not_fit_are_refused(tmp_path: Path, head: SentimentHead) -> None:
    for layers in (head.layers[:1], head.layers[1:] + head.layers[:1], ()):
        replace(head, layers=layers).save(tmp_path / "head.safetensors")
        with pytest.raises(WeightsUnusable):
            SentimentHead.load(tmp_path / "head.safetensors")
