"""Writes topics by hand."""

from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS, Topic
from streams.settings import Settings


class Writer:
    """Writes inputs, results and dead letters by hand."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer = producer
        self._settings = settings

    def transaction(self) -> Any:
        return self._producer.transaction()

    async def write(self, topic: Topic[Any], value: bytes, *headers: tuple[str, bytes]) -> Any:
        name = self._settings.wire_topic(topic.name)
        return await self._producer.send_and_wait(
            name, value, partition=len(value) % 2, headers=list(headers)
        )

    async def review(self, event_id: str, *headers: tuple[str, bytes]) -> Any:
        return await self.write(REVIEWS, orjson.dumps({"id": event_id}), *headers)

    async def insight(self, *causes: str) -> Any:
        return await self.write(REVIEW_INSIGHTS, orjson.dumps({"causes": causes}))

    async def letter(self, place: Any, *causes: str) -> Any:
        origin = {"topic": place.topic, "partition": place.partition, "offset": place.offset}
        named = causes or (f"{place.topic}/{place.partition}/{place.offset}",)
        return await self.write(
            DEAD_LETTERS, orjson.dumps({"origin": origin, "causes": named, "reason": "not_json"})
        )
