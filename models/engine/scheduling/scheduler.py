"""Which batch is next: between models and their queues, by rank, fairness and room. No threads, no clock of its own.

Whoever calls holds one lock around all of it (`models.engine.scheduling.runtime`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.engine.backend import Lane
from models.engine.model import LoadedModel
from models.engine.requests import Item, Priority
from models.engine.scheduling.budget import TokenBudget
from models.engine.scheduling.queues import Queue

AGE_SECONDS = 10.0
"""Wait after which an input counts as one priority better."""
STARVED_AGES = 3
"""How many of these bulk work waits before the urgent worker takes some, where bulk workers get nothing done."""
SMOOTHING = 0.1
"""Share of a new batch in the smoothed time of a token."""
URGENT_TOKENS = 1_024
"""Padded tokens up to which a query is for the urgent lane: some tens of milliseconds on one core."""


@dataclass(slots=True, eq=False)
class Batch:
    """What one worker runs.

    Attributes:
        state: the model's.
        lane: where it runs.
        began: clock time at which it was taken.
        items: its inputs; all claimed.
        over: whether its worker is done with it.
    """

    state: "ModelState"
    lane: Lane
    began: float
    items: list[Item] = field(default_factory=list)
    over: bool = False

    @property
    def padded_tokens(self) -> int:
        """Rows times the longest one."""
        return len(self.items) * max((item.length for item in self.items), default=0)


class ModelState:
    """One model's queues and what it has used."""

    def __init__(self, model: LoadedModel, age_seconds: float) -> None:
        self.model = model
        self.bulk = Queue(age_seconds)
        self.urgent = Queue(age_seconds)
        self.budget = TokenBudget(model.backend.token_budget)
        self.running = 0
        """Bulk batches."""
        self.under_way = 0
        """Batches of both lanes."""
        self.used_seconds = 0.0
        """Device time, by which models of equal rank take turns."""
        self.seconds_per_token = 0.0
        """Smoothed; of padded tokens."""
        self.shared = self.misses = self.failures = self.failed_in_a_row = 0
        self.rows = self.tokens = self.padded_tokens = self.batches = 0
        self.forward_seconds = 0.0

    @property
    def on_cpu(self) -> bool:
        """Whether its batches take this machine's cores."""
        return self.model.backend.device == "cpu"

    @property
    def waits(self) -> bool:
        """Whether anything may be waiting."""
        return bool(len(self.bulk) or len(self.urgent))

    def padded(self, tokens: int) -> int:
        """Tokens of a row with its padding; nothing is padded beyond the model's limit."""
        step = self.model.backend.pad_to
        return max(tokens, min(-(-tokens // step) * step, self.model.tokeniser.max_tokens), 1)

    def account(self, items: Sequence[Item], seconds: float) -> None:
        """A forward of these inputs went through."""
        padded = len(items) * max(item.length for item in items)
        self.rows += len(items)
        self.tokens += sum(len(item.row.ids) for item in items if item.row is not None)
        self.padded_tokens += padded
        self.batches += 1
        self.forward_seconds += seconds
        share = 1.0 if self.batches == 1 else SMOOTHING
        self.seconds_per_token += share * (seconds / padded - self.seconds_per_token)
        self.budget.fitted()


class Scheduler:
    """Chooses batches.

    Args:
        models: all that run here.
        age_seconds: see `AGE_SECONDS`.
    """

    def __init__(self, models: Iterable[LoadedModel], age_seconds: float = AGE_SECONDS) -> None:
        self.states = {model.name: ModelState(model, age_seconds) for model in models}
        self._age_seconds = age_seconds
        self._urgent_running = 0
        self._bulk_moved = 0.0
        """Clock time at which bulk work last got something done."""

    def add(self, model: LoadedModel) -> None:
        """Take one more model. `states` is a new dict each time, so that others may read it without the lock."""
        self.states = {**self.states, model.name: ModelState(model, self._age_seconds)}

    def remove(self, name: str) -> ModelState:
        """Forget a model, of which nothing waits or runs."""
        state = self.states[name]
        self.states = {other: kept for other, kept in self.states.items() if other != name}
        return state

    def push(self, items: Iterable[Item]) -> None:
        """Queue tokenised inputs."""
        for item in items:
            state = self.states[item.model]
            if not state.waits and not state.running:
                self._catch_up(state)
            (state.urgent if item.urgent else state.bulk).push(item)

    def put_back(self, items: Iterable[Item]) -> None:
        """Queue again what had its turn and was not done, at the front."""
        for item in sorted(items, key=lambda item: -item.arrived):
            item.claimed = False
            state = self.states[item.model]
            (state.urgent if item.urgent else state.bulk).push_front(item)

    def next(self, lane: Lane, now: float, cores: int, into: list[Batch]) -> bool:
        """Take the next batch of a lane.

        Args:
            lane: whose worker asks. Bulk workers take urgent inputs too where those are more than the urgent worker's
                next batch; the urgent worker takes some bulk ones where they starve.
            now: clock time.
            cores: most bulk batches that may run on this machine's cores at once.
            into: where the batch goes before it is filled, so that nothing is lost on the way.

        Returns:
            Whether there is one.
        """
        choice = self._urgent(now) if lane is Lane.URGENT else self._bulk(now, cores)
        if choice is None:
            return False
        state, queue = choice
        batch = Batch(state, lane, now)
        into.append(batch)
        budget = state.budget.tokens
        if lane is Lane.URGENT or queue is state.urgent:
            budget = min(budget, URGENT_TOKENS)
        state.under_way += 1
        if lane is Lane.BULK:
            state.running += 1
        else:
            self._urgent_running += 1
        queue.take(now, budget, state.model.backend.fill, batch.items)
        return True

    def ended(self, batch: Batch, seconds: float) -> None:
        """A batch's worker is done with it, one way or the other.

        Args:
            batch: what ended.
            seconds: how long the worker had it.
        """
        if batch.over:
            return
        batch.over = True
        batch.state.under_way -= 1
        if batch.lane is Lane.BULK:
            batch.state.running -= 1
            self._bulk_moved = batch.began + seconds
        else:
            self._urgent_running -= 1
        batch.state.used_seconds += seconds

    def purge(self) -> None:
        """Drop what nobody waits for."""
        for state in self.states.values():
            state.urgent.purge()
            state.bulk.purge()

    def _urgent(self, now: float) -> tuple[ModelState, Queue] | None:
        # Many queries on few cores may leave the polite bulk workers no time at all.
        if now - self._bulk_moved > self._age_seconds:
            starved = [
                (state, state.bulk)
                for state in self.states.values()
                if (rank := state.bulk.best(now)) and now - rank.arrived >= STARVED_AGES * self._age_seconds
            ]
            if starved:
                self._bulk_moved = now
                return _first(starved, now)
        return _first([(state, state.urgent) for state in self.states.values()], now)

    def _bulk(self, now: float, cores: int) -> tuple[ModelState, Queue] | None:
        on_cores = sum(state.running for state in self.states.values() if state.on_cpu)
        free = [
            state
            for state in self.states.values()
            if state.running < state.model.backend.slots and not (state.on_cpu and on_cores >= cores)
        ]
        choices = [(state, state.bulk) for state in free]
        if self._urgent_running:
            choices += [(state, state.urgent) for state in free if state.urgent.tokens > URGENT_TOKENS]
        return _first(choices, now)

    def _catch_up(self, state: ModelState) -> None:
        """A model that had nothing to do has no claim to the time that others used meanwhile."""
        busy = [other.used_seconds for other in self.states.values() if other.waits or other.running]
        if busy:
            state.used_seconds = max(state.used_seconds, min(busy))


def _first(choices: Iterable[tuple[ModelState, Queue]], now: float) -> tuple[ModelState, Queue] | None:
    best: tuple[tuple[int, float, float], tuple[ModelState, Queue]] | None = None
    for state, queue in choices:
        rank = queue.best(now)
        if rank is None:
            continue
        order = rank.level, state.used_seconds, rank.arrived
        if best is None or order < best[0]:
            best = order, (state, queue)
    return best and best[1]


def is_urgent(priority: Priority, lengths: Iterable[int]) -> bool:
    """Whether a call's inputs, of these padded lengths, are for the urgent lane."""
    return priority is Priority.QUERY and sum(lengths) <= URGENT_TOKENS
