"""What stages are given beside events: deletions on compacted topics, and places where they keep state."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from privacy.guard import Guard
from streams.contracts.codec import encode
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.examples import example, example_bytes
from streams.contracts.ids import result_id
from streams.contracts.records import CatalogEntry, MemoryEntry, Tombstone
from streams.contracts.results import Recommendations, Result
from streams.contracts.topics import CATALOG, CATALOG_VECTORS, RECOMMENDATIONS, USER_CHANGES, Topic
from streams.delivery.dead_letters import DeadLetterOffice
from streams.delivery.encoding import CAUSE_HEADER, Encoder, source_of
from streams.delivery.processing import StageProcessor
from streams.delivery.records import Verdict
from streams.delivery.stage import AnyStage, Placed, Results, Withdrawal, stage
from streams.health import Health
from tests.delivery.fakes import MemoryResends, record
from tests.standins.keys import local_guard

ITEM = example_bytes("catalog")
ENTRY = example("catalog-vectors")
TIME = datetime.fromtimestamp(1_767_225_600, UTC)


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return local_guard(tmp_path_factory.mktemp("keys") / "kek.json")


def processor(guard: Guard, one: AnyStage) -> StageProcessor:
    encoder = Encoder("t-{}".format, source_of(one.consumes.name), defaultdict(lambda: 4))
    return StageProcessor(
        one,
        SimpleNamespace(guard=guard),
        encoder=encoder,
        dead_letters=DeadLetterOffice(one.consumes.name, guard, encoder),
        resends=MemoryResends(),
        health=Health(),
        attempts=1,
        max_future=timedelta(days=1),
    )


def put(offset: int, value: bytes | None, topic: Topic[Any] = CATALOG, **fields: Any) -> Any:
    return record(offset, value, topic=f"t-{topic.name}", **fields)


def tombstone(of: type[Result], one: Withdrawal) -> Tombstone:
    return Tombstone(of, one.key, result_id("any", [one.id]), [one.id], one.time)


def entry(cause: str) -> CatalogEntry:
    assert isinstance(ENTRY, CatalogEntry)
    return ENTRY.model_copy(update={"causes": [cause]})


class Seen:
    """A stage of the catalogue that remembers its batches, and answers all."""

    def __init__(self, of: type[Result] = CatalogEntry) -> None:
        self.batches: list[list[Any]] = []
        self._of = of

    @property
    def stage(self) -> AnyStage:
        @stage(consumes=CATALOG, emits=[CATALOG_VECTORS])
        async def answered(events: Sequence[Any], _: Any) -> Results:
            self.batches.append(list(events))
            return Results(
                [tombstone(self._of, one) for one in events if isinstance(one, Withdrawal)],
                [entry(one.id) for one in events if not isinstance(one, Withdrawal)],
            )

        return answered


def letter(verdict: Verdict) -> DeadLetter:
    (outgoing,) = verdict.outgoing
    return DeadLetter.model_validate_json(outgoing.value or b"")


async def test_a_null_value_on_a_compacted_topic_is_a_withdrawal_of_its_key(guard: Guard) -> None:
    seen = Seen()
    given = put(7, None, key=b"boot-7001", partition=2)
    (verdict,) = await processor(guard, seen.stage).decide([given])
    assert seen.batches == [[Withdrawal("t-catalog/2/7", "boot-7001", TIME)]]
    (outgoing,) = verdict.outgoing
    assert (verdict.outcome, outgoing.topic) == ("answered", "t-catalog-vectors")
    assert (outgoing.key, outgoing.value) == (b"boot-7001", None)
    assert orjson.loads(dict(outgoing.headers)[CAUSE_HEADER]) == ["t-catalog/2/7"]


async def test_results_leave_beside_their_causes_whatever_their_order(guard: Guard) -> None:
    """Of one key, the last record has to be the last written: here a deletion in the middle."""
    other = orjson.dumps(orjson.loads(ITEM) | {"id": "other"})
    verdicts = await processor(guard, Seen().stage).decide([put(0, ITEM), put(1, None), put(2, other)])
    values = [outgoing.value for verdict in verdicts for outgoing in verdict.outgoing]
    assert [value is None for value in values] == [False, True, False]


async def test_deletions_of_one_key_are_no_resends(guard: Guard) -> None:
    verdicts = await processor(guard, Seen().stage).decide([put(0, None), put(1, None), put(1, None)])
    assert [verdict.outcome for verdict in verdicts] == ["answered"] * 3


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, None, "missing_key"),
        (b"", None, "missing_key"),
        (b"\xff", None, "invalid_value"),
        (b" spaced ", None, "invalid_value"),
        (b"boot-7001", b"", "empty_value"),
    ],
)
async def test_what_deletes_nothing_is_a_dead_letter(
    guard: Guard, key: bytes | None, value: bytes | None, reason: str
) -> None:
    seen = Seen()
    (verdict,) = await processor(guard, seen.stage).decide([put(3, value, key=key)])
    assert (letter(verdict).reason, letter(verdict).causes) == (reason, ["t-catalog/0/3"])
    assert seen.batches == []


async def test_a_deletion_that_fails_is_put_aside_under_its_place(guard: Guard) -> None:
    @stage(consumes=CATALOG, emits=[CATALOG_VECTORS])
    async def failing(events: Sequence[Any], _: Any) -> Results:
        if any(isinstance(one, Withdrawal) for one in events):
            raise RuntimeError
        return Results(entry(one.id) for one in events)

    chain = processor(guard, failing)
    verdicts = await chain.decide([put(0, ITEM), put(1, None)])
    assert [verdict.outcome for verdict in verdicts] == ["answered", "dead_letter"]
    assert (letter(verdicts[1]).reason, letter(verdicts[1]).causes) == (
        "processing_failed",
        ["t-catalog/0/1"],
    )
    condemned = letter(await chain.condemn(put(1, None), deaths=3))
    assert (condemned.reason, condemned.causes) == ("crashed_worker", ["t-catalog/0/1"])


async def test_a_tombstone_of_another_topic_is_no_answer(guard: Guard) -> None:
    (verdict,) = await processor(guard, Seen(of=MemoryEntry).stage).decide([put(0, None)])
    assert (letter(verdict).reason, letter(verdict).error) == ("processing_failed", "StageDefect")


async def test_a_stage_that_keeps_state_is_told_where_each_event_lies(guard: Guard) -> None:
    seen: list[Placed[Any]] = []

    def begin(_: Any, __: Mapping[int, int]) -> None:
        """Marks the stage as one that keeps state."""

    @stage(consumes=USER_CHANGES, emits=[RECOMMENDATIONS], on_assignment=begin)
    async def recommended(changes: Sequence[Placed[Any]], _: Any) -> Results:
        seen.extend(changes)
        one = example("recommendations")
        assert isinstance(one, Recommendations)
        return Results(one.model_copy(update={"causes": [change.event.id]}) for change in changes)

    change = example("user-changes")
    assert isinstance(change, Result)
    given = [
        put(offset, encode(change.model_copy(update={"id": name})), USER_CHANGES, partition=partition)
        for name, partition, offset in (("a", 0, 4), ("b", 1, 9), ("a", 0, 6))
    ]
    verdicts = await processor(guard, recommended).decide(given)
    assert [(one.event.id, one.partition, one.offset) for one in seen] == [
        ("a", 0, 4),
        ("b", 1, 9),
        ("a", 0, 6),
    ]
    assert [verdict.outcome for verdict in verdicts] == ["answered"] * 3  # changes are ours: none is a resend
