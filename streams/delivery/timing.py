"""Timing the phases of a batch."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from streams import metrics


@contextmanager
def phase(topic: str, name: str) -> Iterator[None]:
    """Observes the seconds spent inside as one phase of a batch of that topic."""
    started = time.perf_counter()
    yield
    metrics.PHASE_SECONDS.labels(topic, name).observe(time.perf_counter() - started)
