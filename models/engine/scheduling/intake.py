"""Calls in, tokenised inputs out to the workers: off the event loop, queries not behind bulk texts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from models.engine.backend import Lane
from models.engine.requests import Input, Item, Priority, Request
from models.engine.scheduling.desk import WorkDesk
from models.engine.scheduling.scheduler import URGENT_TOKENS, ModelState
from models.engine.scheduling.workers import THREADS
from models.errors import EngineClosed

CHUNK = 64
"""Inputs that are tokenised at once: some milliseconds, so that workers begin early and queries come in between."""
URGENT_CHARACTERS = 16 * URGENT_TOKENS
"""Characters up to which a query's texts are tokenised ahead of all others."""


class Intake:
    """A thread that tokenises for each lane.

    Args:
        desk: where the inputs go.
    """

    def __init__(self, desk: WorkDesk) -> None:
        self._desk = desk
        self._pools = {lane: ThreadPoolExecutor(1, f"{THREADS}-tokenise-{lane.value}") for lane in Lane}

    def submit(
        self, state: ModelState, inputs: Sequence[Input], outputs: list[Any], priority: Priority
    ) -> Request:
        """Have inputs computed.

        Args:
            state: the model's.
            inputs: one call's.
            outputs: what is there already, by position; those that are None are computed and filled in.
            priority: who waits.

        Raises:
            EngineClosed, EngineBroken: nothing is taken any more.
        """
        wanted = {position: inputs[position] for position, output in enumerate(outputs) if output is None}
        request = Request(outputs, len(wanted))
        new = self._desk.submit(state, wanted, request, priority)
        whole = len(new) <= CHUNK
        first = priority is Priority.QUERY and whole and sum(map(_characters, new)) <= URGENT_CHARACTERS
        pool = self._pools[Lane.URGENT if first else Lane.BULK]
        try:
            for start in range(0, len(new), CHUNK):
                pool.submit(self._tokenise, state, new[start : start + CHUNK], whole=whole)
        except (
            RuntimeError
        ):  # the pool is shut: the engine was closed in this moment, or the interpreter ends
            request.fail(engine_closed())
        return request

    def close(self) -> None:
        """End the threads. The desk is closed before, which fails what they would have tokenised."""
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)

    def _tokenise(self, state: ModelState, items: Sequence[Item], *, whole: bool) -> None:
        wanted = [item for item in items if item.wanted]
        try:
            rows = state.model.tokeniser.rows([item.input for item in wanted])  # type: ignore[arg-type] # one kind
        except BaseException as error:  # noqa: BLE001 - whatever happens here, somebody waits
            if len(wanted) == 1:
                self._desk.fail(wanted[0], error)
                return
            for item in wanted:
                self._tokenise(state, [item], whole=False)
        else:
            self._desk.queue(state, wanted, rows, whole=whole)


def engine_closed() -> EngineClosed:
    """For who waits in an engine that closes, or comes later."""
    return EngineClosed("the engine is closed; load a new one")


def _characters(item: Item) -> int:
    return len(item.input) if isinstance(item.input, str) else sum(map(len, item.input))
