"""Ports, probes and sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.local import LocalStack, LocalStackError
from streams.local.kafka import new_cluster_id
from streams.local.ports import free_ports, is_free
from streams.local.probe import kafka_cluster, valkey_answers
from streams.local.record import Record
from streams.local.valkey import socket_path


def test_free_ports_differ_and_lie_below_the_range_of_outgoing_connections() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(20_000 <= port < 32_000 and is_free(port) for port in ports)


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_the_probe_reads_the_cluster_id(stack: LocalStack) -> None:
    cluster = kafka_cluster(stack.kafka.ports.clients)
    meta = (stack.data_dir / "kafka" / "data" / "meta.properties").read_text()
    assert cluster
    assert f"cluster.id={cluster}\n" in meta


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\x00\x00\x04\x00\x00\x00\x01",
        b"\x7f\xff\xff\xff",
        b"\x00" * 4,
    ],
    ids=["closed", "http", "short", "huge", "empty"],
)
def test_what_is_not_kafka_is_not_taken_for_it(answer: bytes) -> None:
    with answering(answer) as port:
        assert kafka_cluster(port, seconds=0.5) is None


def test_nobody_behind_a_port_or_a_socket(tmp_path: Path) -> None:
    assert kafka_cluster(free_ports(1)[0]) is None
    assert not valkey_answers(tmp_path / "none.sock")


def test_a_socket_whose_path_would_be_too_long_moves_to_a_short_private_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = socket_path(Path("/data/valkey"))
    assert short == Path("/data/valkey/valkey.sock")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/no/such/folder")
    assert not socket_path(Path("/" + "d" * 200)).is_relative_to("/no")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/dev")
    long = socket_path(Path("/" + "d" * 200))
    assert long.is_relative_to("/dev")
    assert long != socket_path(Path("/" + "d" * 201))
    assert len(str(long)) <= 100


def test_a_stack_runs_in_a_folder_with_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with LocalStack(folder) as stack:
        assert not stack.valkey.socket.is_relative_to(folder)
        assert stack.valkey.ready()
        assert LocalStack.attach(folder) == stack.endpoints


def test_a_short_folder_that_others_may_enter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streams.local.valkey import _must_be_private

    theirs = tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o755)
    with pytest.raises(LocalStackError, match="mode 0700"):
        _must_be_private(theirs)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(LocalStackError, match="mode 0700"):
        _must_be_private(link)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kafka_port": 1}', '{"kafka_port": "x"}'])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)
    assert Record.load(tmp_path) is None


def test_a_record_comes_back_as_saved(tmp_path: Path) -> None:
    record = Record(20_001, 20_002, "/tmp/valkey.sock", "/tmp/keys.sock", 7)
    record.save(tmp_path)
    assert Record.load(tmp_path) == record


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that sends one answer, whatever it is asked, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_cluster_id_never_passes_for_an_option() -> None:
    assert {new_cluster_id()[0] for _ in range(2_000)} <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef")
