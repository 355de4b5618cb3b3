"""Sealed by the producer, opened by a real worker: Kafka never has the words, and a lost key's events come back."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privacy.hpke import PublicKey
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from privacy.plaintext import Plaintext
from streams.cli.letters import Choice
from streams.cli.redriving import redriven
from streams.client import EventRefused, Shopstream
from streams.client.reader import TopicReader
from streams.contracts.events import Review
from streams.contracts.results import ReviewInsight
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS
from streams.local import LocalStack
from streams.settings import Settings
from tests.chaos.fleet import staffed
from tests.chaos.run import Setting

pytestmark = pytest.mark.timeout(90)

WORDS = "Fits well. Write to anna@secret.example"


def review(event_id: str) -> Review:
    return Review(id=event_id, time=datetime.now(UTC), product_id="p1", user_id="u1", text=Plaintext(WORDS))


async def lying_in(settings: Settings, *topics: str) -> list[bytes]:
    async with TopicReader(settings, list(topics)) as reader:
        await reader.to_beginning()
        return [record.value async for records in reader.until_caught_up() for record in records]


async def test_words_are_in_no_topic_and_events_of_a_lost_key_return_with_it(
    stack: LocalStack, prefix: str, tmp_path: Path
) -> None:
    setting = Setting(stack.endpoints, prefix, tmp_path)
    await setting.create()
    setting.settings.data_dir.mkdir()
    file = KeyFile(setting.settings.kek_file)
    file.create(KeyMaterial.generate())
    whole = file.load().with_new_intake()  # the file has the first intake key only, until it is restored
    first, second = (PublicKey.of(key, prefix) for key in whole.intake)
    async with staffed(setting.environment, tmp_path, "w1"):
        async with Shopstream(setting.settings, seal_with=first) as shop:
            insight = await shop.ask(review("r1"), timeout=30)
        assert insight.text == "Fits well. Write to [EMAIL_1]"
        assert insight.sealed.keys() == {"text"}
        async with Shopstream(setting.settings, seal_with=second) as shop:
            with pytest.raises(EventRefused) as refused:
                await shop.ask(review("r2"), timeout=30)
            assert refused.value.letter.reason == "sealed_unknown_key"
            file.update(lambda _: whole)
            async with shop.answers.listening():
                expected = shop.answers.expect(REVIEWS, "r2")
                (outcome,) = await redriven(
                    setting.settings, Choice(frozenset({"sealed_unknown_key"})), dry_run=False
                )
                assert outcome.sent
                answer = await asyncio.wait_for(expected.answer, 30)
        assert isinstance(answer, ReviewInsight)
        assert answer.text == insight.text
    inputs = await lying_in(setting.settings, REVIEWS.name)
    assert len(inputs) == 3
    assert inputs[1] == inputs[2]  # as it came, not sealed anew
    everything = inputs + await lying_in(setting.settings, REVIEW_INSIGHTS.name, DEAD_LETTERS.name)
    assert not [value for value in inputs if b"Fits" in value]
    assert not [value for value in everything if b"anna" in value]
    assert "anna" not in (tmp_path / "w1.log").read_text()
