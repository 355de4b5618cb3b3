"""Short runs of `scripts/bench pipeline` and `serving`.

In one file, so that one test process runs both, in turn: beside another benchmark, threads of low priority hardly get a
turn.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200), pytest.mark.usefixtures("prepared_models")]


def test_every_review_is_answered_once() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.pipeline", "--reviews", "512", "--json"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["counts"]["holds"]
    assert report["counts_untagged"]["holds"]
    assert report["counts_untagged"]["answered"] == report["counts_untagged"]["inputs"] > 500
    assert report["ratios"]["untagged"]["median"] > 0
    assert report["ratios"]["by_hand"]["median"] > 0
    assert report["profile"]["everything_else_per_encoder"] > 0


def test_searches_and_tickets_are_answered(tmp_path: Path) -> None:
    options = ["--queries", "5", "--tickets", "3", "--runs", "1", "--data-dir", str(tmp_path / "stack")]
    told = tmp_path / "told"
    with told.open("w") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.benchmarks.serving", "ask", "--json", *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            timeout=1_100,
            check=False,
        )
    assert done.returncode == 0, told.read_text()[-3000:]
    found = json.loads(done.stdout)
    assert found["passed"]
    assert [found[name]["n"] for name in ("queries", "tickets", "command")] == [5, 3, 1]
    assert found["queries"]["p50_ms"] > 0
