"""Which batch is next, by a clock that the tests set."""

import pytest

from models.engine.backend import Lane, Row
from models.engine.requests import Item, Priority, Request
from models.engine.scheduling.budget import PATIENCE, TokenBudget
from models.engine.scheduling.scheduler import URGENT_TOKENS, Batch, Scheduler, is_urgent
from tests.models.tiny_backend import TinyBackend, tiny_model

AGE = 10.0


def item(text: str, priority: Priority = Priority.REVIEW, arrived: float = 0.0, model: str = "a") -> Item:
    length = -(-len(text) // 8) * 8
    waiting = (Request([None], 1), 0)
    urgent = is_urgent(priority, [length])
    row = Row([ord(character) for character in text])
    return Item(model, text, priority, arrived, urgent=urgent, waiters=[waiting], row=row, length=length)


def scheduler(*backends: TinyBackend) -> Scheduler:
    models = [tiny_model(backend, name) for name, backend in zip("abc", backends, strict=False)]
    return Scheduler(models, age_seconds=AGE)


def taken(chooser: Scheduler, lane: Lane = Lane.BULK, now: float = 0.0, cores: int = 9) -> Batch | None:
    into: list[Batch] = []
    return into[0] if chooser.next(lane, now, cores, into) else None


def next_texts(chooser: Scheduler, now: float = 0.0, seconds: float = 1.0) -> list[object]:
    """The next bulk batch's texts; it ends after `seconds`."""
    batch = taken(chooser, now=now)
    if batch is None:
        return []
    chooser.ended(batch, seconds)
    return [one.input for one in batch.items]


def test_a_better_priority_is_first_and_equal_ones_come_as_they_arrived() -> None:
    chooser = scheduler(TinyBackend(token_budget=8))
    chooser.push(
        [item("backfill", Priority.BACKFILL), item("review 2", arrived=2), item("review 3", arrived=3)]
    )
    chooser.push([item("ticket", Priority.TICKET, arrived=4)])
    assert [next_texts(chooser, 5.0) for _ in range(5)] == [
        ["ticket"],
        ["review 2"],
        ["review 3"],
        ["backfill"],
        [],
    ]


def served_beside(priority: Priority) -> list[object]:
    """Served in a minute in which something of a priority comes each second, and a back-fill waits."""
    chooser = scheduler(TinyBackend(token_budget=8))
    chooser.push([item("backfill", Priority.BACKFILL)])
    served = []
    for second in range(60):
        chooser.push([item(f"{second:08}", priority, arrived=float(second))])
        served += next_texts(chooser, float(second))
    return served


def test_what_waited_long_enough_takes_its_turn_with_the_next_better_priority() -> None:
    served = served_beside(Priority.REVIEW)
    assert "backfill" not in served[: int(AGE)]
    assert "backfill" in served[: int(AGE) + 2]


def test_an_old_backlog_never_overtakes_people_who_wait() -> None:
    assert "backfill" not in served_beside(Priority.TICKET)
    chooser = scheduler(TinyBackend(token_budget=8))
    chooser.push([item(f"{n:08}", Priority.BACKFILL) for n in range(3)])
    chooser.push([item("review", arrived=980.0), item("ticket", Priority.TICKET, arrived=985.0)])
    assert [next_texts(chooser, 1_000.0) for _ in range(3)] == [["ticket"], ["review"], ["00000000"]]


def test_what_was_tried_before_goes_alone() -> None:
    chooser = scheduler(TinyBackend(token_budget=64))
    items = [item(f"{n:08}", arrived=float(n)) for n in range(4)]
    items[0].attempts = items[2].attempts = 1
    chooser.push([*items, item("short", arrived=5.0)])
    assert [next_texts(chooser) for _ in range(3)] == [["00000000"], ["00000001"], ["00000002"]]
    assert next_texts(chooser) == ["00000003", "short"]


def test_models_of_equal_rank_share_the_time_and_not_the_batches() -> None:
    slow, quick = TinyBackend(token_budget=8), TinyBackend(token_budget=8)
    chooser = scheduler(slow, quick)
    chooser.push(
        [item(f"slow {n:03}") for n in range(100)] + [item(f"quick{n:03}", model="b") for n in range(100)]
    )
    used = {"a": 0.0, "b": 0.0}
    for _ in range(80):
        batch = taken(chooser)
        assert batch is not None
        name = batch.state.model.name
        seconds = 3.0 if name == "a" else 1.0
        chooser.ended(batch, seconds)
        used[name] += seconds
    assert abs(used["a"] - used["b"]) <= 3.0


def test_a_model_that_had_nothing_to_do_has_no_claim_to_that_time() -> None:
    chooser = scheduler(TinyBackend(token_budget=8), TinyBackend(token_budget=8))
    chooser.push([item(f"{n:08}") for n in range(40)])
    for _ in range(20):
        next_texts(chooser)
    chooser.push([item(f"{n:08}", model="b") for n in range(20)])
    batches = [taken(chooser) for _ in range(2)]
    assert {batch.state.model.name for batch in batches if batch} == {"a", "b"}


def test_a_model_runs_no_more_batches_than_its_slots_and_none_beyond_the_cores() -> None:
    chooser = scheduler(TinyBackend(slots=2, token_budget=8), TinyBackend(slots=2, token_budget=8))
    chooser.push([item(f"{n:08}") for n in range(9)])
    first, second = taken(chooser), taken(chooser)
    assert first
    assert second
    assert taken(chooser) is None
    chooser.push([item("b", model="b")])
    assert taken(chooser, cores=2) is None
    third = taken(chooser, cores=3)
    assert third is not None
    assert third.state.model.name == "b"
    chooser.ended(first, 1.0)
    assert taken(chooser) is not None


def test_a_batch_is_of_one_length_and_takes_shorter_ones_in_only_while_it_is_not_half_full() -> None:
    chooser = scheduler(TinyBackend(token_budget=64))
    chooser.push(
        [item("x" * 16), item("y" * 8, arrived=1), item("z" * 8, arrived=2), item("l" * 24, arrived=3)]
    )
    assert next_texts(chooser) == ["x" * 16, "y" * 8]
    assert next_texts(chooser) == ["z" * 8]
    assert next_texts(chooser) == ["l" * 24]
    chooser.push([item(f"{n:08}") for n in range(20)])
    assert len(next_texts(chooser)) == 8


def test_a_text_longer_than_the_budget_goes_alone() -> None:
    chooser = scheduler(TinyBackend(token_budget=64))
    chooser.push([item("x" * 200), item("y" * 200, arrived=1)])
    assert next_texts(chooser) == ["x" * 200]


def test_queries_are_left_to_the_urgent_worker_until_they_are_too_many_for_it() -> None:
    chooser = scheduler(TinyBackend(slots=2, token_budget=2_048))
    chooser.push([item("q" * 8, Priority.QUERY)])
    assert taken(chooser) is None
    urgent = taken(chooser, Lane.URGENT)
    assert urgent is not None
    assert urgent.lane is Lane.URGENT
    chooser.push([item("q" * 8, Priority.QUERY) for _ in range(URGENT_TOKENS // 8)])
    assert taken(chooser) is None
    chooser.push([item("q" * 8, Priority.QUERY)])
    helped = taken(chooser)
    assert helped is not None
    assert len(helped.items) == URGENT_TOKENS // 8


def test_the_urgent_worker_takes_no_bulk_work() -> None:
    chooser = scheduler(TinyBackend())
    chooser.push([item("review"), item("q" * (URGENT_TOKENS + 8), Priority.QUERY)])
    assert taken(chooser, Lane.URGENT) is None


def test_the_urgent_worker_takes_some_bulk_work_where_it_starves() -> None:
    chooser = scheduler(TinyBackend(token_budget=8))
    chooser.push([item(f"{n:08}") for n in range(5)])
    running = taken(chooser, now=0.0)
    chooser.push([item("query", Priority.QUERY, arrived=4 * AGE)])
    assert running
    helped = taken(chooser, Lane.URGENT, now=4 * AGE)
    assert helped
    assert [one.input for one in helped.items] == ["00000001"]
    chooser.ended(helped, 1.0)
    query = taken(chooser, Lane.URGENT, now=4 * AGE + 1)
    assert query
    assert [one.input for one in query.items] == ["query"]
    chooser.ended(query, 1.0)
    assert taken(chooser, Lane.URGENT, now=4 * AGE + 2) is None


def test_what_nobody_waits_for_is_passed_over() -> None:
    chooser = scheduler(TinyBackend(token_budget=8))
    items = [item(f"{n:08}", arrived=float(n)) for n in range(4)]
    chooser.push(items)
    for one in items[:3]:
        one.waiters[0][0].done.cancel()
    assert next_texts(chooser) == ["00000003"]
    assert next_texts(chooser) == []


def test_purging_keeps_only_what_is_wanted() -> None:
    chooser = scheduler(TinyBackend(token_budget=8))
    items = [item(f"{n:08}", arrived=float(n)) for n in range(4)]
    chooser.push(items)
    items[2].waiters[0][0].done.cancel()
    chooser.purge()
    assert len(chooser.states["a"].bulk) == 3


def test_what_is_put_back_is_next_in_its_old_order() -> None:
    chooser = scheduler(TinyBackend(token_budget=24))
    chooser.push([item(f"{n:08}", arrived=float(n)) for n in range(6)])
    batch = taken(chooser)
    assert batch is not None
    chooser.ended(batch, 1.0)
    chooser.put_back(batch.items)
    assert next_texts(chooser) == ["00000000", "00000001", "00000002"]


def test_a_budget_halves_and_comes_back_more_slowly_each_time() -> None:
    budget = TokenBudget(64)
    budget.did_not_fit(8, 8)
    budget.did_not_fit(8, 8)  # another batch of the same time
    assert budget.tokens == 32

    def batches_until_full() -> int:
        batches = 0
        while budget.tokens < 64:
            budget.fitted()
            batches += 1
        return batches

    first = batches_until_full()
    budget.did_not_fit(8, 8)
    second = batches_until_full()
    assert PATIENCE <= first < second
    for _ in range(second):  # it holds
        budget.fitted()
    budget.did_not_fit(8, 8)
    assert batches_until_full() == first


def test_a_row_that_does_not_fit_alone_changes_no_budget() -> None:
    budget = TokenBudget(64)
    for _ in range(9):
        budget.did_not_fit(1, 16)
    assert budget.tokens == 64
    assert budget.out_of_memory == 9


@pytest.mark.parametrize(
    ("priority", "lengths", "urgent"),
    [(0, [16, 16], True), (0, [URGENT_TOKENS, 8], False), (1, [16], False), (3, [16], False)],
)
def test_urgent_is_what_is_small_and_a_query(priority: int, lengths: list[int], *, urgent: bool) -> None:
    assert is_urgent(Priority(priority), lengths) is urgent
