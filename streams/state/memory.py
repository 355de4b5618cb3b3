"""What delivery remembers outside of Kafka, in Redis."""

from streams.delivery.worker import Memory
from streams.health import Health
from streams.settings import Settings
from streams.state.connection import Cache
from streams.state.crash_marks import RedisCrashMarks
from streams.state.resends import RedisResends


def redis_memory(settings: Settings, health: Health) -> Memory:
    """Crash marks and resends of this worker's consumer group."""
    cache = Cache.open(settings.redis, health)
    return Memory(
        marks=RedisCrashMarks(cache, settings.group_id),
        resends=RedisResends(cache, settings.group_id, settings.worker.resend_window),
        close=cache.close,
    )
