"""Topics of one test, and what it sends."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from privacy.plaintext import Plaintext
from streams.contracts.events import Review
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS
from streams.settings import KafkaSettings, Settings
from tests.client.peer import PARTITIONS, make_topics


@pytest.fixture
def settings(kafka: str, prefix: str, tmp_path: Path) -> Settings:
    """Of an installation of its own on the shared broker; the topics of reviews exist."""
    made = Settings(
        data_dir=tmp_path, kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=PARTITIONS)
    )
    make_topics(made, REVIEWS, REVIEW_INSIGHTS, DEAD_LETTERS)
    return made


@pytest.fixture
def review() -> Callable[..., Review]:
    """Makes a review with an id that nobody else has."""

    def make(text: str = "Fits well. Write to mia@example.com", **fields: Any) -> Review:
        given = {
            "id": f"review-{secrets.token_hex(4)}",
            "product_id": "boot-1",
            "user_id": "user-42",
            **fields,
        }
        return Review(time=datetime.now(UTC), text=Plaintext(text), **given)

    return make
