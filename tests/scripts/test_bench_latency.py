"""`scripts/bench latency`: that the load is what it says, and a small run on a service that only waits."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.benchmarks._latency_load import REVIEW_BATCH, Load, Texts, capacity, lone, observe
from scripts.benchmarks.latency import Plan, draw, measure, show

TEXTS = Texts(["a", "b"], ["c"] * REVIEW_BATCH, ["d"] * 32)


class Waiting:
    """Takes a fixed time for each call, all calls at once."""

    name = "waiting"
    about = "waits"

    def __init__(self, search: float = 0.002, read: float = 0.02) -> None:
        self._search, self._read = search, read
        self.reading = self.most = 0

    async def search(self, text: str) -> None:
        await asyncio.sleep(self._search)

    async def read(self, texts: Sequence[str]) -> None:
        assert len(texts) == REVIEW_BATCH
        self.reading += 1
        self.most = max(self.most, self.reading)
        await asyncio.sleep(self._read)
        self.reading -= 1

    async def index(self, texts: Sequence[str]) -> None:
        await asyncio.sleep(0.001)


async def test_arrivals_come_at_their_rates() -> None:
    seen = await observe(Waiting(), TEXTS, Load(200, reviews=10 * REVIEW_BATCH, products=320), 1.0)
    assert 150 < len(seen.searches) < 250
    assert 8 * REVIEW_BATCH <= seen.reviews <= 10 * REVIEW_BATCH
    assert 8 * 32 <= seen.products <= 10 * 32
    assert seen.unanswered == 0


async def test_a_searchs_time_counts_from_its_arrival() -> None:
    class OneByOne(Waiting):
        turn = asyncio.Lock()

        async def search(self, text: str) -> None:
            async with self.turn:
                await asyncio.sleep(0.02)

    seen = await observe(OneByOne(), TEXTS, Load(200), 0.5)
    assert (
        max(seen.searches) > 0.2
    )  # four times as many as it manages: the last ones wait for all before them


async def test_never_are_more_batches_in_flight_than_a_worker_has() -> None:
    slow = Waiting(read=0.1)
    seen = await observe(slow, TEXTS, Load(20, reviews=100 * REVIEW_BATCH), 0.5)
    assert slow.most == 2
    assert seen.reviews < seen.offered.reviews * seen.seconds / 4


async def test_the_capacity_is_that_of_two_batches_in_flight() -> None:
    found = await capacity(Waiting(read=0.05), TEXTS.reviews, 0.5)
    assert found == pytest.approx(2 * REVIEW_BATCH / 0.05, rel=0.3)


async def test_lone_searches_come_one_after_the_other() -> None:
    assert all(seconds >= 0.002 for seconds in await lone(Waiting(), TEXTS.queries, 3))


async def test_a_run_has_a_point_for_each_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan(searches=100, lone=5, seconds=0.3, rounds=1, curve=(0.4,))
    ours, peer = await measure([Waiting(), Waiting(search=0.005)], TEXTS, plan)
    assert list(ours["loads"]) == ["0", "0.4", "0.8"]
    assert list(peer["loads"]) == ["0", "0.8"]
    assert ours["p99_in_lone_forwards"] >= 1
    services = {"ours": ours, "peer": peer}
    assert Path(draw(tmp_path, services)).read_bytes().startswith(b"\x89PNG")
    show({"services": services})
    assert "load  80%" in capsys.readouterr().out
