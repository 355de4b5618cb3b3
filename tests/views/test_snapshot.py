"""Snapshot files: whole or not used, written by who is further on."""

import fcntl
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from streams.views.bookmark import Bookmark
from streams.views.snapshot import SnapshotFolder
from streams.views.topic_state import TopicState
from tests.views.shelf import Shelf

HERE = TopicState("cluster", "topic-id", (0, 1))


def at(*offsets: int, topic_id: str | None = "topic-id", fresh: float = 1_000.0) -> Bookmark:
    return Bookmark("t", "cluster", topic_id, dict(enumerate(offsets)), fresh)


def shelf(**items: str) -> Shelf:
    made = Shelf()
    made.items = items
    return made


def content(folder: SnapshotFolder) -> bytes | None:
    found = folder.read("t", "shelf/1")
    return None if found is None else bytes(found.payload)


def test_what_was_written_is_read(folder: SnapshotFolder, tmp_path: Path) -> None:
    assert folder.read("t", "shelf/1") is None
    assert folder.write(at(3, 7), "shelf/1", shelf(a="1", b="2"))
    found = folder.read("t", "shelf/1")
    assert found is not None
    assert (found.bookmark, found.layout, found.count) == (at(3, 7), "shelf/1", 2)
    assert bytes(found.payload) == b'{"a":"1","b":"2"}'
    (file,) = (tmp_path / "views").glob("*.view")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: whole.replace(b'"1":7', b'"1":6'),
        lambda whole: whole.replace(b'"a":"1"', b'"a":"2"'),
        lambda whole: b"",
        lambda whole: whole.replace(b"shopstream-view-1", b"shopstream-view-0"),
    ],
    ids=["cut off", "header", "payload", "empty", "format"],
)
def test_a_damaged_file_is_not_used_and_is_replaced(
    folder: SnapshotFolder, tmp_path: Path, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(damage)
    folder.write(at(3, 7), "shelf/1", shelf(a="1"))
    (file,) = (tmp_path / "views").glob("*.view")
    file.write_bytes(damage(file.read_bytes()))
    assert content(folder) is None
    assert len([message for message in caplog.messages if "is not used" in message]) == 1
    assert folder.write(at(9, 9), "shelf/1", shelf(b="1"))
    assert content(folder) == b'{"b":"1"}'


def test_another_layout_is_not_used(folder: SnapshotFolder) -> None:
    folder.write(at(3, 7), "shelf/1", shelf(a="1"))
    assert folder.read("t", "shelf/2") is None


def test_only_what_is_further_on_is_written(folder: SnapshotFolder) -> None:
    assert folder.write(at(3, 7), "shelf/1", shelf(a="1"))
    assert not folder.write(at(3, 7), "shelf/1", shelf(b="1"))
    assert not folder.write(at(2, 7), "shelf/1", shelf(b="1"))
    assert not folder.write(at(4, 7), "shelf/1", shelf(b="1"), unless_younger_than=60)
    assert content(folder) == b'{"a":"1"}'
    assert folder.write(at(4, 7), "shelf/1", shelf(b="1"))
    assert folder.write(at(1, 1, topic_id="new"), "shelf/1", shelf(c="1"), unless_younger_than=60)
    assert content(folder) == b'{"c":"1"}'


def test_one_worker_writes_at_a_time(folder: SnapshotFolder, tmp_path: Path) -> None:
    folder.write(at(1, 1), "shelf/1", shelf(a="1"))
    (lock,) = (tmp_path / "views").glob("*.lock")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not folder.write(at(9, 9), "shelf/1", shelf(b="1"))
    assert folder.write(at(9, 9), "shelf/1", shelf(b="1"))


def test_a_failed_write_leaves_the_file_before(folder: SnapshotFolder, tmp_path: Path) -> None:
    class Breaks(Shelf):
        def chunks(self) -> Iterator[bytes]:
            yield b"half"
            raise OSError

    folder.write(at(1, 1), "shelf/1", shelf(a="1"))
    with pytest.raises(OSError):  # noqa: PT011
        folder.write(at(2, 2), "shelf/1", Breaks())
    assert content(folder) == b'{"a":"1"}'
    assert {file.suffix for file in (tmp_path / "views").iterdir()} == {".view", ".lock"}


@pytest.mark.parametrize(
    ("mark", "state", "problem"),
    [
        (at(3, 7), HERE, None),
        (at(3), HERE, None),
        (at(3, 7, topic_id=None), HERE, None),
        (at(3, 7), TopicState("other", "topic-id", (0, 1)), "it is of another cluster"),
        (at(3, 7), TopicState("cluster", "new", (0, 1)), "the topic was made anew"),
        (at(3, 7, 1), HERE, "the topic has fewer partitions"),
        (at(3, 9), HERE, "an offset lies beyond the topic's end"),
        (at(1, 7), HERE, "an offset lies before the topic's beginning"),
        (at(3, 7, fresh=900), HERE, "it is older than the deletions that the topic keeps"),
    ],
)
def test_where_a_bookmark_can_be_read_on_from(mark: Bookmark, state: TopicState, problem: str | None) -> None:
    found = mark.problem(state, {0: 2, 1: 0}, {0: 5, 1: 8}, now=1_060, max_age=timedelta(seconds=120))
    assert found == problem
