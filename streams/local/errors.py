"""What can go wrong with the embedded stack.

LocalStackError
 +-- AlreadyRunning     another process runs the stack of this folder
 +-- JarsUnavailable    Kafka's jars are not in the cache and could not be fetched
 +-- JarDamaged         a jar is not the one that the lock names
 +-- StartFailed        Kafka or Valkey did not come up

Every message says what to do next.
"""


class LocalStackError(RuntimeError):
    """The embedded Kafka and Valkey could not do what was asked."""


class AlreadyRunning(LocalStackError):
    """Another process runs the stack of this folder."""


class JarsUnavailable(LocalStackError):
    """Kafka's jars are not in the cache and could not be fetched."""


class JarDamaged(LocalStackError):
    """A jar's SHA-256 is not the one in the lock."""


class StartFailed(LocalStackError):
    """A server ended, or gave no answer in time, while it was started."""
