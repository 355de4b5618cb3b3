"""`shopstream keys` on a real key store."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from privacy.envelope import SealedEnvelope, to_base64url
from privacy.key_file import KeyFile
from streams.delivery.errors import DependencyUnavailable
from streams.keys import Keys
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.standins.key_settings import key_settings
from tests.standins.keys import sealed_whole

WORDS = "correct horse battery staple"


@pytest.fixture
def settings(keys_url: str, prefix: str, tmp_path: Path) -> Settings:
    """Without a broker: none is needed."""
    return key_settings(keys_url, prefix, tmp_path, kek_file=tmp_path / "kek.json")


async def sealed(settings: Settings, *users: str) -> dict[str, SealedEnvelope]:
    """A value of each user's, sealed as workers do."""
    keys = await Keys.open(settings)
    guard = keys.guard()
    made = {user: await sealed_whole(guard, b"x", topic="t", event_id="e", subject=user) for user in users}
    await keys.close()
    return made


async def opened(settings: Settings, envelopes: dict[str, SealedEnvelope]) -> set[bytes]:
    keys = await Keys.open(settings, create=False)
    guard = keys.guard()
    found = {
        await guard.open_bytes(one, topic="t", event_id="e", subject=user, field_name="$event")
        for user, one in envelopes.items()
    }
    await keys.close()
    return found


def keks(shopstream: Shell) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = shopstream("keys", "list", "--json").json["keks"]
    return listed


def test_a_key_file_is_made_once(shopstream: Shell, settings: Settings) -> None:
    made = shopstream("keys", "init")
    assert made.code == 0
    kek = KeyFile(settings.kek_file).load().current
    assert kek in made.out
    again = shopstream("keys", "init")
    assert (again.code, "already" in again.err) == (78, True)
    assert KeyFile(settings.kek_file).load().current == kek


def test_a_rotation_rewraps_and_the_old_key_can_go_when_it_wraps_nothing(
    shopstream: Shell, settings: Settings
) -> None:
    envelopes = asyncio.run(sealed(settings, "user-1", "user-2"))
    before = KeyFile(settings.kek_file).load().current
    KeyFile(settings.kek_file).update(lambda material: material.with_new_kek())  # a rotation that broke off
    refused = shopstream("keys", "retire", before)
    assert (refused.code, "wraps 2 data keys" in refused.err) == (78, True)
    rotated = shopstream("keys", "rotate", "--resume")
    assert (rotated.code, "2 data keys rewrapped" in rotated.out) == (0, True)
    assert [one["wraps"] for one in keks(shopstream)] == [0, 2]
    assert shopstream("keys", "retire", before).code == 0
    assert shopstream("keys", "rotate").code == 0
    listed = keks(shopstream)
    assert [(one["current"], one["wraps"]) for one in listed] == [(False, 0), (True, 2)]
    assert before not in [one["id"] for one in listed]
    assert asyncio.run(opened(settings, envelopes)) == {b"x"}
    assert shopstream("keys", "retire", listed[1]["id"]).code == 78


def test_a_damaged_data_key_does_not_stop_a_rotation_and_is_told(
    shopstream: Shell, settings: Settings, keys_url: str
) -> None:
    envelopes = asyncio.run(sealed(settings, "user-1", "user-2"))
    spoilt = envelopes.pop("user-2").key
    subject = f"keys:{{{settings.privacy.tenant}}}:subject:user-2"
    Redis.from_url(keys_url).hset(subject, f"key:{spoilt}", "not a record")
    rotated = shopstream("keys", "rotate")
    assert (rotated.code, "1 data keys rewrapped" in rotated.out) == (1, True)
    assert "1 data keys are damaged" in rotated.err
    assert asyncio.run(opened(settings, envelopes)) == {b"x"}
    assert asyncio.run(sealed(settings, "user-2"))["user-2"].key != spoilt


def test_a_key_that_has_wrapped_much_is_told_and_one_that_may_wrap_no_more_seals_nothing_new(
    shopstream: Shell, settings: Settings, keys_url: str
) -> None:
    asyncio.run(sealed(settings, "user-1"))
    kek, counts = keks(shopstream)[0]["id"], f"keys:{{{settings.privacy.tenant}}}:counts"
    assert "Warning" not in shopstream("keys", "list").err
    server = Redis.from_url(keys_url)
    server.hset(counts, f"wraps:{kek}", 3 * 2**30)
    assert f"{kek} has used 75%" in shopstream("keys", "list").err
    server.hset(counts, f"wraps:{kek}", 2**32)
    with pytest.raises(DependencyUnavailable):
        asyncio.run(sealed(settings, "user-2"))
    asyncio.run(sealed(settings, "user-1"))
    assert shopstream("keys", "rotate").code == 0
    asyncio.run(sealed(settings, "user-2"))


def test_data_keys_are_rotated_for_one_user_or_for_all(shopstream: Shell, settings: Settings) -> None:
    users = "user-1", "user-2"
    first = asyncio.run(sealed(settings, *users))
    assert shopstream("keys", "rotate", "--data", "user-1").code == 0
    second = asyncio.run(sealed(settings, *users))
    assert [first[user].key == second[user].key for user in users] == [False, True]
    assert "2 data keys" in shopstream("keys", "rotate", "--all-data").out
    third = asyncio.run(sealed(settings, *users))
    assert [second[user].key == third[user].key for user in users] == [False, False]
    for envelopes in (first, second, third):
        assert asyncio.run(opened(settings, envelopes)) == {b"x"}
    unknown = shopstream("keys", "rotate", "--data", "nobody")
    assert (unknown.code, "no data key" in unknown.err) == (1, True)
    assert shopstream("keys", "rotate", "--resume", "--all-data").code == 2


def test_what_is_listed_holds_no_secret(shopstream: Shell, settings: Settings) -> None:
    asyncio.run(sealed(settings, "user-1"))
    material = KeyFile(settings.kek_file).load()
    for said in (shopstream("keys", "list"), shopstream("keys", "list", "--json"), shopstream("keys", "acl")):
        assert said.code == 0
        for secret in (material.keks[0].key, material.token_key, material.intake[0].key):
            assert to_base64url(secret) not in said.out
    assert shopstream("keys", "list", "--json").json["subjects"] == 1


def test_an_export_makes_the_same_key_file_elsewhere(
    shopstream: Shell, settings: Settings, tmp_path: Path
) -> None:
    envelopes = asyncio.run(sealed(settings, "user-1"))
    file = tmp_path / "export"
    assert shopstream("keys", "export", file).code == 78  # no passphrase
    assert shopstream("keys", "export", file, SHOPSTREAM_PASSPHRASE=WORDS).code == 0
    assert shopstream("keys", "export", file, SHOPSTREAM_PASSPHRASE=WORDS).code == 2
    made = KeyFile(settings.kek_file).load()
    assert to_base64url(made.keks[0].key).encode() not in file.read_bytes()

    there = shopstream("keys", "import", file, SHOPSTREAM_PASSPHRASE=WORDS)
    assert (there.code, "already" in there.err) == (78, True)
    settings.kek_file.rename(tmp_path / "moved")
    wrong = shopstream("keys", "import", file, SHOPSTREAM_PASSPHRASE="incorrect horse")
    assert (wrong.code, settings.kek_file.exists()) == (78, False)
    assert shopstream("keys", "import", file, SHOPSTREAM_PASSPHRASE=WORDS).code == 0
    assert KeyFile(settings.kek_file).load() == made
    assert asyncio.run(opened(settings, envelopes)) == {b"x"}


def test_keys_from_the_environment_are_rewrapped_and_never_made(
    shopstream: Shell, settings: Settings
) -> None:
    asyncio.run(sealed(settings, "user-1"))
    old = KeyFile(settings.kek_file).load()
    new = old.with_new_kek().keks[1]
    given = {
        "SHOPSTREAM_KEYS__KEK": to_base64url(new.key),
        "SHOPSTREAM_KEYS__OLD_KEKS": f'["{to_base64url(old.keks[0].key)}"]',
        "SHOPSTREAM_KEYS__TOKEN_KEY": to_base64url(old.token_key),
    }
    refused = shopstream("keys", "rotate", **given)
    assert (refused.code, "SHOPSTREAM_KEYS__OLD_KEKS" in refused.err) == (78, True)
    assert f"{new.id} is current; 1 data keys" in shopstream("keys", "rotate", "--resume", **given).out
    lost = shopstream("keys", "list")
    assert (lost.code, new.id in lost.err) == (78, True)  # the file alone is the wrong one now


def test_a_store_that_is_away_or_at_no_address_is_told(shopstream: Shell, settings: Settings) -> None:
    away = shopstream("keys", "list", SHOPSTREAM_KEYS__URL="redis://127.0.0.1:1")
    assert (away.code, "does not answer" in away.err) == (78, True)
    wrong = shopstream("keys", "list", SHOPSTREAM_KEYS__URL="hunter2")
    assert (wrong.code, "not redis://HOST:PORT" in wrong.err, "hunter2" in wrong.err) == (78, True, False)


def test_where_nothing_runs_the_key_store_is_asked_for_not_a_broker(shopstream: Shell) -> None:
    nothing = {"SHOPSTREAM_KEYS__URL": None, "SHOPSTREAM_KAFKA__BOOTSTRAP": None}
    said = shopstream("keys", "list", **nothing)
    assert (said.code, "no key store: set SHOPSTREAM_KEYS__URL" in said.err, "broker" in said.err) == (
        78,
        True,
        False,
    )
