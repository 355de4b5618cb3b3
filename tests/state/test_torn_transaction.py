"""A Redis that was killed twice, the first time in the middle of writing a transaction down, holds each change once."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from streams.local.valkey import Valkey
from streams.state.reading import dumped
from streams.state.writing import Changes, Writer, watermarks
from tests.state.append_only_file import renewed, tear
from tests.state.shop import changes, placed

GROUP, UNDISTURBED = "torn", "undisturbed"
TORN_BYTES = 150
"""Less than a transaction, more than its EXEC."""


@pytest.fixture
async def client(own_valkey: Valkey) -> AsyncIterator[Redis]:
    async with Redis.from_url(own_valkey.url) as client:
        yield client


async def test_half_a_transaction_does_not_come_back_at_the_start_after_the_next(
    own_valkey: Valkey, client: Redis
) -> None:
    ours, others = ([one for one in placed(changes(5, 120)) if one.partition == place] for place in (0, 1))
    early, torn, late = ours[:10], ours[10:20], ours[20:]
    await write(client, GROUP, early)
    await renewed(client)
    await write(client, GROUP, torn)

    own_valkey.kill()
    tear(own_valkey.folder, TORN_BYTES)
    own_valkey.start()
    await client.connection_pool.disconnect()
    assert (await watermarks(client, GROUP, [0])).next == {0: early[-1].offset + 1}
    await write(client, GROUP, others)  # of the same products
    await renewed(client)

    own_valkey.kill()
    own_valkey.start()
    await client.connection_pool.disconnect()
    for batch in (torn, late):
        await write(client, GROUP, batch)
    for batch in (ours, others):
        await write(client, UNDISTURBED, batch)
    assert await dumped(client, GROUP, 1) == await dumped(client, UNDISTURBED, 1)


async def write(client: Redis, group: str, batch: Changes) -> None:
    """The next changes of a partition, from where Redis is."""
    await Writer(group).write(client, await watermarks(client, group, [batch[0].partition]), batch)
