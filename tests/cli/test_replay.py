"""`shopstream replay` as a shell would call it."""

import pytest

from streams.contracts.topics import USER_CHANGES
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.client.peer import make_topics


@pytest.fixture
def redis(valkey: str) -> dict[str, str]:
    return {"SHOPSTREAM_REDIS__URL": valkey}


def test_it_tells_what_it_did(shopstream: Shell, settings: Settings, redis: dict[str, str]) -> None:
    make_topics(settings, USER_CHANGES)
    said = shopstream("replay", "--json", **redis)
    assert said.code == 0
    assert said.json["seconds"] > 0
    assert {**said.json, "seconds": 0} == {"epoch": 2, "changes": 0, "users": 0, "seconds": 0}
    again = shopstream("replay", "--from", "last=7d", **redis)
    assert again.code == 0
    assert "epoch 3 is in use" in again.out


def test_without_redis_topic_or_sense_it_says_so(shopstream: Shell, redis: dict[str, str]) -> None:
    assert shopstream("replay", "--from", "yesterday", **redis).code == 2
    missing = shopstream("replay", **redis)
    assert (missing.code, "user-changes is missing" in missing.err) == (78, True)
    unset = shopstream("replay")
    assert (unset.code, "SHOPSTREAM_REDIS__URL" in unset.err) == (78, True)
