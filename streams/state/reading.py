"""Reads user state: what is known of some users, and all of it for comparison."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from streams.state import scripts
from streams.state.changes import Picture, picture
from streams.state.keys import EpochKeys, pointer, token_of
from streams.state.writing import current_epoch


async def pictures_of(client: Redis, group_id: str, tokens: Sequence[str], epoch: int) -> dict[str, Picture]:
    """What is known of users, in one round trip if the epoch in use is still the given one."""
    while True:
        keys = EpochKeys(group_id, epoch)
        async with client.pipeline(transaction=False) as pipe:
            for token in tokens:  # the script without any change only answers
                pipe.evalsha(scripts.USERS.digest, 3, *keys.user(token), "", 0, 0, 1, 0)
            pipe.get(pointer(group_id))
            try:
                *found, in_use = await pipe.execute()
            except NoScriptError:  # the first call, or Redis was restarted
                await scripts.load(client)
                continue
        if (in_use := int(in_use or 1)) == epoch:
            return {token: picture(*known) for token, (_, *known) in zip(tokens, found, strict=True)}
        epoch = in_use


async def dumped(client: Redis, group_id: str, epoch: int | None) -> dict[str, Any]:
    """All that an epoch holds, in a form that is equal for equal state.

    Args:
        client: of the server.
        group_id: the consumer group.
        epoch: its number; None for the one in use.

    Returns:
        "users": by token, "actions" and "bought" as pairs of member and time in microseconds. "products": by id, the
        aggregates by name. "reviews": by product, sums by day. "popular": pairs of product and popularity. Offsets are
        left out, since they differ from topic to topic.
    """
    keys = EpochKeys(group_id, epoch or await current_epoch(client, group_id))
    users: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    products: dict[str, dict[str, str]] = {}
    reviews: dict[str, dict[str, str]] = {}
    user_stem, product_stem, review_stem = f"{keys.prefix}user:", keys.product(""), keys.reviews("")
    async for found in client.scan_iter(f"{keys.prefix}*", count=1_000):
        key = found.decode()
        if key.startswith(product_stem):
            products[key.removeprefix(product_stem)] = await _fields(client, key)
        elif key.startswith(review_stem):
            reviews[key.removeprefix(review_stem)] = await _fields(client, key)
        elif key.startswith(user_stem) and not key.endswith(":applied"):
            tag, _, part = key.removeprefix(user_stem).rpartition(":")
            users[token_of(tag)][part] = await _members(client, key)
    return {
        "users": dict(sorted(users.items())),
        "products": dict(sorted(products.items())),
        "reviews": dict(sorted(reviews.items())),
        "popular": await _members(client, keys.popular),
    }


async def _fields(client: Redis, key: str) -> dict[str, str]:
    """Of a hash, without the offsets."""
    fields = cast("dict[bytes, bytes]", await client.hgetall(key))
    return {
        name.decode(): value.decode() for name, value in sorted(fields.items()) if not name.startswith(b"@")
    }


async def _members(client: Redis, key: str) -> list[tuple[str, float]]:
    found = cast("list[tuple[bytes, float]]", await client.zrange(key, 0, -1, withscores=True))
    return [(member.decode(), score) for member, score in found]
