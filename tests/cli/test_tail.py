import asyncio
from collections.abc import Callable
from pathlib import Path

from privacy.plaintext import Plaintext
from streams.client import Shopstream
from streams.contracts.codec import encode, encode_event
from streams.contracts.examples import example, review
from streams.contracts.topics import CATALOG, TOPICS
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import make_topics

File = Callable[..., Path]


def put(settings: Settings, topic: str, *values: bytes | None, key: str | None = "the-key") -> None:
    async def send() -> None:
        async with Shopstream(settings) as shop:
            for value in values:
                delivery = await shop.outbox.send(TOPICS[topic], value, key=key, event_id="x")
                await delivery.place()

    asyncio.run(send())


def test_a_result_is_a_short_block_for_people(shopstream: Shell, settings: Settings) -> None:
    put(settings, "review-insights", encode(example("review-insights")))  # type: ignore[arg-type]
    said = shopstream("tail", "review-insights", "--until-caught-up")
    assert said.code == 0
    assert "sentiment: label positive" in said.out
    assert "[EMAIL_1]" in said.out
    assert "sealed: text" in said.out
    assert "ciphertext" not in said.out


def test_a_result_is_one_line_of_json_for_programs(shopstream: Shell, settings: Settings) -> None:
    insight = example("review-insights")
    put(settings, "review-insights", encode(insight), encode(insight))  # type: ignore[arg-type]
    said = shopstream("tail", "review-insights", "--from-beginning", "--max", 2, "--json")
    first, second = said.lines
    assert said.code == 0
    assert first["value"]["id"] == second["value"]["id"] == insight.id  # type: ignore[attr-defined]
    assert first["key"] == "the-key"
    assert second["offset"] > first["offset"]


def test_every_output_topic_can_be_printed(shopstream: Shell, settings: Settings) -> None:
    make_topics(settings, *TOPICS.values())
    for topic in TOPICS.values():
        if topic.direction != "in":
            put(settings, topic.name, encode(example(topic.name)))  # type: ignore[arg-type]
            assert shopstream("tail", topic.name, "--until-caught-up").code == 0
            assert len(shopstream("tail", topic.name, "--until-caught-up", "--json").lines) == 1


def test_topics_with_personal_data_are_refused_with_the_reason(shopstream: Shell) -> None:
    said = shopstream("tail", "reviews", "--until-caught-up")
    assert said.code == 2
    assert "plaintext" in said.err


def test_even_then_texts_and_user_ids_are_hidden(shopstream: Shell, settings: Settings) -> None:
    event = review().model_copy(
        update={"text": Plaintext("call me on 030 901820"), "user_id": "mia@example.com"}
    )
    put(settings, "reviews", encode_event(event), key="mia@example.com")
    for mode in ([], ["--json"]):
        said = shopstream("tail", "reviews", "--until-caught-up", "--plaintext", *mode)
        assert said.code == 0
        assert event.id in said.out
        assert "***" in said.out
        assert "901820" not in said.out
        assert "mia@example.com" not in said.out


def test_what_cannot_be_read_is_told_by_place_and_reason(shopstream: Shell, settings: Settings) -> None:
    put(settings, "reviews", b'{"secret": "mia@example.com"}')
    said = shopstream("tail", "reviews", "--until-caught-up", "--plaintext", "--json")
    assert said.code == 1
    assert said.out == ""
    assert "missing_field at /id" in said.err
    assert "mia@example.com" not in said.err


def test_a_deletion_is_told(shopstream: Shell, settings: Settings) -> None:
    make_topics(settings, CATALOG)
    put(settings, "catalog", None, key="boot-7001")
    assert "deleted" in shopstream("tail", "catalog", "--until-caught-up").out
    [line] = shopstream("tail", "catalog", "--until-caught-up", "--json").lines
    assert (line["key"], line["value"]) == ("boot-7001", None)


def test_text_does_not_steer_the_terminal(shopstream: Shell, settings: Settings) -> None:
    insight = example("review-insights").model_copy(update={"text": "\x1b[2Jgone\u202eevil"})
    put(settings, "review-insights", encode(insight))  # type: ignore[arg-type]
    said = shopstream("tail", "review-insights", "--until-caught-up")
    assert "gone evil" in said.out
    assert "\x1b" not in said.out


def test_an_empty_topic_is_caught_up_at_once(shopstream: Shell) -> None:
    said = shopstream("tail", "dead-letters", "--until-caught-up", "--json")
    assert (said.code, said.out) == (0, "")
