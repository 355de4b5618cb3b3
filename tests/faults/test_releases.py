"""A model is released, and rolled back, under traffic: nothing lost, nothing twice, no result by half a model."""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from models.sources import identify
from streams.contracts.records import ReleasedModel
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.local import LocalStack
from streams.releases.publishing import new_release, publish, received
from streams.settings import ModelSettings, RedisSettings
from tests.chaos import events
from tests.chaos.fleet import Fleet
from tests.chaos.run import Setting
from tests.models.tiny_reviews import hollow_base, tiny_reviews

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

REVIEWS_PER_SECOND = 250


async def shopstream(setting: Setting, *arguments: str) -> str:
    """What a command says; it has to succeed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "streams.cli", "models", *arguments),
        env={**os.environ, **setting.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    assert not process.returncode, errors.decode()
    return said.decode()


async def traffic(setting: Setting, enough: asyncio.Event) -> int:
    """Reviews at a steady rate until there are enough; how many."""
    reviews = iter(lambda: None if enough.is_set() else 1, None)
    records = (events.review(number) for number, _ in enumerate(reviews))
    return await events.produce(
        setting.bootstrap, setting.topic(REVIEWS.name), records, rate=REVIEWS_PER_SECOND
    )


async def insights(setting: Setting) -> Counter[tuple[str, str]]:
    """How many results name which model, and say what."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=setting.bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(setting.topic(REVIEW_INSIGHTS.name), number) for number in range(4)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: Counter[tuple[str, str]] = Counter()
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    result = orjson.loads(record.value)
                    (model,) = result["model"]
                    found[model["digest"], result["sentiment"]["label"]] += 1
        return found
    finally:
        await consumer.stop()


async def test_released_refused_and_rolled_back_under_traffic(
    stack: LocalStack, prefix: str, tmp_path: Path
) -> None:
    base = hollow_base(tmp_path)
    old, new = (f"path:{tiny_reviews(tmp_path, label, base)}" for label in ("negative", "positive"))
    digests = {label: f"sha256:{identify(one).digest}" for label, one in (("old", old), ("new", new))}
    models = {"reviews": old, "retrieval_encoder": f"path:{base}"}
    extra = {f"SHOPSTREAM_MODELS__{name.upper()}": value for name, value in models.items()}
    setting = Setting(stack.endpoints, prefix, tmp_path / "run", **extra)
    setting.settings = settings = setting.settings.model_copy(
        update={
            "redis": RedisSettings(url=SecretStr(stack.endpoints.redis_url)),
            "models": ModelSettings(retrieval_encoder=f"path:{base}"),
        }
    )
    await setting.create()
    (setting.folder / "none.toml").touch()
    enough = asyncio.Event()
    fleet = Fleet(setting.environment, setting.folder, "tests.standins.releasing")
    try:
        fleet.hire("w1")
        await fleet.joined("w1", within=60)
        producing = asyncio.create_task(traffic(setting, enough))
        before = ReleasedModel(source=old, version="1", digest=digests["old"])
        better = ReleasedModel(source=new, version="1", digest=digests["new"])
        await publish(settings, good := new_release("reviews", better, before, "better"))
        assert (await received(settings, good, 30)).taken
        other = ReleasedModel(source=new, version="1", digest="sha256:" + "0" * 64)
        await publish(settings, broken := new_release("reviews", other, better, None))
        reception = await received(settings, broken, 30)
        (why,) = reception.refused.values()
        assert "bring the released model to this machine" in why
        await shopstream(setting, "rollback", "reviews")
        await shopstream(setting, "rollback", "reviews")
        enough.set()
        sent = await producing
        await setting.drained(REVIEWS.name, within=60)
        so_far = await insights(setting)
        await events.produce(
            setting.bootstrap, setting.topic(REVIEWS.name), (events.review(sent + n) for n in range(20))
        )
        await setting.drained(REVIEWS.name, within=30)
    finally:
        await fleet.close()
    balance = await setting.balance()
    assert balance.holds, balance
    assert balance.inputs == sent + 20
    after = await insights(setting)
    assert set(after) == {(digests["old"], "negative"), (digests["new"], "positive")}
    assert after - so_far == {(digests["old"], "negative"): 20}
    assert fleet.exits == {0: 1}
    history = orjson.loads(await shopstream(setting, "releases", "--json"))["releases"]
    assert [one["digest"] for one in history if one["current"]] == [digests["old"]]
