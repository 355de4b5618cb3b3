"""Sealing: what was sealed opens in its place, and nowhere else."""

import base64
import dataclasses
import re
import secrets

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from privacy import (
    UNATTRIBUTED,
    EnvironmentKms,
    Keyring,
    MalformedEnvelope,
    NotAuthentic,
    OpenError,
    SealContext,
    SealedEnvelope,
    Sealer,
    UnknownKey,
    UnknownVersion,
)
from privacy.envelope import from_base64url, to_base64url
from tests.standins.keys import MemoryRecords

KMS = EnvironmentKms(to_base64url(secrets.token_bytes(32)), to_base64url(secrets.token_bytes(32)))
KEYS = Keyring(KMS, MemoryRecords(), tenant="t")
SEALER = Sealer(KEYS)
CONTEXT = SealContext(tenant="t", topic="reviews", event_id="e-1", field="text", subject="user-1")


async def sealed(data: bytes, context: SealContext, sealer: Sealer = SEALER) -> SealedEnvelope:
    """One value, sealed."""
    (envelope,) = await sealer.seal_all([(data, context)])
    return envelope


words = st.text(st.characters(), max_size=20)
contexts = st.builds(SealContext, words, words, words, words, words)


@given(st.binary(max_size=200), contexts)
async def test_what_is_sealed_opens_again(data: bytes, context: SealContext) -> None:
    envelope = await sealed(data, context)
    assert await SEALER.open(envelope, context) == data
    assert await SEALER.open(SealedEnvelope.parse(orjson.loads(orjson.dumps(envelope))), context) == data


@given(contexts, st.sampled_from([field.name for field in dataclasses.fields(SealContext)]), words)
async def test_another_value_in_any_part_of_the_context_refuses_to_open(
    context: SealContext, part: str, other: str
) -> None:
    moved = dataclasses.replace(context, **{part: other})
    if moved != context and UNATTRIBUTED not in {moved.subject, context.subject}:
        with pytest.raises(UnknownKey if part == "subject" else NotAuthentic):
            await SEALER.open(await sealed(b"anna", context), moved)


@given(contexts)
async def test_two_parts_of_the_context_do_not_swap_nor_run_into_each_other(context: SealContext) -> None:
    envelope = await sealed(b"anna", context)
    swapped = dataclasses.replace(context, tenant=context.topic, topic=context.tenant)
    shifted = dataclasses.replace(context, tenant=context.tenant + context.topic, topic="")
    for other in (swapped, shifted):
        if other != context:
            with pytest.raises(NotAuthentic):
                await SEALER.open(envelope, other)


@given(st.binary(min_size=1, max_size=50), st.integers(min_value=0), st.integers(0, 7))
async def test_one_flipped_bit_refuses_to_open(data: bytes, place: int, bit: int) -> None:
    envelope = await sealed(data, CONTEXT)
    for member in ("nonce", "ciphertext"):
        altered = bytearray(from_base64url(getattr(envelope, member), member))
        altered[place % len(altered)] ^= 1 << bit
        members = dataclasses.asdict(envelope) | {member: to_base64url(bytes(altered))}
        with pytest.raises(NotAuthentic):
            await SEALER.open(SealedEnvelope.parse(members), CONTEXT)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"v": 2}, UnknownVersion),
        ({"alg": "A128GCM"}, UnknownVersion),
        ({"key": ""}, UnknownKey),
        ({"nonce": "AAAA"}, MalformedEnvelope),
        ({"nonce": "*" * 16}, MalformedEnvelope),
        ({"nonce": "A" * 15 + "+"}, MalformedEnvelope),
        ({"nonce": "é" * 16}, MalformedEnvelope),
        ({"ciphertext": ""}, MalformedEnvelope),
        ({"ciphertext": "A"}, MalformedEnvelope),
        ({"ciphertext": "AAAAAAAAAAAAAAAAAAAAAA=="}, MalformedEnvelope),
        ({"ciphertext": "AAAAAAAAAAAAAAAAAAAAAB"}, MalformedEnvelope),
    ],
)
async def test_damage_before_cryptography_has_its_own_errors(
    change: dict[str, object], error: type[OpenError]
) -> None:
    envelope = dataclasses.replace(await sealed(b"anna", CONTEXT), **change)  # type: ignore[arg-type]
    with pytest.raises(error):
        await SEALER.open(envelope, CONTEXT)


@given(
    st.dictionaries(
        st.sampled_from(["v", "alg", "key", "nonce", "ciphertext"]), st.none() | st.text() | st.integers()
    )
)
async def test_parsing_and_opening_anything_fails_with_an_open_error_only(data: dict[str, object]) -> None:
    with pytest.raises(OpenError):
        await SEALER.open(SealedEnvelope.parse(data), CONTEXT)


@given(st.binary())
def test_base64url_is_the_standard_one_without_padding(data: bytes) -> None:
    assert to_base64url(data) == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert from_base64url(to_base64url(data), "nonce") == data


async def test_no_nonce_comes_twice_and_the_envelope_has_the_documented_form() -> None:
    envelopes = [await sealed(b"anna", CONTEXT) for _ in range(1000)]
    assert len({envelope.nonce for envelope in envelopes}) == len(envelopes)
    members = orjson.loads(orjson.dumps(envelopes[0]))
    assert list(members) == ["v", "alg", "key", "nonce", "ciphertext"]
    assert (members["v"], members["alg"]) == (1, "A256GCM")
    assert re.fullmatch(r"[0-9A-Za-z_-]{12}", members["key"])
    assert len(from_base64url(members["nonce"], "nonce")) == 12
    assert len(from_base64url(members["ciphertext"], "ciphertext")) == len(b"anna") + 16


async def test_the_format_can_be_opened_by_the_description_alone() -> None:
    """An independent reader: the wrapped key unwrapped, and AES-GCM from the library, all bound data built by hand."""
    records = MemoryRecords()
    sealer = Sealer(Keyring(KMS, records, tenant="t"))
    envelope = await sealed(b"anna", CONTEXT, sealer)
    record = await records.get("user-1", envelope.key)
    assert record is not None
    kek = KMS.material.kek(record.kek)
    assert kek is not None
    bound = joined("shopstream data key 1", "t", "user-1", envelope.key)
    data_key = AESGCM(kek.key).decrypt(record.wrapped[:12], record.wrapped[12:], bound)
    bound = joined("shopstream envelope 1", "t", "reviews", "e-1", "text", "user-1", envelope.key)
    nonce = from_base64url(envelope.nonce, "nonce")
    assert (
        AESGCM(data_key).decrypt(nonce, from_base64url(envelope.ciphertext, "ciphertext"), bound) == b"anna"
    )


def joined(*parts: str) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)


async def test_data_keys_do_not_show_in_repr() -> None:
    key = (await KEYS.current({"user-1": 1}))["user-1"]
    assert "AESGCM" not in repr(key)
    kek = KMS.material.keks[0].key
    assert repr(kek) not in repr(KMS.material)
    assert kek.hex() not in repr(KMS.material)
