"""What the engine counts, as Prometheus reads it."""

from prometheus_client import CollectorRegistry

from models.engine.scheduling.statistics import EngineStatistics, ModelStatistics
from streams.model_metrics import FOUND, ModelMetrics


def model(name: str, **counts: float) -> ModelStatistics:
    fields = dict.fromkeys(ModelStatistics.__dataclass_fields__, 0.0) | counts
    return ModelStatistics(**(fields | {"model": name}))  # type: ignore[arg-type]


def test_every_number_is_the_engines_at_the_time_of_asking() -> None:
    texts = 3
    registry = CollectorRegistry()
    registry.register(
        ModelMetrics(
            lambda: EngineStatistics(
                (
                    model("reviews", inputs=texts, tokens=60, padded_tokens=64, forward_seconds=0.5),
                    model("retrieval", memory_hits=2, store_hits=1, shared=4, misses=5, waiting=6),
                ),
                threads=2,
                threads_replaced=1,
            )
        )
    )

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"shopstream_model_{name}", labels)

    assert value("inputs_total", model="reviews") == 3
    texts = 4
    assert value("inputs_total", model="reviews") == 4
    assert value("tokens_total", model="reviews") == 60
    assert value("padded_tokens_total", model="reviews") == 64
    assert value("forward_seconds_total", model="reviews") == 0.5
    assert value("waiting_inputs", model="retrieval") == 6
    found = {source: value("outputs_total", model="retrieval", source=source) for source in FOUND}
    assert found == {"process": 2, "redis": 1, "in_flight": 4, "computed": 5}
    assert (value("threads"), value("threads_replaced_total")) == (2, 1)
    assert {one.name for one in registry.collect() if not one.samples} == set()
