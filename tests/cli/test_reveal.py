"""Originals shown to those who may see them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from privacy.guard import Sensitive
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from privacy.plaintext import Plaintext
from streams.access import audit_log
from streams.client import Shopstream
from streams.contracts.codec import encode
from streams.contracts.dead_letters import DeadLetter, Origin
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.results import Probabilities, Result, ReviewInsight, Sentiment, SupportReply
from streams.contracts.topics import REVIEWS, SUPPORT_REPLIES, SUPPORT_TICKETS, topic_of
from streams.keys import Keys
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import make_topics
from tests.standins.keys import sealed_whole

USER = "user-42"
SECRET = "write to mia.wong@example.com"
NOW = datetime(2026, 3, 14, tzinfo=UTC)
EVEN = Sentiment(label="neutral", probabilities=Probabilities(negative=0.0, neutral=1.0, positive=0.0))


@dataclass(frozen=True)
class Shop:
    settings: Settings
    shopstream: Shell


async def put(settings: Settings, *results: Result) -> None:
    async with Shopstream(settings) as shop:
        for result in results:
            await (
                await shop.outbox.send(topic_of(type(result)), encode(result), key="k", event_id=result.id)
            ).place()


async def fill(settings: Settings) -> None:
    """A review, a ticket and a dead letter of one user, and a review in which nothing was masked."""
    keys = await Keys.open(settings)
    guard = keys.guard()
    review, ticket = await guard.protect(
        [
            Sensitive(REVIEWS.name, "r-1", USER, {"text": Plaintext(SECRET), "title": Plaintext("fine")}),
            Sensitive(
                SUPPORT_TICKETS.name, "t-1", USER, {"text": Plaintext(SECRET), "subject": Plaintext("hello")}
            ),
        ]
    )
    dead = await sealed_whole(guard, SECRET.encode(), topic=REVIEWS.name, event_id="r-3", subject=USER)
    await keys.close()
    origin = Origin(topic=settings.wire_topic(REVIEWS.name), partition=0, offset=7)

    def insight(event: str, **more: object) -> ReviewInsight:
        return ReviewInsight.model_validate(
            {"id": result_id("i", [event]), "causes": [event], "time": NOW, "product_id": "p-1", "user": USER}
            | {"text": "masked", "sentiment": EVEN}
            | more
        )

    await put(
        settings,
        insight("r-1", sealed=review.sealed),
        insight("r-2"),
        SupportReply(
            id=result_id("s", ["t-1"]), causes=["t-1"], time=NOW, ticket_id="t-1", user=USER, text="masked",
            confidence=0.5, sealed=ticket.sealed,
        ),
        DeadLetter(
            id=result_id("d", ["r-3"]), causes=["r-3"], time=NOW, reason=Reason.PROCESSING_FAILED, detail="constant",
            origin=origin, size=9, user=USER, sealed=dead,
        ),
    )  # fmt: skip


@pytest.fixture
def shop(settings: Settings, shopstream: Shell) -> Shop:
    make_topics(settings, SUPPORT_REPLIES)
    asyncio.run(fill(settings))
    return Shop(settings, shopstream)


def facts(settings: Settings) -> list[tuple[object, ...]]:
    log = audit_log(settings)
    parsed = [entry for line in log.lines() if (entry := log.chain.parse(line))]
    return [
        (entry["actor"], entry["outcome"], entry["purpose"])
        for entry in parsed
        if entry["action"] == "reveal"
    ]


def test_an_original_is_shown_for_a_purpose_and_the_log_names_nobody(shop: Shop) -> None:
    said = shop.shopstream("reveal", "r-1", "--topic", "reviews", "--purpose", "subject_access", "--json")
    assert said.code == 0, said
    assert said.json == {"topic": "reviews", "event": "r-1", "fields": {"text": SECRET}, "withheld": []}
    dead = shop.shopstream("reveal", "r-3", "--topic", "reviews", "--purpose", "incident")
    assert SECRET in dead.out
    assert [outcome for _, outcome, _ in facts(shop.settings)] == ["begun", "done", "begun", "done"]
    log = shop.settings.audit_file.read_text()
    assert not [
        word for word in ("mia.wong", "r-1", "r-3", USER) if f'"{word}"' in log or word == "mia.wong" in log
    ]


def test_it_is_told_why_there_is_nothing_to_show(shop: Shop) -> None:
    def reveal(*arguments: str) -> tuple[int, str]:
        said = shop.shopstream("reveal", *arguments, "--purpose", "incident")
        return said.code, said.err

    code, why = reveal("r-9", "--topic", "reviews")
    assert (code, "is there" in why) == (1, True)
    assert reveal("r-1", "--topic", "support-tickets")[0] == 1
    code, why = reveal("r-2", "--topic", "reviews")
    assert (code, "nothing is sealed" in why) == (1, True)
    code, why = reveal("r-1", "--topic", "reviews", "--field", "title")
    assert (code, "no field title" in why) == (1, True)
    asyncio.run(erased(shop.settings))
    code, why = reveal("r-1", "--topic", "reviews")
    assert (code, "erased" in why) == (1, True)


async def erased(settings: Settings) -> None:
    keys = await Keys.open(settings)
    assert await keys.keyring.erase(USER)
    await keys.close()


def test_keys_of_another_installation_are_told(shop: Shop) -> None:
    shop.settings.kek_file.unlink()
    said = shop.shopstream("reveal", "r-1", "--topic", "reviews", "--purpose", "incident")
    assert (said.code, "no key file" in said.err) == (78, True)
    assert not shop.settings.kek_file.exists()
    KeyFile(shop.settings.kek_file).create(KeyMaterial.generate())
    said = shop.shopstream("reveal", "r-1", "--topic", "reviews", "--purpose", "incident")
    assert (said.code, "does not hold" in said.err) == (78, True)


def test_a_support_agent_sees_tickets_only_and_a_refusal_is_written(shop: Shop) -> None:
    shopstream = shop.shopstream
    admin = shopstream("access", "add", "ann", "--role", "admin", "--json").json["token"]
    agent = shopstream(
        "access", "add", "sam", "--role", "support_agent", "--json", SHOPSTREAM_ACCESS_TOKEN=admin
    ).json["token"]

    def reveal(token: str, event: str, topic: str, purpose: str = "support") -> tuple[int, str]:
        said = shopstream(
            "reveal", event, "--topic", topic, "--purpose", purpose, SHOPSTREAM_ACCESS_TOKEN=token
        )
        return said.code, said.out

    assert reveal(agent, "t-1", "support-tickets") == (0, f"text:\n  {SECRET}\n")
    assert reveal(agent, "r-1", "reviews") == (77, "")
    assert reveal(agent, "t-1", "support-tickets", "legal") == (77, "")
    assert reveal(admin, "t-1", "support-tickets") == (77, "")
    assert facts(shop.settings) == [
        ("sam", "begun", "support"),
        ("sam", "done", "support"),
        ("sam", "denied", "support"),
        ("sam", "denied", "legal"),
        ("ann", "denied", "support"),
    ]
