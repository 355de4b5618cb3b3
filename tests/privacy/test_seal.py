"""Sealing: what was sealed opens in its place, and nowhere else."""

import base64
import dataclasses
import re
from datetime import date

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from privacy import (
    UNATTRIBUTED,
    DerivedKeys,
    KeyMaterial,
    MalformedEnvelope,
    NotAuthentic,
    OpenError,
    SealContext,
    SealedEnvelope,
    Sealer,
    UnknownKey,
    UnknownVersion,
)
from privacy.encoding import length_prefixed
from privacy.envelope import from_base64url, to_base64url

MATERIAL = KeyMaterial.generate()
SEALER = Sealer(DerivedKeys(MATERIAL))
CONTEXT = SealContext(tenant="t", topic="reviews", event_id="e-1", field="text", subject="user-1")

words = st.text(st.characters(), max_size=20)
contexts = st.builds(SealContext, words, words, words, words, words)


@given(st.binary(max_size=200), contexts)
def test_what_is_sealed_opens_again(data: bytes, context: SealContext) -> None:
    envelope = SEALER.seal(data, context)
    assert SEALER.open(envelope, context) == data
    assert SEALER.open(SealedEnvelope.parse(orjson.loads(orjson.dumps(envelope))), context) == data


@given(contexts, st.sampled_from([field.name for field in dataclasses.fields(SealContext)]), words)
def test_another_value_in_any_part_of_the_context_refuses_to_open(
    context: SealContext, part: str, other: str
) -> None:
    moved = dataclasses.replace(context, **{part: other})
    if moved != context and UNATTRIBUTED not in {moved.subject, context.subject}:
        with pytest.raises(NotAuthentic):
            SEALER.open(SEALER.seal(b"anna", context), moved)


@given(contexts)
def test_two_parts_of_the_context_do_not_swap_nor_run_into_each_other(context: SealContext) -> None:
    envelope = SEALER.seal(b"anna", context)
    swapped = dataclasses.replace(context, tenant=context.topic, topic=context.tenant)
    shifted = dataclasses.replace(context, tenant=context.tenant + context.topic, topic="")
    for other in (swapped, shifted):
        if other != context:
            with pytest.raises(NotAuthentic):
                SEALER.open(envelope, other)


@given(st.binary(min_size=1, max_size=50), st.integers(min_value=0), st.integers(0, 7))
def test_one_flipped_bit_refuses_to_open(data: bytes, place: int, bit: int) -> None:
    envelope = SEALER.seal(data, CONTEXT)
    for member in ("nonce", "ciphertext"):
        altered = bytearray(from_base64url(getattr(envelope, member), member))
        altered[place % len(altered)] ^= 1 << bit
        members = dataclasses.asdict(envelope) | {member: to_base64url(bytes(altered))}
        with pytest.raises(NotAuthentic):
            SEALER.open(SealedEnvelope.parse(members), CONTEXT)


def test_another_key_file_is_told_from_damage() -> None:
    other = Sealer(DerivedKeys(KeyMaterial.generate()))
    with pytest.raises(UnknownKey, match="key file"):
        other.open(SEALER.seal(b"anna", CONTEXT), CONTEXT)


def test_a_data_key_version_that_the_subject_does_not_have_is_told() -> None:
    envelope = SEALER.seal(b"anna", CONTEXT)
    with pytest.raises(UnknownKey, match="version"):
        SEALER.open(dataclasses.replace(envelope, key=f"{MATERIAL.id}/2"), CONTEXT)
    with pytest.raises(UnknownKey):
        SEALER.open(envelope, dataclasses.replace(CONTEXT, subject=UNATTRIBUTED))


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
def test_damage_before_cryptography_has_its_own_errors(
    change: dict[str, object], error: type[OpenError]
) -> None:
    envelope = dataclasses.replace(SEALER.seal(b"anna", CONTEXT), **change)  # type: ignore[arg-type]
    with pytest.raises(error):
        SEALER.open(envelope, CONTEXT)


@given(
    st.dictionaries(
        st.sampled_from(["v", "alg", "key", "nonce", "ciphertext"]), st.none() | st.text() | st.integers()
    )
)
def test_parsing_and_opening_anything_fails_with_an_open_error_only(data: dict[str, object]) -> None:
    with pytest.raises(OpenError):
        SEALER.open(SealedEnvelope.parse(data), CONTEXT)


@given(st.binary())
def test_base64url_is_the_standard_one_without_padding(data: bytes) -> None:
    assert to_base64url(data) == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert from_base64url(to_base64url(data), "nonce") == data


def test_no_nonce_comes_twice_and_the_envelope_has_the_documented_form() -> None:
    envelopes = [SEALER.seal(b"anna", CONTEXT) for _ in range(1000)]
    assert len({envelope.nonce for envelope in envelopes}) == len(envelopes)
    members = orjson.loads(orjson.dumps(envelopes[0]))
    assert list(members) == ["v", "alg", "key", "nonce", "ciphertext"]
    assert (members["v"], members["alg"]) == (1, "A256GCM")
    assert re.fullmatch(r"local-[0-9a-f]{8}/1", members["key"])
    assert len(from_base64url(members["nonce"], "nonce")) == 12
    assert len(from_base64url(members["ciphertext"], "ciphertext")) == len(b"anna") + 16


def test_the_format_can_be_opened_by_the_description_alone() -> None:
    """An independent reader: HKDF and AES-GCM from the library, the associated data built by hand."""
    envelope = SEALER.seal(b"anna", CONTEXT)
    info = length_prefixed("shopstream data key", "user-1", "1")
    data_key = HKDF(hashes.SHA256(), length=32, salt=None, info=info).derive(MATERIAL.key)
    parts = ["shopstream envelope 1", "t", "reviews", "e-1", "text", "user-1", "1"]
    associated = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    nonce = from_base64url(envelope.nonce, "nonce")
    ciphertext = from_base64url(envelope.ciphertext, "ciphertext")
    assert AESGCM(data_key).decrypt(nonce, ciphertext, associated) == b"anna"


def test_the_unattributed_key_is_the_days_and_old_days_still_open() -> None:
    days = iter([date(2025, 1, 31), date(2025, 2, 1)])
    sealer = Sealer(DerivedKeys(MATERIAL, today=lambda: next(days)))
    context = dataclasses.replace(CONTEXT, subject=UNATTRIBUTED)
    january, february = sealer.seal(b"a", context), sealer.seal(b"a", context)
    assert (january.key, february.key) == (f"{MATERIAL.id}/2025-01-31", f"{MATERIAL.id}/2025-02-01")
    assert sealer.open(january, context) == sealer.open(february, context) == b"a"
    with pytest.raises(NotAuthentic):
        sealer.open(dataclasses.replace(january, key=february.key), context)


def test_data_keys_do_not_show_in_repr_and_their_cache_is_bounded() -> None:
    keys = DerivedKeys(MATERIAL, cached=4)
    first = [keys.data_key(f"user-{number}") for number in range(10)]
    assert keys._cached_key.cache_info().currsize == 4
    assert keys.data_key("user-9") is first[9]
    assert "AESGCM" not in repr(first[0])
    assert MATERIAL.key.hex() not in repr(MATERIAL)
    assert repr(MATERIAL) == f"KeyMaterial(id='{MATERIAL.id}')"
