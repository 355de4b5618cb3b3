"""Free ports on 127.0.0.1."""

import random
import socket

from streams.local.errors import LocalStackError

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the range from which systems take ports for outgoing connections (Linux: from 32768). Inside it, a
client that keeps on trying to reach a broker that is down can be given that very port, connect to itself, and
block it."""
_TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger don't count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens, all different."""
    found: list[int] = []
    chance = random.SystemRandom()
    for _ in range(_TRIES):
        port = chance.randrange(_LOWEST, _HIGHEST)
        if port not in found and is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise LocalStackError(f"no {count} free ports between {_LOWEST} and {_HIGHEST} on 127.0.0.1")
