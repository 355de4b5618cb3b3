"""The way of one call's texts through a model's caches: this process's, then the shared one."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.engine.model import LoadedModel
from models.engine.vector_cache import Caching, VectorCache, VectorStore, packed, unpacked, vector_keys

log = logging.getLogger(__name__)

STORE_SECONDS = 0.25
"""How long the store may take; computing a text takes not much longer."""
PUT_SECONDS = 2.0
"""How long it may take to keep vectors, for which nobody waits."""
REST_SECONDS = 5.0
"""How long a store that was slow or failed is left alone: else every call would wait for it."""
MOST_PUTS = 64
"""Calls whose vectors may be on their way to the store; beyond it they are not kept there."""


@dataclass(slots=True)
class Lookup:
    """One call's way through a cache.

    Attributes:
        keys: one for each input; none where nothing is cached.
        outputs: what was found, by position; None where nothing was.
    """

    keys: list[bytes]
    outputs: list[Any]

    @property
    def missing(self) -> list[int]:
        """Positions that have to be computed."""
        return [position for position, output in enumerate(self.outputs) if output is None]


class ModelCache:
    """One model's caches, nearest first.

    Args:
        model: whose vectors they are.
        caching: where they are kept.

    Raises:
        ValueError: the model makes no vectors.
    """

    def __init__(self, model: LoadedModel, caching: Caching) -> None:
        self._model = model
        self._near = VectorCache(caching.process_bytes) if caching.process_bytes else None
        self._store = caching.store
        if self._on and model.task != "embed":
            raise ValueError(f"model {model.name!r} makes no vectors, so that there is nothing to cache")
        self._store_rests_until = 0.0
        self._putting: set[asyncio.Task[None]] = set()
        self.near_hits = 0
        self.store_hits = 0

    @property
    def size(self) -> int:
        """Memory of the cache in this process, in bytes."""
        return self._near.size if self._near else 0

    def look(self, inputs: Sequence[Any]) -> Lookup:
        """What this process has."""
        if not self._on:
            return Lookup([], [None] * len(inputs))
        keys = vector_keys(self._model, inputs)
        outputs: list[Any] = [self._near.get(key) for key in keys] if self._near else [None] * len(keys)
        self.near_hits += sum(output is not None for output in outputs)
        return Lookup(keys, outputs)

    async def look_further(self, lookup: Lookup) -> None:
        """Fill in what the store has. One that is slow, or fails, has nothing."""
        missing = lookup.missing
        if self._store is None or self._rests or not missing:
            return
        try:
            async with asyncio.timeout(STORE_SECONDS):
                values = await self._store.get([lookup.keys[position] for position in missing])
        except Exception as error:  # noqa: BLE001 - a cache is never the reason why there is no answer
            self._rest(error)
            return
        for position, value in zip(missing, values, strict=False):
            vector = unpacked(value, self._model.width) if value is not None else None
            if vector is not None:
                lookup.outputs[position] = vector
                self.store_hits += 1
                if self._near:
                    self._near.put(lookup.keys[position], vector)

    def keep(self, lookup: Lookup, computed: Sequence[int]) -> None:
        """Keep vectors that were computed, by their positions, in this process."""
        if self._near:
            for position in computed:
                self._near.put(lookup.keys[position], lookup.outputs[position])

    def keep_further(self, lookup: Lookup, computed: Sequence[int]) -> None:
        """Hand computed vectors to the store; nobody waits for it."""
        if self._store is None or self._rests or not computed:
            return
        entries = {lookup.keys[position]: packed(lookup.outputs[position]) for position in computed}
        if len(self._putting) < MOST_PUTS:
            task = asyncio.create_task(self._put(self._store, entries))
            self._putting.add(task)
            task.add_done_callback(self._putting.discard)

    @property
    def _on(self) -> bool:
        return self._near is not None or self._store is not None

    @property
    def _rests(self) -> bool:
        return time.monotonic() < self._store_rests_until

    def _rest(self, error: Exception) -> None:
        if not self._rests:  # calls that were under way together are told once
            log.warning(
                "the shared vector cache of %s does not answer (%s); for %d s vectors are computed without it",
                self._model.name,
                type(error).__name__,
                REST_SECONDS,
            )
        self._store_rests_until = time.monotonic() + REST_SECONDS

    async def _put(self, store: VectorStore, entries: Mapping[bytes, bytes]) -> None:
        try:
            async with asyncio.timeout(PUT_SECONDS):
                await store.put(entries)
        except Exception as error:  # noqa: BLE001 - as in `look_further`
            self._rest(error)
