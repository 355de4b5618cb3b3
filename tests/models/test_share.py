import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.engine import Engine
from models.engine.scheduling.share import MachineShare
from models.errors import EngineClosed
from tests.models.tiny_backend import TinyBackend, tiny_model

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


def test_an_engine_with_threads_of_its_own_counts_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Engine([tiny_model(TinyBackend())], threads=3) as engine, MachineShare(cores=4) as other:
        assert engine.statistics().threads == 3
        assert other.threads() == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_forked_child_s_engine_is_closed_and_leaves_the_parent_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Engine([tiny_model(TinyBackend())]) as engine, MachineShare(cores=4, look_again=0) as share:
        engine.embed_now(["a"], model="tiny")
        child = os.fork()
        if not child:
            signal.alarm(10)  # else a child that hangs would keep the test
            try:
                engine.embed_now(["a"], model="tiny")
            except EngineClosed as error:
                engine.close()
                share.close()
                os._exit(0 if "forked child" in str(error) else 2)
            finally:
                os._exit(3)
        assert os.waitpid(child, 0)[1] == 0
        assert share.threads() == 2
        with MachineShare(cores=6) as other:
            assert other.threads() == 2
        assert len(engine.embed_now(["b"], model="tiny")) == 1


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
