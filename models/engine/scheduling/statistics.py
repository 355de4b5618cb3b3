"""What an engine has done, as numbers that only grow, and what it does now."""

from dataclasses import dataclass

from models.engine.scheduling.model_cache import ModelCache
from models.engine.scheduling.scheduler import ModelState


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    """One model since its engine began.

    Attributes:
        model: its name.
        inputs: texts or pairs that callers handed over.
        memory_hits: of these, found in the process's cache.
        store_hits: found in the shared cache.
        shared: the same input was being computed already.
        misses: the rest, handed to the model.
        rows: inputs that went through a forward, again ones included.
        tokens: their tokens.
        padded_tokens: the same with padding.
        batches: forwards.
        forward_seconds: time in forwards, summed over workers.
        failures: inputs that could not be answered.
        out_of_memory: forwards that did not fit.
        waiting: inputs that wait for a worker now.
        running: batches that run now.
        token_budget: padded tokens of a batch now; lower after an out-of-memory.
        cache_bytes: memory of the process's cache now.
    """

    model: str
    inputs: int
    memory_hits: int
    store_hits: int
    shared: int
    misses: int
    rows: int
    tokens: int
    padded_tokens: int
    batches: int
    forward_seconds: float
    failures: int
    out_of_memory: int
    waiting: int
    running: int
    token_budget: int
    cache_bytes: int


@dataclass(frozen=True, slots=True)
class EngineStatistics:
    """An engine since it began.

    Attributes:
        models: one for each model, in the order in which they were given.
        threads: bulk batches that may run at once on this machine's cores now.
        threads_replaced: workers that died and were replaced.
    """

    models: tuple[ModelStatistics, ...]
    threads: int
    threads_replaced: int

    def of(self, model: str) -> ModelStatistics:
        """The statistics of one model.

        Raises:
            KeyError: the engine has no such model.
        """
        return {one.model: one for one in self.models}[model]


def statistics_of(state: ModelState, cache: ModelCache) -> ModelStatistics:
    """One model's, from what its queues and caches counted."""
    return ModelStatistics(
        model=state.model.name,
        inputs=cache.near_hits + cache.store_hits + state.shared + state.misses,
        memory_hits=cache.near_hits,
        store_hits=cache.store_hits,
        shared=state.shared,
        misses=state.misses,
        rows=state.rows,
        tokens=state.tokens,
        padded_tokens=state.padded_tokens,
        batches=state.batches,
        forward_seconds=state.forward_seconds,
        failures=state.failures,
        out_of_memory=state.budget.out_of_memory,
        waiting=len(state.bulk) + len(state.urgent),
        running=state.running,
        token_budget=state.budget.tokens,
        cache_bytes=cache.size,
    )
