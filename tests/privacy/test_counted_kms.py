"""How often a key-encryption key wraps: counted before it does, and refused at the limit."""

import secrets

import pytest

from privacy import EnvironmentKms, Keyring
from privacy.counted_kms import CountedKms
from privacy.envelope import to_base64url
from privacy.errors import KeyStoreError
from tests.standins.keys import MemoryRecords

KMS = EnvironmentKms(*(to_base64url(secrets.token_bytes(32)) for _ in range(2)))


async def test_a_key_that_is_there_takes_no_wrapping() -> None:
    records = MemoryRecords()
    keyring = Keyring(KMS, records, tenant="t")
    for turn in range(1_030):  # more than a process reserves at once
        keyring.forget(lambda _: True)
        await keyring.current({f"user-{turn % 2}": 1})
    assert (await records.holdings()).wraps == {await KMS.current(): 1_024}


async def test_processes_share_the_limit_and_at_it_nothing_is_wrapped() -> None:
    records = MemoryRecords()
    one, two = (CountedKms(KMS, records, most=3_000) for _ in range(2))
    await one.wrap([(b"key", b"")] * 1_024)
    await two.wrap([(b"key", b"")] * 1_500)
    with pytest.raises(KeyStoreError, match="keys rotate"):
        await one.wrap([(b"key", b"")])
    with pytest.raises(KeyStoreError, match="keys rotate"):
        await two.wrap([(b"key", b"")])
