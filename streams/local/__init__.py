"""The embedded default: Apache Kafka and Valkey as child processes, from packages alone.

Needs no Java, Redis or Docker on the machine. Light to import: the library that fetches jars loads when it
is needed.
"""

from streams.local.errors import AlreadyRunning, JarDamaged, JarsUnavailable, LocalStackError, StartFailed
from streams.local.stack import Endpoints, LocalStack

__all__ = [
    "AlreadyRunning",
    "Endpoints",
    "JarDamaged",
    "JarsUnavailable",
    "LocalStack",
    "LocalStackError",
    "StartFailed",
]
