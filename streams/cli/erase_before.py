"""What there is before an erasure: of the user, and of events that are still on their way."""

import asyncio
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from streams.client.errors import ClientError
from streams.contracts.topics import ERASURES, inputs
from streams.counting.lag import lags
from streams.settings import Settings
from streams.state.keys import EpochKeys
from streams.state.writing import current_epoch

LAG_SECONDS: Final = 10.0


async def has_state(settings: Settings, token: str) -> bool | None:
    """Whether there is state of a user in Redis, which the settings name; None while it can't be asked."""
    assert settings.redis.url  # noqa: S101 - looked at before
    timeout = settings.redis.timeout
    try:
        async with Redis.from_url(settings.redis.url.get_secret_value(), socket_timeout=timeout) as client:
            keys = EpochKeys(settings.group_id, await current_epoch(client, settings.group_id))
            actions, bought, _ = keys.user(token)
            return bool(await client.exists(actions, bought))
    except (RedisError, OSError):
        return None


async def unprocessed(settings: Settings) -> dict[str, int] | None:
    """By input topic of personal data, how many records the workers have not processed; None: it can't be told."""
    topics = [topic for topic in inputs() if topic.personal and topic is not ERASURES]
    try:
        async with asyncio.timeout(LAG_SECONDS), lags(settings, topics) as measure:
            return {name: lag.left for name, lag in (await measure()).items()}
    except (ClientError, TimeoutError):
        return None
