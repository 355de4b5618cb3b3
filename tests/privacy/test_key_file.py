"""The key file."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from privacy import KeyFile, KeyFileError


def test_it_is_made_once_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    made = KeyFile(path).load_or_create()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyFile(path).load_or_create() == KeyFile(path).load() == made
    assert len(made.key) == len(made.token_key) == 32
    assert made.key != made.token_key
    assert made.id.startswith("local-")
    assert list(path.parent.iterdir()) == [path]


def test_makers_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: KeyFile(path).load_or_create(), range(32)))
    assert len({material.id for material in made}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    KeyFile(path).load_or_create()
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        KeyFile(path).load()


def test_a_missing_file_or_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no key file"):
        KeyFile(tmp_path / "none").load()
    with pytest.raises(KeyFileError, match="cannot read"):
        KeyFile(tmp_path).load()
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="cannot write"):
        KeyFile(tmp_path / "file" / "keys.json").load_or_create()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "shopstream-keys/9"}, "format"),
        ({"id": "local-00000000"}, "does not fit"),
        ({"key": "AAAA"}, "'key'"),
        ({"token_key": "****"}, "'token_key'"),
        ({"token_key": None}, "'token_key'"),
    ],
)
def test_a_damaged_file_is_told_without_its_keys(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    path = tmp_path / "keys.json"
    KeyFile(path).load_or_create()
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | change))
    with pytest.raises(KeyFileError, match=told) as caught:
        KeyFile(path).load()
    assert data["key"] not in str(caught.value)
    assert data["token_key"] not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 4000, b"[]", b"null"])
def test_what_is_no_key_file_at_all_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match="not a key file"):
        KeyFile(path).load()
