"""Health, readiness and metrics of a worker over HTTP."""

from streams.web.server import HealthServer

__all__ = ["HealthServer"]
