"""Files under a passphrase: they open whole, or say what is wrong."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from privacy.sealed_file import (
    Cost,
    DamagedFile,
    NewerSealedFile,
    NotASealedFile,
    SealedFileError,
    WeakPassphrase,
    WrongPassphrase,
    read_sealed,
    write_sealed,
)

CHEAP = Cost(log_n=10)
WORDS = "correct horse battery"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sealed"
    write_sealed(path, b"content", WORDS, "backup", cost=CHEAP)
    return path


@given(
    content=st.binary(max_size=2_000),
    passphrase=st.text(min_size=8, max_size=40),
    kind=st.text("abcdefgh-", min_size=1, max_size=40),
)
@hypothesis(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path: Path, content: bytes, passphrase: str, kind: str) -> None:
    path = tmp_path / "sealed"
    write_sealed(path, content, passphrase, kind, cost=CHEAP)
    assert read_sealed(path, passphrase, kind) == content


@pytest.mark.parametrize("size", [0, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_contents_of_every_length_about_a_chunk_are_read(tmp_path: Path, size: int) -> None:
    path, content = tmp_path / "sealed", b"\xa5" * size
    write_sealed(path, content, WORDS, "backup", cost=CHEAP)
    assert read_sealed(path, WORDS, "backup") == content


def test_the_default_cost_is_in_the_header_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    write_sealed(path, b"secret content", WORDS, "backup")
    data = path.read_bytes()
    assert data[10:13] == bytes((17, 8, 1))
    assert b"secret content" not in data
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_sealed(path, WORDS, "backup") == b"secret content"


def test_one_passphrase_in_two_unicode_forms_opens(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    write_sealed(path, b"content", "caf\u00e9 au lait", "backup", cost=CHEAP)
    assert read_sealed(path, "cafe\u0301 au lait", "backup") == b"content"


def test_a_short_passphrase_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WeakPassphrase):
        write_sealed(tmp_path / "sealed", b"content", "1234567", "backup")
    assert not (tmp_path / "sealed").exists()


def test_another_passphrase_is_told_from_damage(file: Path) -> None:
    with pytest.raises(WrongPassphrase):
        read_sealed(file, "correct horse battler", "backup")


def test_a_file_of_another_kind_or_none_at_all_is_told(file: Path) -> None:
    with pytest.raises(NotASealedFile, match="kind 'backup', not 'keys'"):
        read_sealed(file, WORDS, "keys")
    with pytest.raises(NotASealedFile, match="No such file"):
        read_sealed(file.with_name("elsewhere"), WORDS, "backup")


def test_every_changed_byte_and_every_cut_is_an_error(file: Path) -> None:
    whole = file.read_bytes()
    for place in range(len(whole)):
        for damaged in (whole[:place], whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]):
            file.write_bytes(damaged)
            expected = NotASealedFile if place < 8 else DamagedFile
            with pytest.raises(expected):
                read_sealed(file, WORDS, "backup")


def resummed(data: bytes) -> bytes:
    """With a checksum that fits, as somebody with intent would leave it."""
    return data[:-32] + hashlib.sha256(data[:-32]).digest()


def newer(data: bytes) -> bytes:
    return data[:8] + b"\x00\x02" + data[10:]


def costly(data: bytes) -> bytes:
    return data[:10] + bytes((30, 8, 1)) + data[13:]


def free(data: bytes) -> bytes:
    return data[:10] + bytes((1, 8, 1)) + data[13:]


def other_salt(data: bytes) -> bytes:
    return data[:13] + bytes(32) + data[45:]


@pytest.mark.parametrize(
    ("change", "error"),
    [(newer, NewerSealedFile), (costly, DamagedFile), (free, DamagedFile), (other_salt, WrongPassphrase)],
)
def test_a_header_changed_on_purpose_opens_nothing(
    file: Path, change: Callable[[bytes], bytes], error: type[SealedFileError]
) -> None:
    file.write_bytes(resummed(change(file.read_bytes())))
    with pytest.raises(error):
        read_sealed(file, WORDS, "backup")


def test_chunks_swapped_or_left_out_on_purpose_open_nothing(tmp_path: Path) -> None:
    path, chunk = tmp_path / "sealed", (1 << 20) + 16
    write_sealed(path, bytes(3 << 20), WORDS, "backup", cost=CHEAP)
    data = path.read_bytes()
    start = len(data) - 32 - 3 * chunk
    one, two, three = (data[start + at * chunk : start + (at + 1) * chunk] for at in range(3))
    for parts in ((one, three, two), (one, three), (one, two)):
        path.write_bytes(resummed(data[:start] + b"".join(parts) + bytes(32)))
        with pytest.raises(DamagedFile):
            read_sealed(path, WORDS, "backup")
