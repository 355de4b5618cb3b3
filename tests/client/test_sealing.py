"""A client that has a public key sends no words in clear, in whichever way it sends."""

from collections.abc import Callable

import pytest
from aiokafka import ConsumerRecord

from privacy.hpke import PublicKey
from privacy.key_material import KeyMaterial
from streams.client import NoAnswer, Shopstream
from streams.client.reader import TopicReader
from streams.contracts.events import Review
from streams.contracts.topics import REVIEWS
from streams.settings import Settings

MakeReview = Callable[..., Review]


async def sent(settings: Settings) -> list[ConsumerRecord]:
    async with TopicReader(settings, [REVIEWS.name]) as reader:
        await reader.to_beginning()
        return [record async for records in reader.until_caught_up() for record in records]


async def test_produce_produce_many_and_ask_seal(settings: Settings, review: MakeReview) -> None:
    key = PublicKey.of(KeyMaterial.generate().intake[0], "default")
    async with Shopstream.connect(settings, seal_with=key) as shop:
        await shop.produce(review())
        assert await shop.produce_many(review() for _ in range(3)) == 3
        with pytest.raises(NoAnswer):
            await shop.ask(review(), timeout=0.1)
    records = await sent(settings)
    assert len(records) == 5
    assert not [record for record in records if b"mia@" in record.value]
    assert all(record.value.count(key.id.encode()) == 1 for record in records)
