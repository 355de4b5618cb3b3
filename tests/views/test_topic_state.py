"""Which topic it is that has a name."""

import pytest

from streams.settings import Settings
from streams.views.feed import Feed, TopicMissing
from tests.views.shelf import delete_topic, make_topic


async def test_a_topic_made_anew_has_another_id(settings: Settings, topic: str) -> None:
    async with Feed(settings, topic) as feed:
        first = await feed.state()
        await delete_topic(settings)
        await make_topic(settings)
        second = await feed.state()
    assert first.partitions == second.partitions == (0, 1)
    assert first.cluster == second.cluster
    assert None not in (first.cluster, first.topic_id, second.topic_id)
    assert first.topic_id != second.topic_id


async def test_asking_for_a_missing_topic_does_not_create_it(settings: Settings, prefix: str) -> None:
    async with Feed(settings, f"{prefix}none") as feed:
        for _ in range(2):
            with pytest.raises(TopicMissing):
                await feed.state()
