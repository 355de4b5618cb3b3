import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from streams.local import LocalStack
from tests.cli.conftest import Shell

COMMAND = [sys.executable, "-c", "from streams.cli import main; main()", "local"]


def test_it_runs_until_told_to_stop_and_makes_the_topics(tmp_path: Path) -> None:
    environment = os.environ | {
        "SHOPSTREAM_DATA_DIR": str(tmp_path / "data"),
        "SHOPSTREAM_KAFKA__PARTITIONS": "1",
    }
    with subprocess.Popen(
        [*COMMAND, "--json"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        assert told["started"] is True
        assert "reviews" in told["topics_created"]
        assert told["environment"]["SHOPSTREAM_KAFKA__BOOTSTRAP"] == told["bootstrap"]
        running = LocalStack.attach(tmp_path / "data")
        assert running
        assert running.bootstrap == told["bootstrap"]
        joined = subprocess.run(
            COMMAND, env=environment, capture_output=True, text=True, check=True, timeout=30
        )
        assert "runs already" in joined.stdout
        assert f"export SHOPSTREAM_KAFKA__BOOTSTRAP={told['bootstrap']}" in joined.stdout
        assert LocalStack.attach(tmp_path / "data"), "the one that joined must not stop it"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert LocalStack.attach(tmp_path / "data") is None


def test_one_that_runs_already_is_joined(shopstream: Shell, stack: LocalStack, kafka: str) -> None:
    said = shopstream(
        "local", "--json", SHOPSTREAM_DATA_DIR=str(stack.data_dir), SHOPSTREAM_KAFKA__PARTITIONS="1"
    )
    assert said.code == 0
    assert said.json["started"] is False
    assert said.json["bootstrap"] == kafka
