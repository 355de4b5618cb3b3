import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord

from streams.client.reader import TopicReader
from streams.contracts.examples import example_document
from streams.contracts.partitioning import partition_for
from streams.contracts.topics import CATALOG
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import PARTITIONS, REFUSED, answering, make_topics

File = Callable[..., Path]


def sent(settings: Settings, topic: str = "reviews") -> list[ConsumerRecord]:
    async def read() -> list[ConsumerRecord]:
        async with TopicReader(settings, [topic]) as reader:
            await reader.to_beginning()
            return [record async for records in reader.until_caught_up() for record in records]

    return asyncio.run(read())


@contextmanager
def peer(settings: Settings) -> Iterator[None]:
    """Answers reviews from a thread, while the command runs in this one."""
    ready, stop = threading.Event(), threading.Event()

    async def work() -> None:
        async with answering(settings):
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def test_good_lines_are_sent_and_bad_ones_told_without_their_content(
    shopstream: Shell, settings: Settings, reviews: File
) -> None:
    secret = "mia@example.com"
    file = reviews(
        {"id": "r-1"}, b"", {"id": "r-2", "rating": secret}, b"{not json " + secret.encode(), {"id": "r-3"}
    )
    said = shopstream("produce", "--topic", "reviews", file, "--json")
    assert said.code == 1
    assert said.json["lines"] == 4
    assert said.json["sent"] == 2
    assert said.json["reasons"] == {"wrong_type": 1, "not_json": 1}
    assert [(one["line"], one["field"]) for one in said.json["problems"]] == [(3, "/rating"), (4, None)]
    assert secret not in said.out + said.err
    records = sent(settings)
    assert [json.loads(record.value)["id"] for record in records] == ["r-1", "r-3"]
    assert {record.partition for record in records} == {partition_for(b"user-42", PARTITIONS)}
    assert dict(records[0].headers)["ce_id"] == b"r-1"


def test_people_get_a_line_for_each_bad_line(shopstream: Shell, reviews: File) -> None:
    said = shopstream("produce", "--topic", "reviews", reviews({"id": "r-1"}, {"id": "r-2", "text": 5}))
    assert said.code == 1
    assert said.out == "1 sent, 1 bad\n"
    assert "line 2: wrong_type /text" in said.err


def test_standard_input_is_a_file_too(shopstream: Shell, settings: Settings, reviews: File) -> None:
    said = shopstream("produce", "--topic", "reviews", "-", stdin=reviews({"id": "r-9"}).read_bytes())
    assert said.code == 0
    assert len(sent(settings)) == 1


def test_a_pipe_is_read_as_it_comes(settings: Settings, reviews: File) -> None:
    environment = os.environ | {
        "SHOPSTREAM_KAFKA__BOOTSTRAP": str(settings.kafka.bootstrap),
        "SHOPSTREAM_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
    }
    command = [
        sys.executable,
        "-c",
        "from streams.cli import main; main()",
        "produce",
        "--topic",
        "reviews",
        "-",
    ]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(reviews({"id": "r-1"}).read_bytes())
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while not sent(settings):
            assert time.monotonic() < deadline, "the line was not sent before the pipe was closed"
        out, _ = process.communicate(reviews({"id": "r-2"}).read_bytes().rstrip(b"\n"), timeout=20)
    assert out == b"2 sent, 0 bad\n"
    assert len(sent(settings)) == 2


def test_unvalidated_lines_go_as_they_are(shopstream: Shell, settings: Settings, reviews: File) -> None:
    said = shopstream("produce", "--topic", "reviews", "--no-validate", reviews(b"{not json", {"id": "r-1"}))
    assert said.code == 0
    assert {record.value[:4]: record.key for record in sent(settings)} == {b"{not": None, b'{"id': b"user-42"}


def test_an_unvalidated_line_without_the_key_that_its_topic_needs_is_bad(
    shopstream: Shell, settings: Settings, tmp_path: Path
) -> None:
    make_topics(settings, CATALOG)
    file = tmp_path / "catalog.jsonl"
    file.write_bytes(b"{not json\n" + json.dumps(example_document("catalog")).encode() + b"\n")
    said = shopstream("produce", "--topic", "catalog", "--no-validate", file)
    assert (said.code, said.out) == (1, "1 sent, 1 bad\n")
    assert "line 1: not_json: it has no key, which this topic needs" in said.err
    assert len(sent(settings, "catalog")) == 1


def test_a_line_larger_than_its_topic_takes_is_bad(
    shopstream: Shell, settings: Settings, reviews: File
) -> None:
    said = shopstream("produce", "--topic", "reviews", "--no-validate", "--json", reviews(b"x" * (1 << 20)))
    assert said.code == 1
    assert said.json["reasons"] == {"too_long": 1}
    assert sent(settings) == []


def test_the_rate_is_held(shopstream: Shell, settings: Settings, reviews: File) -> None:
    said = shopstream(
        "produce", "--topic", "reviews", "--rate", 10, reviews(*({"id": f"r-{n}"} for n in range(11)))
    )
    assert said.code == 0
    times = [record.timestamp for record in sent(settings)]
    assert max(times) - min(times) > 600


def test_waiting_counts_answers_and_dead_letters(
    shopstream: Shell, settings: Settings, reviews: File
) -> None:
    file = reviews({"id": "r-1"}, {"id": "r-2", "text": REFUSED}, b"{not json", {"id": "r-3"})
    with peer(settings):
        said = shopstream("produce", "--topic", "reviews", "--no-validate", "--wait", "--json", file)
    assert said.code == 1
    assert said.json["answers"] == {"answered": 2, "dead": 2, "unanswered": 0}


def test_waiting_ends_well_when_all_are_answered(
    shopstream: Shell, settings: Settings, reviews: File
) -> None:
    with peer(settings):
        said = shopstream(
            "produce", "--topic", "reviews", "--wait", reviews(*({"id": f"r-{n}"} for n in range(300)))
        )
    assert said.code == 0
    assert "300 answered, 0 dead letters" in said.out


def test_waiting_gives_up_when_nobody_answers(shopstream: Shell, reviews: File) -> None:
    said = shopstream("produce", "--topic", "reviews", "--wait", "--patience", 0.3, reviews({"id": "r-1"}))
    assert said.code == 1
    assert "1 without an answer" in said.out


def test_only_topics_with_answers_can_be_waited_for(shopstream: Shell, reviews: File) -> None:
    said = shopstream("produce", "--topic", "catalog", "--wait", reviews({}))
    assert said.code == 2
    assert "catalog" in said.err


def test_settings_that_lead_nowhere_end_with_78(shopstream: Shell, reviews: File, tmp_path: Path) -> None:
    file = reviews({"id": "r-1"})
    nowhere: dict[str, Any] = {"SHOPSTREAM_KAFKA__BOOTSTRAP": "127.0.0.1:1"}
    assert shopstream("produce", "--topic", "reviews", file, **nowhere).code == 78
    missing = shopstream("produce", "--topic", "reviews", file, SHOPSTREAM_KAFKA__TOPIC_PREFIX="missing-")
    assert missing.code == 78
    assert "shopstream topics create" in missing.err
    wrong = shopstream("produce", "--topic", "reviews", file, SHOPSTREAM_KAFKA__PARTITIONS="hunter2")
    assert wrong.code == 78
    assert "kafka.partitions" in wrong.err
    assert "hunter2" not in wrong.err
