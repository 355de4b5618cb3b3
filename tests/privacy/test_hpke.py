"""Producer-side sealing: RFC 9180 by the library, bound to its place, and as the documents say."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.envelope import to_base64url
from privacy.errors import KeyFileError, NotAuthentic, UnknownKey
from privacy.hpke import Opener, PublicKey, TextContext
from privacy.key_file import KeyFile
from privacy.key_material import IntakeKey, KeyMaterial
from privacy.kms import EnvironmentKms, LocalKms
from privacy.sealed_text import SealedText
from streams.contracts.sealed_example import SEALED
from tests.privacy.rfc9180 import seal

KEY = IntakeKey.of(bytes(range(32)))
OTHER = IntakeKey.of(bytes(range(1, 33)))
PUBLIC = PublicKey.of(KEY, "default")
HERE = TextContext("reviews", "review-9", "text", "user-42")
TEXT = "Kept me dry for a week in the rain. Ask me: mia@example.com"
DOCUMENT = Path(__file__).parents[2] / "docs" / "producer-sealing.md"


class Holding:
    """Intake keys in memory."""

    def __init__(self, *keys: IntakeKey) -> None:
        self._keys = {key.id: key for key in keys}

    def intake_key(self, key_id: str) -> IntakeKey | None:
        return self._keys.get(key_id)


def opener(*keys: IntakeKey, tenant: str = "default") -> Opener:
    return Opener(tenant, Holding(*keys))


@pytest.mark.parametrize(
    ("recipient", "ephemeral", "aead", "ciphertext"),
    [
        (  # RFC 9180, A.1.1.1, sequence number 0
            "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
            "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
            ("0001", 16),
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
        ),
        (  # the RFC has none for AES-256-GCM with X25519: this one is BoringSSL's
            "ac66bae9ffa270cf4a89ed9f274e30c0456babae2572aaaf002ff0d8884ab018",
            "28e212563a8b6f068af7ff17400ff1baf23612b7a738bbaf5dfb321b2b5b431a",
            ("0002", 32),
            "23ded2d5d90ea89d975dac4792b297240f194952d7421aacbff0474100052b6bb8aa58d18ef6c42b6960e2e28f",
        ),
    ],
)
def test_the_second_implementation_gives_the_published_vectors(
    recipient: str, ephemeral: str, aead: tuple[str, int], ciphertext: str
) -> None:
    info, plaintext, aad = b"Ode on a Grecian Urn", b"Beauty is truth, truth beauty", b"Count-0"
    _, sealed = seal(bytes.fromhex(recipient), bytes.fromhex(ephemeral), info, plaintext, aad, aead)
    assert sealed.hex() == ciphertext


@given(st.text(), st.binary(min_size=32, max_size=32).filter(any))
def test_what_the_second_implementation_seals_opens(text: str, ephemeral: bytes) -> None:
    enc, ciphertext = seal(
        PUBLIC.key.public_bytes_raw(), ephemeral, HERE.info("default"), text.encode("utf-8", "surrogatepass")
    )
    sealed = SealedText(key=KEY.id, enc=enc, ciphertext=ciphertext)
    assert opener(KEY).open(sealed, HERE).decode("utf-8", "surrogatepass") == text


def test_the_documented_vector_is_what_the_documented_bytes_give() -> None:
    page = DOCUMENT.read_text()
    info = HERE.info("default")
    enc, ciphertext = seal(PUBLIC.key.public_bytes_raw(), bytes(range(32, 64)), info, TEXT.encode())
    vector = re.sub(r"\s+", " ", page[page.index("```text") :].split("```")[1])
    assert vector.split() == [
        "text",
        "info",
        *(info.hex()[start : start + 104] for start in (0, 104)),
        "enc",
        to_base64url(enc),
        "ciphertext",
        to_base64url(ciphertext),
    ]
    key = orjson.loads(page[page.index("```json") + 7 :].split("```")[0])
    assert key == orjson.loads(PUBLIC.to_json())
    assert TEXT in re.sub(r"\s+", " ", page)
    assert SealedText(key=KEY.id, enc=enc, ciphertext=ciphertext).document() == SEALED
    assert opener(KEY).open(SealedText.parse(SEALED), HERE) == TEXT.encode()


def test_info_is_the_documented_strings_each_behind_its_length() -> None:
    parts = ("shopstream sealed text 1", "tenänt", "queries", "q-1", "text", "")
    expected = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    assert TextContext("queries", "q-1", "text", None).info("tenänt") == expected


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_sealed_and_opened_is_the_text_again_and_grows_as_the_documents_say(text: str) -> None:
    sealed = PUBLIC.seal(text, HERE)
    parsed = SealedText.parse(orjson.loads(orjson.dumps(sealed.document())))
    assert opener(KEY).open(parsed, HERE).decode() == text
    assert len(orjson.dumps(sealed.document())) <= 182 + 4 / 3 * len(text.encode())


def test_equal_texts_are_sealed_differently() -> None:
    first, second = PUBLIC.seal(TEXT, HERE), PUBLIC.seal(TEXT, HERE)
    assert first.enc != second.enc
    assert first.ciphertext != second.ciphertext


@pytest.mark.parametrize(
    ("tenant", "moved"),
    [
        ("another", {}),
        ("default", {"topic": "queries"}),
        ("default", {"event_id": "review-10"}),
        ("default", {"field": "title"}),
        ("default", {"user_id": "user-43"}),
        ("default", {"user_id": None}),
        ("default", {"event_id": "review-9text", "field": ""}),
    ],
)
def test_moved_to_another_place_it_does_not_open(tenant: str, moved: dict[str, Any]) -> None:
    sealed = PUBLIC.seal(TEXT, HERE)
    assert opener(KEY).open(sealed, HERE) == TEXT.encode()
    with pytest.raises(NotAuthentic) as caught:
        opener(KEY, tenant=tenant).open(sealed, replace(HERE, **moved))
    assert "mia@" not in str(caught.value)


@pytest.mark.parametrize("change", ["enc", "ciphertext", "small order"])
def test_altered_it_does_not_open(change: str) -> None:
    sealed = PUBLIC.seal(TEXT, HERE)
    altered = {
        "enc": replace(sealed, enc=PUBLIC.seal(TEXT, HERE).enc),
        "ciphertext": replace(sealed, ciphertext=bytes([sealed.ciphertext[0] ^ 1]) + sealed.ciphertext[1:]),
        "small order": replace(sealed, enc=bytes(32)),
    }
    with pytest.raises(NotAuthentic):
        opener(KEY).open(altered[change], HERE)


def test_an_unknown_key_is_told_from_a_forged_name_of_a_known_one() -> None:
    sealed = PUBLIC.seal(TEXT, HERE)
    with pytest.raises(UnknownKey):
        opener(OTHER).open(sealed, HERE)
    with pytest.raises(UnknownKey):
        Opener("default", None).open(sealed, HERE)
    with pytest.raises(NotAuthentic):
        opener(KEY, OTHER).open(replace(sealed, key=OTHER.id), HERE)


def test_after_a_rotation_old_and_new_texts_open_also_in_a_process_that_runs(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "kek.json")
    file.create(KeyMaterial.generate())
    running = Opener("default", LocalKms(file))
    old = PublicKey.of(file.load().intake[-1], "default")
    before = old.seal("before", HERE)
    assert running.open(before, HERE) == b"before"
    new = PublicKey.of(file.update(lambda material: material.with_new_intake()).intake[-1], "default")
    assert new.id != old.id
    assert running.open(new.seal("after", HERE), HERE) == b"after"
    assert running.open(before, HERE) == b"before"
    assert running.open(old.seal("late", HERE), HERE) == b"late"


def test_intake_keys_from_the_environment_open_too() -> None:
    kms = EnvironmentKms(
        to_base64url(bytes(32)), to_base64url(b"t" * 32), intake_keys=[to_base64url(KEY.key)]
    )
    assert Opener("default", kms).open(PUBLIC.seal(TEXT, HERE), HERE) == TEXT.encode()


def test_the_public_key_is_read_back_and_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_bytes(PUBLIC.to_json())
    read = PublicKey.load(path)
    assert (read.tenant, read.id) == ("default", KEY.id)
    assert read.key.public_bytes_raw() == PUBLIC.key.public_bytes_raw()
    assert to_base64url(KEY.key) not in path.read_text()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "other"}, "keys public"),
        ({"alg": "RSA"}, "another algorithm"),
        ({"public_key": "AAAA"}, "256 bits"),
        ({"public_key": to_base64url(bytes(32))}, "fingerprint"),
        ({"tenant": ""}, "'tenant'"),
        ({"key": 5}, "'key'"),
    ],
)
def test_a_damaged_public_key_says_what_is_wrong(change: dict[str, Any], says: str) -> None:
    content = orjson.dumps(orjson.loads(PUBLIC.to_json()) | change)
    with pytest.raises(KeyFileError, match=says) as caught:
        PublicKey.from_json(content, "the public key x.json")
    assert "x.json" in str(caught.value)


def test_a_missing_public_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"none\.json"):
        PublicKey.load(tmp_path / "none.json")
