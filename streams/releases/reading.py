"""The releases in the topic, read once: the history as far as compaction has left it, and what is released now."""

from collections.abc import Iterable
from contextlib import aclosing

from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.records import ModelRelease
from streams.contracts.topics import MODEL_RELEASES
from streams.settings import Settings


async def read_releases(settings: Settings) -> list[ModelRelease]:
    """All that is readable in the topic, oldest first; of each role its latest at least.

    Raises:
        NotSetUp: Kafka can't be reached, or there is no such topic.
        NotDelivered: Kafka refuses to give them.
    """
    found: list[ModelRelease] = []
    async with TopicReader(settings, [MODEL_RELEASES.name]) as reader:
        await reader.to_beginning()
        async with aclosing(reader.until_caught_up()) as batches:
            async for records in batches:
                values = [read_result(MODEL_RELEASES, record) for record in records if record.value]
                found += [release for release in values if release is not None]
    return found


def latest(releases: Iterable[ModelRelease]) -> dict[str, ModelRelease]:
    """What is released now, by role."""
    return {release.role: release for release in releases}
