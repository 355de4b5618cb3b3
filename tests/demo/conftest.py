"""Settings on the session's broker, with topics of their own."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from streams.settings import KafkaSettings, KeySettings, PrivacySettings, RedisSettings, Settings
from streams.topic_admin import ensure_topics
from tests.demo.writer import Writer


@pytest.fixture
def settings(kafka: str, valkey: str, keys_url: str, prefix: str, tmp_path: Path) -> Settings:
    """Of an installation whose topics exist."""
    made = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=2),
        redis=RedisSettings(url=SecretStr(valkey)),
        keys=KeySettings(url=SecretStr(keys_url)),
        privacy=PrivacySettings(tenant=prefix),
    )
    ensure_topics(made)
    return made


@pytest.fixture
async def writer(settings: Settings) -> AsyncIterator[Writer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap, transactional_id=f"count-{secrets.token_hex(4)}"
    )
    await producer.start()
    try:
        yield Writer(producer, settings)
    finally:
        await producer.stop()
