"""Does a server answer, and is it ours? Asked by hand on the wire: no client library, no event loop."""

import socket
import struct
from pathlib import Path

_METADATA = 3
_METADATA_VERSION = 2  # the first that names the cluster
_CLIENT = b"shopstream-probe"
_LARGEST_ANSWER = 1 << 16


def kafka_cluster(port: int, seconds: float = 1.0) -> str | None:
    """The cluster id of the Kafka broker on a port of 127.0.0.1, if one answers and is ready for clients.

    Sends a Metadata request (version 2, no topics; https://kafka.apache.org/protocol). None when nobody
    listens, when it is not Kafka, and while the broker has not yet joined its own cluster.
    """
    body = struct.pack(f">hhih{len(_CLIENT)}si", _METADATA, _METADATA_VERSION, 1, len(_CLIENT), _CLIENT, 0)
    try:
        with socket.create_connection(("127.0.0.1", port), seconds) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            (size,) = struct.unpack(">i", _receive(connection, 4))
            if not 0 < size <= _LARGEST_ANSWER:
                return None
            return _cluster_id(_receive(connection, size))
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def valkey_answers(path: Path, seconds: float = 1.0) -> bool:
    """Whether a Valkey or Redis behind a Unix socket answers PING and has loaded its data."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError("closed in the middle of an answer")
        received += part
    return received


def _cluster_id(answer: bytes) -> str | None:
    """Correlation id, brokers (id, host, port, rack), cluster id."""
    _, brokers = struct.unpack_from(">ii", answer)
    at = 8
    for _ in range(brokers):
        at += 4
        at = _skip_string(answer, at)
        at += 4
        at = _skip_string(answer, at)
    (length,) = struct.unpack_from(">h", answer, at)
    if brokers < 1 or length < 0:
        return None
    return answer[at + 2 : at + 2 + length].decode()


def _skip_string(answer: bytes, at: int) -> int:
    length: int = struct.unpack_from(">h", answer, at)[0]
    return at + 2 + max(length, 0)
