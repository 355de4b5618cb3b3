"""Writes topics by hand."""

from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS, USER_CHANGES, Topic
from streams.delivery.encoding import CAUSE_HEADER, source_of
from streams.settings import Settings


class Writer:
    """Writes inputs, results and dead letters by hand."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer = producer
        self._settings = settings

    def transaction(self) -> Any:
        return self._producer.transaction()

    async def write(
        self, topic: Topic[Any], value: bytes | None, *headers: tuple[str, bytes], key: bytes | None = None
    ) -> Any:
        name, partition = self._settings.wire_topic(topic.name), len(value or b"") % 2
        return await self._producer.send_and_wait(
            name, value, key=key, partition=partition, headers=list(headers)
        )

    async def review(self, event_id: str, *headers: tuple[str, bytes]) -> Any:
        return await self.write(REVIEWS, orjson.dumps({"id": event_id}), *headers)

    async def insight(self, *causes: str) -> Any:
        return await self.write(REVIEW_INSIGHTS, orjson.dumps({"causes": causes}))

    async def change(self, of: Topic[Any], cause: str) -> Any:
        """What the agent of an input topic tells about a user."""
        value = orjson.dumps({"id": f"change-{cause}", "causes": [cause]})
        return await self.write(USER_CHANGES, value, ("ce_source", source_of(of.name).encode()))

    async def deletion(self, topic: Topic[Any], place: Any) -> Any:
        """The null value that answers the deletion at a place."""
        causes = orjson.dumps([f"{place.topic}/{place.partition}/{place.offset}"])
        return await self.write(topic, None, (CAUSE_HEADER, causes), key=b"p1")

    async def letter(self, place: Any, *causes: str) -> Any:
        origin = {"topic": place.topic, "partition": place.partition, "offset": place.offset}
        named = causes or (f"{place.topic}/{place.partition}/{place.offset}",)
        return await self.write(
            DEAD_LETTERS, orjson.dumps({"origin": origin, "causes": named, "reason": "not_json"})
        )
