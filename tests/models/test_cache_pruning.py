"""What goes from the cache of converted models, and what stays."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.conversion import made_once
from models.conversion.pruning import remove, unused
from models.errors import WeightsUnusable

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=40)
SPAN = timedelta(days=30)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "shopstream" / "models"


def made(name: str, *, lasting: bool = False, last_used: datetime = LONG_AGO) -> Path:
    """A folder of 3,000 bytes and its manifest, last used then."""
    folder = made_once(name, lambda empty: write(empty, "weights.bin"), lasting=lasting)
    return aged(folder, last_used)


def write(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"x" * 3_000)


def aged(folder: Path, last_used: datetime) -> Path:
    os.utime(folder, (last_used.timestamp(),) * 2)
    return folder


def names() -> list[str]:
    return [one.name for one in unused(SPAN)]


def test_nothing_is_unused_where_there_is_no_cache() -> None:
    assert unused(timedelta()) == []


def test_the_longest_unused_comes_first_and_what_was_used_since_does_not() -> None:
    made("later", last_used=LONG_AGO + timedelta(days=1))
    made("sooner")
    made("in-use", last_used=NOW)
    found = unused(SPAN)
    assert [one.name for one in found] == ["sooner", "later"]
    assert found[0].bytes > 3_000
    assert abs(found[0].last_used - LONG_AGO) < timedelta(milliseconds=1)


def test_a_folder_that_is_asked_for_again_is_in_use() -> None:
    made("again")
    assert names() == ["again"]
    made_once("again", lambda _: pytest.fail("it is there"))
    assert names() == []


def test_what_this_machine_may_not_make_again_stays() -> None:
    made("downloaded", lasting=True)
    assert names() == []


def test_what_is_no_model_stays(cache: Path) -> None:
    (cache / "choices").mkdir(parents=True)
    aged(cache / "choices", LONG_AGO)
    made("model")
    assert names() == ["model"]


def test_a_removed_folder_is_gone_and_made_again_when_it_is_needed(cache: Path) -> None:
    folder = made("model")
    assert [remove(one) for one in unused(SPAN)] == [True]
    assert not folder.exists()
    assert [path.name for path in cache.iterdir() if path.is_dir()] == []
    assert made_once("model", lambda empty: write(empty, "anew.bin")) == folder
    assert (folder / "anew.bin").is_file()


def test_what_is_asked_for_meanwhile_stays() -> None:
    folder = made("model")
    (found,) = unused(SPAN)
    made_once("model", lambda _: pytest.fail("it is there"))
    assert not remove(found)
    assert (folder / "weights.bin").is_file()


def test_what_another_has_removed_meanwhile_is_no_error() -> None:
    made("model")
    (found,) = unused(SPAN)
    assert remove(found)
    assert not remove(found)


def test_what_a_killed_process_left_goes_too(cache: Path) -> None:
    left = cache / ".model.unfinished"
    left.mkdir(parents=True)
    write(left, "half.bin")
    aged(left, LONG_AGO)
    (found,) = unused(SPAN)
    assert (found.name, found.bytes) == (".model.unfinished", 3_000)
    assert remove(found)
    assert not left.exists()


def test_a_lock_that_can_t_be_had_says_so(cache: Path) -> None:
    made("model")
    (found,) = unused(SPAN)
    lock = cache / ".model.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(WeightsUnusable, match="remove it as its owner"):
        remove(found)
