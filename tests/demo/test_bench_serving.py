"""`scripts/bench serving`: its pure parts."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from scripts.benchmarks._serving_figures import Report, latencies, percentile, table
from scripts.benchmarks._serving_loading import Asked, findings, judge
from scripts.benchmarks._serving_shop import entry, products, unit_vectors
from scripts.benchmarks._serving_stack import Ground, serving
from streams.contracts.codec import decode_result, encode
from streams.contracts.results import Coverage, SearchRanking
from streams.contracts.topics import CATALOG_VECTORS
from streams.contracts.vectors import unpack
from streams.demo.workers import WorkersFailed
from streams.local import LocalStack
from streams.settings import KafkaSettings, KeySettings, ModelSettings, RedisSettings, Settings


def asked(at: float, indexed: int, *, marked: bool, took: float | None = 0.1) -> Asked:
    ranking = SearchRanking.model_validate(
        {
            "id": "r",
            "causes": ["q"],
            "time": "2026-01-01T00:00:00Z",
            "query": "boots",
            "degraded": ["catalogue"] if marked else [],
            "coverage": Coverage(indexed=indexed, expected=100).model_dump(),
        }
    )
    return Asked(at, took, None if took is None else ranking)


def test_a_percentile_is_the_nearest_rank() -> None:
    values = [float(value) for value in range(20, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [10, 19, 20, 20]
    assert percentile([3.0], 0.01) == 3
    with pytest.raises(ValueError, match="percentile"):
        percentile([], 0.5)


def test_times_are_given_in_milliseconds() -> None:
    assert latencies([0.001, 0.002, 0.003]) == {
        "n": 3, "p50_ms": 2.0, "p95_ms": 3.0, "p99_ms": 3.0, "max_ms": 3.0,
    }  # fmt: skip
    assert latencies([]) == {"n": 0}


def test_groups_of_figures_are_printed_by_their_path() -> None:
    lines = list(table({"passed": True, "faults": [], "a": {"n": 1234, "b": {"p50_ms": 0.25}}}))
    assert [line.split() for line in lines] == [
        ["passed", "True", "faults", "-"], ["a", "n", "1,234"], ["a.b", "p50_ms", "0.250"],
    ]  # fmt: skip


def test_products_are_distinct_however_many_there_are() -> None:
    made = list(products(3_000))
    assert len({item.product_id for item in made}) == len({item.title for item in made}) == 3_000


def test_a_made_up_entry_is_one_that_workers_read() -> None:
    (item,), vectors = products(1), unit_vectors(1, 384)
    read = decode_result(CATALOG_VECTORS, encode(entry(item, vectors[0])))
    assert read.product.product_id == item.product_id
    assert np.linalg.norm(unpack(read.vector)) == pytest.approx(1, abs=1e-3)


def test_a_row_of_queries_that_went_well_has_no_fault() -> None:
    row = [asked(1, 0, marked=False), asked(4, 50, marked=True), asked(9, 100, marked=False)]
    report = Report(findings(row, 100))
    judge(report, row, 100)
    assert not report.faults
    assert report.figures["products"]["complete_after_s"] == 9.1


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        (asked(5, 40, marked=False), "did not say"),
        (asked(5, 20, marked=True), "went back"),
        (asked(5, 0, marked=True, took=None), "not answered"),
    ],
)
def test_a_row_of_queries_that_went_wrong_says_how(spoilt: Asked, fault: str) -> None:
    row = [asked(4, 30, marked=True), spoilt, asked(9, 100, marked=False)]
    report = Report(findings(row, 100))
    judge(report, row, 100)
    assert [fault in one for one in report.faults] == [True]


async def test_a_block_ends_with_its_worker(tmp_path: Path) -> None:
    nowhere = "127.0.0.1:1"
    settings = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(bootstrap=nowhere),
        redis=RedisSettings(url=SecretStr(f"redis://{nowhere}")),
        keys=KeySettings(url=SecretStr(f"redis://{nowhere}")),
        models=ModelSettings(retrieval_encoder="path:not-there"),
    )
    broken = Ground(settings, LocalStack(tmp_path / "stack"))
    with pytest.raises(WorkersFailed, match="ended with exit code"):
        async with serving(broken):
            await asyncio.Event().wait()
