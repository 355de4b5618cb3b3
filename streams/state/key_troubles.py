"""Why the key store gave no answer, in words for the log: what redis-py says may hold names of keys, hence users."""

from typing import Final

from redis import exceptions

_FORBIDDEN: Final = "the key store's user may not do this: give it the rules of `shopstream keys acl`"


def explained(error: Exception) -> str:
    """What is wrong, and what to do where that is known."""
    said = str(error)
    if isinstance(error, exceptions.OutOfMemoryError) or said.startswith("OOM"):
        return "the key store is full: raise maxmemory"
    if isinstance(error, exceptions.NoPermissionError) or "ACL failure" in said:
        return _FORBIDDEN
    if exceptions.AuthenticationError in {
        type(error),
        type(error.__cause__),
    }:  # the latter: while it connects
        return "the key store refuses user or password: correct SHOPSTREAM_KEYS__URL"
    if said.startswith("MISCONF"):
        return "the key store can't write to its disk: make room there"
    return "the key store is away"


def is_gone(error: Exception) -> bool:
    """Whether another server, or the same one with other settings, may answer next."""
    return isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError | OSError)
