"""A batch that fails is split until the culprit is alone; its neighbours are served, and dependencies waited for."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import EngineBroken, EngineClosed
from privacy.guard import Guard
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.events import Review
from streams.contracts.ids import result_id
from streams.contracts.results import Probabilities, ReviewInsight, Sentiment
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS
from streams.delivery import patience, processing
from streams.delivery.dead_letters import DeadLetterOffice
from streams.delivery.encoding import Encoder
from streams.delivery.errors import DependencyUnavailable
from streams.delivery.processing import StageProcessor
from streams.delivery.records import Verdict
from streams.delivery.stage import AnyStage, Results, Stage
from streams.health import Health
from tests.delivery.fakes import MemoryResends, record
from tests.standins.keys import local_guard

ATTEMPTS = 3
Function = Callable[[Sequence[Review], Any], Awaitable[Results]]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "RETRY_SECONDS", (0.0,))
    monkeypatch.setattr(patience, "DEPENDENCY_SECONDS", (0.01,))


@pytest.fixture(scope="session")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return local_guard(tmp_path_factory.mktemp("keys") / "kek.json")


def review(number: int, offset: int | None = None, partition: int = 0, **fields: Any) -> Any:
    """The record of a review."""
    event = {
        "id": f"r{number}",
        "time": datetime.now(UTC).isoformat(),
        "product_id": "p1",
        "user_id": "u1",
        "text": f"text {number}",
    } | fields
    return record(number if offset is None else offset, orjson.dumps(event), partition=partition)


def insight(causes: Iterable[str]) -> ReviewInsight:
    causes = list(causes)
    return ReviewInsight(
        id=result_id(REVIEW_INSIGHTS.name, causes),
        causes=causes,
        time=datetime.now(UTC),
        product_id="p1",
        text="masked",
        sentiment=Sentiment(
            label="neutral", probabilities=Probabilities(negative=0.0, neutral=1.0, positive=0.0)
        ),
    )


def swollen(cause: str) -> ReviewInsight:
    """More than its topic takes; the contract's own bounds are passed by."""
    return insight([cause]).model_copy(update={"text": "x" * REVIEW_INSIGHTS.max_message_bytes})


def answers(reviews: Sequence[Review]) -> Results:
    """One insight each."""
    return Results(insight([one.id]) for one in reviews)


def processor(guard: Guard, function: Function, health: Health | None = None) -> StageProcessor:
    """A processor as a worker has it, of a stage with this function."""
    stage: AnyStage = Stage(REVIEWS, (REVIEW_INSIGHTS,), function)
    encoder = Encoder("t-{}".format, "/shopstream/reviews", {"t-review-insights": 4, "t-dead-letters": 4})
    return StageProcessor(
        stage,
        SimpleNamespace(guard=guard),
        encoder=encoder,
        dead_letters=DeadLetterOffice(REVIEWS.name, guard, encoder),
        resends=MemoryResends(),
        health=health or Health(),
        attempts=ATTEMPTS,
        max_future=timedelta(days=1),
    )


def letter(verdict: Verdict) -> DeadLetter:
    (outgoing,) = verdict.outgoing
    assert outgoing.topic == "t-" + DEAD_LETTERS.name
    assert outgoing.value is not None
    return DeadLetter.model_validate_json(outgoing.value)


def causes(verdict: Verdict) -> list[str]:
    """What a verdict's records answer."""
    return [cause for outgoing in verdict.outgoing for cause in orjson.loads(outgoing.value or b"")["causes"]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.integers(1, 100), st.frozensets(st.integers(0, 99), max_size=4))
async def test_culprits_are_found_with_few_extra_calls(guard: Guard, count: int, bad: frozenset[int]) -> None:
    culprits = {f"r{number}" for number in bad if number < count}
    calls = 0

    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        nonlocal calls
        calls += 1
        if any(one.id in culprits for one in reviews):
            raise RuntimeError
        return answers(reviews)

    verdicts = await processor(guard, stage).decide([review(number) for number in range(count)])

    assert [causes(verdict) for verdict in verdicts] == [[f"r{number}"] for number in range(count)]
    dead = [verdict for verdict in verdicts if verdict.outcome == "dead_letter"]
    assert {causes(verdict)[0] for verdict in dead} == culprits
    assert all((letter(one).reason, letter(one).attempts) == ("processing_failed", ATTEMPTS) for one in dead)
    each = 2 * math.ceil(math.log2(count)) + 1 if count > 1 else 1
    assert calls <= 1 + len(culprits) * (each + ATTEMPTS - 1)


async def test_an_event_that_fails_once_alone_is_served_by_its_second_try(guard: Guard) -> None:
    failures = 2

    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        nonlocal failures
        if failures and any(one.id == "r1" for one in reviews):
            failures -= 1
            raise RuntimeError
        return answers(reviews)

    verdicts = await processor(guard, stage).decide([review(0), review(1)])
    assert [verdict.outcome for verdict in verdicts] == ["answered", "answered"]


async def test_what_a_failure_says_is_not_logged(guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        raise ValueError(reviews[0].text.reveal())

    with caplog.at_level(logging.DEBUG):
        (verdict,) = await processor(guard, stage).decide([review(1, text="the secret of anna")])
    assert letter(verdict).error == "ValueError"
    assert "secret" not in caplog.text
    assert all("secret" not in str(entry.__dict__) for entry in caplog.records)


async def test_a_dependency_that_is_away_is_waited_for_and_reported(guard: Guard) -> None:
    health, back = Health(), asyncio.Event()

    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        if not back.is_set():
            raise DependencyUnavailable("catalogue")
        return answers(reviews)

    deciding = asyncio.ensure_future(processor(guard, stage, health).decide([review(0), review(1)]))
    await asyncio.sleep(0.05)
    assert not deciding.done()
    assert list(health.held.values()) == ["catalogue"]
    assert health.not_ready() == ["no partitions assigned yet"], "the other topics are served"
    back.set()
    assert [verdict.outcome for verdict in await deciding] == ["answered", "answered"]
    assert not health.held


@pytest.mark.parametrize("gone", [EngineBroken, EngineClosed])
async def test_models_that_are_gone_cost_no_event(guard: Guard, gone: type[Exception]) -> None:
    health, calls = Health(), []

    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        calls.append(len(reviews))
        if len(calls) <= 2 * ATTEMPTS:
            raise gone("the engine ended")
        assert list(health.held.values()) == ["models"]
        return answers(reviews)

    verdicts = await processor(guard, stage, health).decide([review(0), review(1)])
    assert [verdict.outcome for verdict in verdicts] == ["answered", "answered"]
    assert set(calls) == {2}


async def nothing(_: Sequence[Review], __: Any) -> Results:
    return Results()


async def twice(reviews: Sequence[Review], _: Any) -> Results:
    return Results(answers(reviews).all, answers(reviews).all)


async def of_nobody(reviews: Sequence[Review], _: Any) -> Results:
    return Results(answers(reviews).all, [insight(["who"])])


async def of_another_topic(_: Sequence[Review], __: Any) -> Results:
    return Results([object()])  # type: ignore[list-item]


@pytest.mark.parametrize("defect", [nothing, twice, of_nobody])
async def test_a_stage_that_breaks_its_promise_fails_its_events(guard: Guard, defect: Function) -> None:
    verdicts = await processor(guard, defect).decide([review(0), review(1)])
    letters = [letter(verdict) for verdict in verdicts]
    assert [(one.reason, one.error) for one in letters] == [("processing_failed", "StageDefect")] * 2
    assert [one.causes for one in letters] == [["r0"], ["r1"]]


async def test_a_stage_that_gives_no_results_at_all_fails_its_events(guard: Guard) -> None:
    (verdict,) = await processor(guard, of_another_topic).decide([review(0)])
    assert letter(verdict).reason == "processing_failed"


async def test_a_result_may_answer_several_events_of_one_partition_only(guard: Guard) -> None:
    calls: list[int] = []

    async def together(reviews: Sequence[Review], _: Any) -> Results:
        calls.append(len(reviews))
        return Results([insight([one.id for one in reviews])])

    one = await processor(guard, together).decide([review(0), review(1)])
    assert [causes(verdict) for verdict in one] == [["r0", "r1"], []]
    assert calls == [2]

    calls.clear()
    two = await processor(guard, together).decide([review(0), review(1, partition=1)])
    assert [causes(verdict) for verdict in two] == [["r0"], ["r1"]]
    assert calls == [2, 1, 1]


async def test_only_the_event_whose_answer_is_too_large_is_put_aside(guard: Guard) -> None:
    calls: list[int] = []

    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        calls.append(len(reviews))
        return Results(swollen(one.id) if one.id == "r2" else insight([one.id]) for one in reviews)

    verdicts = await processor(guard, stage).decide([review(number) for number in range(5)])
    assert [verdict.outcome for verdict in verdicts] == ["answered"] * 2 + ["dead_letter"] + ["answered"] * 2
    assert letter(verdicts[2]).reason == "output_too_large"
    assert letter(verdicts[2]).causes == ["r2"]
    assert calls == [5, 4]


async def test_a_resend_is_not_answered_but_the_same_record_again_is(guard: Guard) -> None:
    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        return answers(reviews)

    chain = processor(guard, stage)
    first = await chain.decide([review(1, offset=0), review(1, offset=1)])
    assert [verdict.outcome for verdict in first] == ["answered", "resend"]
    assert first[1].outgoing == []
    again = await chain.decide([review(1, offset=0), review(1, offset=1), review(1, offset=2)])
    assert [verdict.outcome for verdict in again] == ["answered", "resend", "resend"]


async def test_two_events_of_one_id_are_both_answered_where_resends_are_not_known(guard: Guard) -> None:
    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        return answers(reviews)

    chain = processor(guard, stage)
    verdicts = await chain.decide([review(1, partition=0), review(1, partition=1), review(2)])
    assert [causes(verdict) for verdict in verdicts] == [["r1"], ["r1"], ["r2"]]


async def test_a_condemned_event_is_named_while_parsing_is_not_suspect_itself(guard: Guard) -> None:
    chain = processor(guard, nothing)
    early = letter(await chain.condemn(review(7), deaths=3))
    late = letter(await chain.condemn(review(7), deaths=processing.MOST_DEATHS_PARSED + 1))
    assert (early.reason, early.causes, early.attempts, early.user) == ("crashed_worker", ["r7"], 3, "u1")
    assert (late.reason, late.causes, late.user) == ("crashed_worker", ["t-reviews/0/7"], None)


async def test_bad_records_do_not_reach_the_stage(guard: Guard) -> None:
    seen: list[str] = []

    async def stage(reviews: Sequence[Review], _: Any) -> Results:
        seen.extend(one.id for one in reviews)
        return answers(reviews)

    verdicts = await processor(guard, stage).decide([record(0, b"{"), review(1), record(2, None)])
    assert [verdict.outcome for verdict in verdicts] == ["dead_letter", "answered", "dead_letter"]
    assert seen == ["r1"]
    only_bad = await processor(guard, nothing).decide([record(0, b"{")])
    assert [verdict.outcome for verdict in only_bad] == ["dead_letter"]
