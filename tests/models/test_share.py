import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.engine.scheduling.share import MachineShare

_CHILD = """
import sys
from pathlib import Path
from models.engine.scheduling.share import MachineShare
share = MachineShare(Path(sys.argv[1]), cores=8)
print("in", flush=True)
sys.stdin.read()
share.close()
"""
Other = subprocess.Popen[str]


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Callable[[], Other]]:
    """Starts a process with an engine, and waits until it is counted."""
    started: list[Other] = []

    def start() -> Other:
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(tmp_path / "run")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        )
        started.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "in\n"
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


def test_engines_of_several_processes_share_the_cores(tmp_path: Path, another: Callable[[], Other]) -> None:
    with MachineShare(tmp_path / "run", cores=8, look_again=0) as share:
        assert (share.engines(), share.threads()) == (1, 8)
        first, second = another(), another()
        assert (share.engines(), share.threads()) == (3, 2)
        first.communicate("", timeout=10)
        assert share.threads() == 4
        os.kill(second.pid, signal.SIGKILL)
        second.wait(10)
        assert share.threads() == 8
        # What the killed one left is gone.
        assert len(list((tmp_path / "run").iterdir())) == 1
    assert not list((tmp_path / "run").iterdir())


def test_engines_of_one_process_count_each(tmp_path: Path) -> None:
    with MachineShare(tmp_path, cores=4, look_again=0) as one, MachineShare(tmp_path, cores=4, look_again=0):
        assert one.threads() == 2


def test_everybody_gets_one_thread_at_least(tmp_path: Path) -> None:
    with MachineShare(tmp_path, cores=1) as one, MachineShare(tmp_path, cores=1, look_again=0) as other:
        assert one.threads() == other.threads() == 1


def test_a_count_holds_for_a_while_and_no_longer(tmp_path: Path) -> None:
    with MachineShare(tmp_path, cores=4, look_again=0.2) as share:
        assert share.threads() == 4
        with MachineShare(tmp_path, cores=4):
            assert share.threads() == 4
            time.sleep(0.25)
            assert share.threads() == 2


def test_without_a_folder_of_its_own_an_engine_counts_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with MachineShare(tmp_path / "link", cores=4) as share:
        assert share.threads() == 4
    assert "set threads in the settings" in caplog.text
    assert not list((tmp_path / "elsewhere").iterdir())
