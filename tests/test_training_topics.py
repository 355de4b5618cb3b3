"""Rows to train from, out of real topics."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from privacy.detect.span import Span
from privacy.hpke import PublicKey
from privacy.key_material import KeyMaterial
from privacy.plaintext import Plaintext
from streams.client import Shopstream
from streams.client.errors import NotSetUp
from streams.contracts.codec import encode, encode_event
from streams.contracts.events import Event, Resolution, Review, SupportTicket
from streams.contracts.records import ErasureEntry
from streams.contracts.sealing import sealed_event
from streams.contracts.topics import (
    ERASURE_LEDGER,
    RESOLUTIONS,
    REVIEWS,
    SUPPORT_TICKETS,
    Topic,
    topic_of,
)
from streams.erasing.subjects import ledger_subject
from streams.keys import Keys
from streams.settings import FieldSettings, KafkaSettings, KeySettings, PrivacySettings, Settings
from streams.training_topics import TopicRows, TopicRowsReader
from tests.client.peer import make_topics

MAIL, NAME = "mia.wong@example.com", "Mia Wong"
NOW = datetime.now(UTC)


class NamesOf:
    """A tagger that knows one name."""

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        del topics
        return [
            [Span(at, at + len(NAME), "PERSON", 0.9, "tagger")] if (at := text.find(NAME)) >= 0 else []
            for text in texts
        ]


@pytest.fixture
def settings(kafka: str, keys_url: str, prefix: str, tmp_path: Path) -> Settings:
    made = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=1),
        keys=KeySettings(url=SecretStr(keys_url), kek_file=tmp_path / "kek.json"),
        privacy=PrivacySettings(tenant=prefix),
    )
    make_topics(made, REVIEWS, SUPPORT_TICKETS, RESOLUTIONS, ERASURE_LEDGER)
    return made


@pytest.fixture
async def keys(settings: Settings) -> AsyncIterator[Keys]:
    opened = await Keys.open(settings)
    yield opened
    await opened.close()


def review(number: int, text: str = "It fits well.", **more: Any) -> Review:
    facts = {"rating": 5, "user_id": f"u-{number}", **more}
    return Review(id=f"r-{number}", time=NOW, product_id="p-1", text=Plaintext(text), **facts)


def resolution(number: int, question: str, tags: list[str]) -> Resolution:
    return Resolution(
        id=f"s-{number}-{len(question)}",
        time=NOW,
        kind="ticket",
        source_id=f"t-{number}",
        question=Plaintext(question),
        answer=Plaintext("We sent it."),
        tags=tags,
    )


async def send(settings: Settings, *events: Event) -> None:
    async with Shopstream(settings) as shop:
        for event in events:
            topic: Topic[Any] = topic_of(type(event))
            sent = await shop.outbox.send(topic, encode_event(event), key=topic.key(event), event_id=event.id)
            await sent.place()


async def rows(settings: Settings, keys: Keys, topic: str, since: datetime | None = None) -> TopicRows:
    since_ms = None if since is None else int(since.timestamp() * 1000)
    return await TopicRowsReader(settings, keys, NamesOf()).read(topic, since_ms)


async def test_reviews_are_rows_of_a_table_masked_and_nothing_is_sealed(
    settings: Settings, keys: Keys
) -> None:
    text = f"Write to {MAIL}. {NAME}"
    await send(
        settings, review(1, text, title=Plaintext(f"For {NAME}"), rating=2), review(2), review(3, rating=None)
    )
    found = await rows(settings, keys, "reviews")
    assert found.rows == (
        {"title": "For [PERSON_1]", "text": "Write to [EMAIL_1]. [PERSON_1]", "rating": "2"},
        {"title": "", "text": "It fits well.", "rating": "5"},
    )
    assert (found.name, found.records, found.skipped) == ("topic reviews", 3, {"no rating": 1})
    assert (await keys.records.holdings()).subjects == 0
    assert found.digest == (await rows(settings, keys, "reviews")).digest


async def test_what_was_written_earlier_or_breaks_the_contract_is_left_out(
    settings: Settings, keys: Keys
) -> None:
    await send(settings, review(1))
    await asyncio.sleep(0.02)
    between = datetime.now(UTC)
    await asyncio.sleep(0.02)
    await send(settings, review(2), review(3).model_copy(update={"product_id": MAIL}))
    found = await rows(settings, keys, "reviews", between)
    assert (found.records, len(found.rows), found.skipped) == (2, 1, {"personal_identifier": 1})
    assert len((await rows(settings, keys, "reviews")).rows) == 2


async def test_sealed_texts_are_opened_where_the_key_is_there(settings: Settings, keys: Keys) -> None:
    tenant = settings.privacy.tenant
    ours, strange = (
        PublicKey.of(material.intake[-1], tenant) for material in (keys.material, KeyMaterial.generate())
    )
    await send(settings, sealed_event(review(1, f"by {NAME}"), ours), sealed_event(review(2), strange))
    found = await rows(settings, keys, "reviews")
    assert [row["text"] for row in found.rows] == ["by [PERSON_1]"]
    assert found.skipped == {"sealed_unknown_key": 1}


async def test_whom_the_ledger_names_is_left_out(settings: Settings, keys: Keys) -> None:
    await send(settings, review(1), review(2))
    token = keys.guard().user_token("u-1")
    subject = ledger_subject(keys.tokeniser, token)
    entry = ErasureEntry(id="e-1", causes=["e"], time=NOW, subject=subject, erased_at=NOW, keys=[])
    async with Shopstream(settings) as shop:
        sent = await shop.outbox.send(ERASURE_LEDGER, encode(entry), key=subject, event_id=entry.id)
        await sent.place()
    found = await rows(settings, keys, "reviews")
    assert len(found.rows) == 1
    assert found.skipped == {"of an erased user": 1}


async def test_a_text_that_the_settings_drop_teaches_nothing(settings: Settings, keys: Keys) -> None:
    privacy = settings.privacy.model_copy(update={"topics": {"reviews": FieldSettings(treatment="drop")}})
    await send(settings, review(1))
    found = await rows(settings.model_copy(update={"privacy": privacy}), keys, "reviews")
    assert (found.rows, found.skipped) == ((), {"text dropped by the privacy settings": 1})


async def test_support_learns_from_tags_of_what_stands(settings: Settings, keys: Keys) -> None:
    ticket = SupportTicket(
        id="t-2", time=NOW, text=Plaintext(f"mail {MAIL}"), subject=Plaintext("Parcel"), user_id="u-1"
    )
    other = ticket.model_copy(update={"id": "t-9"})
    await send(
        settings,
        resolution(1, "Where is it?", ["delivery"]),
        resolution(1, "Where is my parcel?", ["tracking", "delivery"]),
        resolution(2, f"Call {NAME}", ["contact"]),
        resolution(3, "Why?", []),
        ticket,
        other,
    )
    known = await rows(settings, keys, "resolutions")
    assert known.rows == (
        {"text": "Where is my parcel?", "intent": "tracking"},
        {"text": "Call [PERSON_1]", "intent": "contact"},
    )
    assert known.skipped == {"replaced or withdrawn later": 1, "no question or no tag": 1}
    asked = await rows(settings, keys, "support-tickets")
    assert asked.rows == ({"text": "Parcel\nmail [EMAIL_1]", "intent": "contact"},)
    assert asked.skipped == {"no resolution with a tag": 1}


async def test_without_a_ledger_nothing_is_taken(settings: Settings, keys: Keys) -> None:
    elsewhere = settings.kafka.model_copy(update={"topic_prefix": f"{settings.kafka.topic_prefix}x-"})
    bare = settings.model_copy(update={"kafka": elsewhere})
    make_topics(bare, REVIEWS)
    with pytest.raises(NotSetUp, match="erasure-ledger"):
        await rows(bare, keys, "reviews")
