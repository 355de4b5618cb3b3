"""What the models do, for Prometheus: read from the engine when somebody asks, so that it costs inference nothing."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.engine.scheduling.statistics import EngineStatistics, ModelStatistics

Reading = Callable[[ModelStatistics], float]

COUNTERS: Final[dict[str, tuple[str, Reading]]] = {
    "inputs": ("Texts handed to a model.", lambda one: one.inputs),
    "tokens": ("Tokens in forwards.", lambda one: one.tokens),
    "padded_tokens": (
        "Tokens in forwards with padding; tokens over these is the useful share.",
        lambda one: one.padded_tokens,
    ),
    "batches": ("Forwards.", lambda one: one.batches),
    "forward_seconds": ("Time in forwards, summed over threads.", lambda one: one.forward_seconds),
    "failures": ("Texts that could not be answered.", lambda one: one.failures),
    "out_of_memory": ("Forwards that did not fit on the device.", lambda one: one.out_of_memory),
}
GAUGES: Final[dict[str, tuple[str, Reading]]] = {
    "waiting_inputs": ("Texts that wait for a forward.", lambda one: one.waiting),
    "running_batches": ("Forwards under way.", lambda one: one.running),
    "token_budget": (
        "Most padded tokens of a batch now; lower after an out-of-memory.",
        lambda one: one.token_budget,
    ),
    "cache_bytes": (
        "Memory of the vectors that are remembered in this process.",
        lambda one: one.cache_bytes,
    ),
}
FOUND: Final[dict[str, Reading]] = {
    "process": lambda one: one.memory_hits,
    "redis": lambda one: one.store_hits,
    "in_flight": lambda one: one.shared,
    "computed": lambda one: one.misses,
}
"""By where an input's output came from; together they are all inputs that were answered."""


class ModelMetrics(Collector):
    """The metrics of one engine, named `shopstream_model_…` and labelled by model.

    Args:
        statistics: asks the engine.
    """

    def __init__(self, statistics: Callable[[], EngineStatistics]) -> None:
        self._statistics = statistics

    def describe(self) -> list[Metric]:
        """Nothing: the names are fixed, and registering must not ask the engine."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The numbers now."""
        now = self._statistics()
        for name, (help_text, read) in COUNTERS.items():
            counter = CounterMetricFamily(f"shopstream_model_{name}", help_text, labels=["model"])
            for one in now.models:
                counter.add_metric([one.model], read(one))
            yield counter
        for name, (help_text, read) in GAUGES.items():
            gauge = GaugeMetricFamily(f"shopstream_model_{name}", help_text, labels=["model"])
            for one in now.models:
                gauge.add_metric([one.model], read(one))
            yield gauge
        found = CounterMetricFamily(
            "shopstream_model_outputs",
            "Texts by where their output came from: process, redis, in_flight (another call's) or computed.",
            labels=["model", "source"],
        )
        for one in now.models:
            for source, read in FOUND.items():
                found.add_metric([one.model, source], read(one))
        yield found
        yield GaugeMetricFamily(
            "shopstream_model_threads", "Batches that may run at once on this machine's cores.", now.threads
        )
        yield CounterMetricFamily(
            "shopstream_model_threads_replaced", "Worker threads that died.", now.threads_replaced
        )
