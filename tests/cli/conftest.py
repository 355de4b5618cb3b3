"""The commands in this process, as a shell would call them, on an installation of their own."""

import json
import logging
import re
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from redis import Redis

from streams.cli import main
from streams.contracts.examples import example_document
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS
from streams.settings import KafkaSettings, KeySettings, PrivacySettings, Settings
from tests.client.peer import PARTITIONS, make_topics


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Shell = Callable[..., Said]


@pytest.fixture
def settings(kafka: str, keys_url: str, prefix: str, tmp_path: Path) -> Settings:
    """Of an installation of its own on the shared broker and key store; the topics of reviews exist."""
    made = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=PARTITIONS),
        keys=KeySettings(url=SecretStr(keys_url), kek_file=tmp_path / "kek.json"),
        privacy=PrivacySettings(tenant=prefix),
    )
    make_topics(made, REVIEWS, REVIEW_INSIGHTS, DEAD_LETTERS)
    return made


@pytest.fixture
def process_as_before() -> Iterator[None]:
    """What a command changes of its process is as it was afterwards: logging, and what signals do."""
    handlers, level = logging.root.handlers[:], logging.getLogger("aiokafka").level
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    logging.root.handlers[:] = handlers
    logging.getLogger("aiokafka").setLevel(level)
    for number, handler in signals.items():
        signal.signal(number, handler)


@pytest.fixture
def shopstream(settings: Settings, keys_url: str, process_as_before: None) -> Shell:
    """Calls the command with these settings in its environment."""
    environment = {
        "SHOPSTREAM_DATA_DIR": str(settings.data_dir),
        "SHOPSTREAM_KAFKA__BOOTSTRAP": str(settings.kafka.bootstrap),
        "SHOPSTREAM_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "SHOPSTREAM_KEYS__KEK_FILE": str(settings.kek_file),
        "SHOPSTREAM_KEYS__URL": keys_url,
        "SHOPSTREAM_MODELS__TAGGER": "",  # no command of these tests is about it, and to load it takes seconds
        "SHOPSTREAM_PRIVACY__TENANT": settings.privacy.tenant,
    }

    def call(*arguments: object, stdin: bytes | None = None, **more: str) -> Said:
        result = CliRunner().invoke(
            main, [str(one) for one in arguments], input=stdin, env=environment | more
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def reviews(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of reviews; each given dict changes one field or more of the example."""

    def write(*changes: dict[str, Any] | bytes) -> Path:
        file = tmp_path / "reviews.jsonl"
        lines = [
            one if isinstance(one, bytes) else json.dumps({**example_document("reviews"), **one}).encode()
            for one in changes
        ]
        file.write_bytes(b"\n".join(lines) + b"\n")
        return file

    return write


@pytest.fixture
def limited(keys_url: str) -> Iterator[Callable[[str], str]]:
    """Makes the key store's URL of a user with these rights, in the words of an ACL file."""
    name = f"limited-{secrets.token_hex(4)}"
    with Redis.from_url(keys_url) as redis:

        def made(rights: str) -> str:
            words = re.findall(r"\([^)]*\)|\S+", rights)
            redis.execute_command("ACL SETUSER", name, "on", ">words", *words)
            return keys_url.replace("://", f"://{name}:words@", 1)

        yield made
        redis.acl_deluser(name)
