"""`shopstream erase` where it can't go on; tests/erasing has it with workers."""

import pytest

from streams.contracts.topics import ERASURE_LEDGER, ERASURES
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import make_topics


@pytest.fixture
def ready(settings: Settings, shopstream: Shell) -> Shell:
    """With topics, and a key file."""
    make_topics(settings, ERASURES, ERASURE_LEDGER)
    assert shopstream("keys", "init").code == 0
    return shopstream


def test_without_workers_it_says_that_the_erasure_waits(
    ready: Shell, settings: Settings, valkey: str
) -> None:
    said = ready("erase", "u-mia", "--reference", "case-1", "--wait", 0.5, SHOPSTREAM_REDIS__URL=valkey)
    assert (said.code, said.out) == (4, "")
    assert "start them" in said.err
    (sent,) = ready("tail", ERASURES.name, "--until-caught-up", "--plaintext", "--json").lines
    assert "case-1" in str(sent)
    audit = settings.audit_file.read_text()
    assert "case-1" in audit
    assert "u-mia" not in audit


def test_without_redis_nothing_is_sent(ready: Shell) -> None:
    said = ready("erase", "u1")
    assert said.code == 78
    assert "SHOPSTREAM_REDIS__URL" in said.err


def test_without_keys_nothing_is_made(settings: Settings, shopstream: Shell, valkey: str) -> None:
    said = shopstream("erase", "u1", SHOPSTREAM_REDIS__URL=valkey)
    assert said.code == 78
    assert not settings.kek_file.exists()


def test_an_id_that_no_event_can_have_is_wrong_usage(shopstream: Shell) -> None:
    assert shopstream("erase", "").code == 2
