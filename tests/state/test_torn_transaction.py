"""A Redis that was killed twice, the first time in the middle of writing a transaction down, holds each change once."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from streams.local.processes import Processes
from streams.local.record import take_lock
from streams.local.valkey import Valkey
from streams.state.reading import dumped
from streams.state.writing import Changes, Writer, watermarks
from tests.state.append_only_file import renewed, tear
from tests.state.shop import changes, placed

GROUP, UNDISTURBED = "torn", "undisturbed"
TORN_BYTES = 150
"""Less than a transaction, more than its EXEC."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    """One to be killed."""
    processes = Processes(take_lock(tmp_path, print), tmp_path / "keeper.log")
    valkey = Valkey("valkey", tmp_path / "store", tmp_path, processes)
    valkey.start()
    yield valkey
    processes.close()


@pytest.fixture
async def client(server: Valkey) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url) as client:
        yield client


async def test_half_a_transaction_does_not_come_back_at_the_start_after_the_next(
    server: Valkey, client: Redis
) -> None:
    ours, others = ([one for one in placed(changes(5, 120)) if one.partition == place] for place in (0, 1))
    early, torn, late = ours[:10], ours[10:20], ours[20:]
    await write(client, GROUP, early)
    await renewed(client)
    await write(client, GROUP, torn)

    server.kill()
    tear(server.folder, TORN_BYTES)
    server.start()
    await client.connection_pool.disconnect()
    assert (await watermarks(client, GROUP, [0])).next == {0: early[-1].offset + 1}
    await write(client, GROUP, others)  # of the same products
    await renewed(client)

    server.kill()
    server.start()
    await client.connection_pool.disconnect()
    for batch in (torn, late):
        await write(client, GROUP, batch)
    for batch in (ours, others):
        await write(client, UNDISTURBED, batch)
    assert await dumped(client, GROUP, 1) == await dumped(client, UNDISTURBED, 1)


async def write(client: Redis, group: str, batch: Changes) -> None:
    """The next changes of a partition, from where Redis is."""
    await Writer(group).write(client, await watermarks(client, group, [batch[0].partition]), batch)
