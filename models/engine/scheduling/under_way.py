"""Inputs that somebody waits for, each computed once for all who want it at the time. Not thread-safe."""

from collections.abc import Iterable, Mapping, Sequence

from models.engine.requests import Input, Item, Priority, Request
from models.engine.scheduling.scheduler import ModelState, Scheduler, is_urgent

MOST_ABANDONED = 1_024
"""Inputs that nobody waits for any more that may stand in the queues."""


class UnderWay:
    """Finds and keeps them by model and input.

    Args:
        scheduler: where they queue.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._items: dict[tuple[str, Input], Item] = {}
        self._abandoned = 0

    def __len__(self) -> int:
        return len(self._items)

    def add(
        self, state: ModelState, wanted: Mapping[int, Input], request: Request, priority: Priority, now: float
    ) -> tuple[list[Item], list[Item]]:
        """Have a request wait for its inputs, with others that want the same.

        Args:
            state: the model's.
            wanted: inputs by their position in the request.
            request: where their outputs go.
            priority: who waits.
            now: clock time.

        Returns:
            Those that nobody had asked for yet, and all of the request's.
        """
        new, theirs = [], []
        for position, one in wanted.items():
            item = self._items.get((state.model.name, one))
            if item is None or not (item.claimed or item.wanted):
                item = Item(state.model.name, one, priority, now)
                self._items[state.model.name, one] = item
                new.append(item)
            else:
                self._join(item, request, priority)
            item.waiters.append((request, position))
            theirs.append(item)
        state.shared += len(theirs) - len(new)
        state.misses += len(new)
        return new, theirs

    def finish(self, item: Item) -> list[tuple[Request, int]]:
        """An input is answered; those who wait for it."""
        if item.finished:
            return []
        item.finished = item.claimed = True
        self.forget(item)
        return item.waiters

    def forget(self, item: Item) -> None:
        """Whoever asks for its input from now on gets a new one computed."""
        key = item.model, item.input
        if self._items.get(key) is item:
            del self._items[key]

    def abandon(self, items: Sequence[Item]) -> None:
        """A request ended before its inputs were computed: those may be nobody's any more."""
        for item in items:
            if not item.claimed and not item.wanted:
                self.forget(item)
                self._abandoned += 1
        if self._abandoned > MOST_ABANDONED:
            self._scheduler.purge()
            self._abandoned = 0

    def requests(self, *, running: bool) -> Iterable[Request]:
        """Who waits, each once.

        Args:
            running: whether also for what a worker has now.
        """
        waiting = [item for item in self._items.values() if running or not item.claimed]
        return {id(request): request for item in waiting for request, _ in item.waiters}.values()

    def _join(self, item: Item, request: Request, priority: Priority) -> None:
        """One more waits for an input; a better priority moves it forward."""
        if item.claimed:
            request.begun = True
        elif priority < item.priority:
            item.priority = priority
            if item.row is not None:
                item.urgent = item.urgent or is_urgent(priority, [item.length])
                self._scheduler.push([item])  # its old place is passed over, once it is claimed
