"""The key file, and the key management that follows it."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from privacy import EnvironmentKms, KeyFile, KeyFileError, KeyMaterial, LocalKms, NotAuthentic, UnknownKek
from privacy.envelope import to_base64url


def test_it_is_made_once_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    made = KeyFile(path).load_or_create()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyFile(path).load_or_create() == KeyFile(path).load() == made
    (kek,), (intake,) = made.keks, made.intake
    assert len({kek.key, made.token_key, intake.key}) == 3
    assert {len(kek.key), len(made.token_key), len(intake.key)} == {32}
    assert kek.id == made.current
    assert kek.created <= datetime.now(UTC).isoformat()
    assert list(path.parent.iterdir()) == [path]


def test_makers_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: KeyFile(path).load_or_create(), range(32)))
    assert len({material.current for material in made}) == 1


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
    ("path_to", "value", "told"),
    [
        (["format"], "shopstream-keys/9", "format"),
        (["current"], "kek-00000000", "'current'"),
        (["keks"], None, "'keks'"),
        (["keks"], [], "'current'"),
        (["keks", 0, "id"], "kek-00000000", "does not fit"),
        (["keks", 0, "key"], "AAAA", "'keks.key'"),
        (["intake", 0, "key"], "A" * 43, "does not fit"),
        (["intake", 0], "x", "'intake'"),
        (["token_key"], "****", "'token_key'"),
        (["token_key"], None, "'token_key'"),
    ],
)
def test_a_damaged_file_is_told_without_its_keys(
    tmp_path: Path, path_to: list[Any], value: object, told: str
) -> None:
    path = tmp_path / "keys.json"
    KeyFile(path).load_or_create()
    data = json.loads(path.read_text())
    secrets = [data["keks"][0]["key"], data["token_key"], data["intake"][0]["key"]]
    place = data
    for step in path_to[:-1]:
        place = place[step]
    place[path_to[-1]] = value
    path.write_text(json.dumps(data))
    with pytest.raises(KeyFileError, match=told) as caught:
        KeyFile(path).load()
    assert not [secret for secret in secrets if secret in str(caught.value)]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 4000, b"[]", b"null"])
def test_what_is_no_key_file_at_all_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match="not of the format"):
        KeyFile(path).load()


def test_updates_at_the_same_time_come_after_each_other(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    first = file.load_or_create()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: file.update(lambda material: material.with_new_kek()), range(16)))
    material = file.load()
    assert len({kek.id for kek in material.keks}) == 17
    assert (material.current, material.token_key) == (material.keks[-1].id, first.token_key)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_an_intake_key_is_added_and_the_earlier_ones_stay() -> None:
    material = KeyMaterial.generate()
    more = material.with_new_intake()
    assert more.intake[:-1] == material.intake
    assert KeyMaterial.from_json(more.to_json(), "it") == more


async def test_running_processes_follow_a_new_file_and_outlive_a_broken_one(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    first = file.load_or_create()
    kms, other = LocalKms(file), LocalKms(file)
    (before,) = await kms.wrap([(b"data key", b"bound")])
    file.update(lambda material: material.with_new_kek())
    (after,) = await kms.wrap([(b"data key", b"bound")])
    assert [before.kek, after.kek] == [first.current, await kms.current()]
    assert before.kek != after.kek
    assert await other.unwrap([(before, b"bound"), (after, b"bound")]) == [b"data key"] * 2

    file.path.chmod(0o644)
    assert await kms.current() == after.kek
    file.path.unlink()
    assert await kms.current() == after.kek
    with pytest.raises(NotAuthentic):
        await kms.unwrap([(after, b"other")])


async def test_a_key_that_is_in_no_file_is_named(tmp_path: Path) -> None:
    (wrapped,) = await kms_of(tmp_path / "one").wrap([(b"data key", b"")])
    with pytest.raises(UnknownKek, match=wrapped.kek):
        await kms_of(tmp_path / "two").unwrap([(wrapped, b"")])


def kms_of(path: Path) -> LocalKms:
    file = KeyFile(path)
    file.load_or_create()
    return LocalKms(file)


async def test_keys_from_the_environment_are_those_of_a_file() -> None:
    material = KeyMaterial.generate().with_new_kek()
    old, new = (to_base64url(kek.key) for kek in material.keks)
    token_key, intake = to_base64url(material.token_key), to_base64url(material.intake[0].key)
    kms = EnvironmentKms(new, token_key, [old], [intake])
    assert await kms.current() == material.current
    assert [one.id for one in kms.material.keks] == [one.id for one in material.keks]
    assert kms.material.intake[0].id == material.intake[0].id
    with pytest.raises(KeyFileError, match="'SHOPSTREAM_KEYS__KEK'") as caught:
        EnvironmentKms("c2hvcnQ", token_key)
    assert "c2hvcnQ" not in str(caught.value)


def test_a_key_taken_out_is_never_the_current_one() -> None:
    material = KeyMaterial.generate().with_new_kek()
    with pytest.raises(KeyFileError, match="rotate"):
        material.without_kek(material.current)
    with pytest.raises(KeyFileError, match="no key-encryption key"):
        material.without_kek("kek-none")
    assert material.without_kek(material.keks[0].id).keks == material.keks[1:]
