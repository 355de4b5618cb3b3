"""Whatever happens to the process that started the stack, nothing of the stack outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.local import LocalStack, LocalStackError

pytestmark = pytest.mark.timeout(240)
ROOT = Path(__file__).parents[2]

PARENT = """
import os, sys, time
from pathlib import Path
from streams.local import LocalStack
stack = LocalStack(Path(sys.argv[1]))
stack.start()
if sys.argv[2] == "fork" and os.fork() == 0:
    time.sleep(60)  # holds the keeper's pipe open
    os._exit(0)
print(stack.keeper_pid, stack.kafka.pid, stack.valkey.pid, stack.key_valkey.pid, flush=True)
if sys.argv[2] == "leave":
    sys.exit(0)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("orphans")


@pytest.fixture
def spawn(folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for parent in started:
        parent.kill()
        parent.wait()


def start_parent(folder: Path, how: str, started: list[subprocess.Popen[str]]) -> list[psutil.Process]:
    """The keeper, Kafka and Valkey of a stack that another process runs."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), how],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    started.append(parent)
    assert parent.stdout is not None
    return [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]


@pytest.mark.parametrize("how", ["wait", "fork"])
def test_sigkill_of_the_parent_leaves_nothing(
    folder: Path, how: str, spawn: list[subprocess.Popen[str]]
) -> None:
    servers = start_parent(folder, how, spawn)
    assert len(servers) == 4
    parent = spawn[0].pid
    forked = psutil.Process(parent).children() if how == "fork" else []

    os.kill(parent, signal.SIGKILL)

    _, alive = psutil.wait_procs(servers, timeout=8)
    for process in forked:
        if process.is_running() and process.pid not in {server.pid for server in servers}:
            process.kill()
    assert alive == []


def test_an_orderly_exit_without_stop_leaves_nothing(
    folder: Path, spawn: list[subprocess.Popen[str]]
) -> None:
    servers = start_parent(folder, "leave", spawn)
    assert psutil.wait_procs(servers, timeout=8)[1] == []


def test_a_start_right_after_sigkill_waits_for_the_old_stack_to_end(
    folder: Path, spawn: list[subprocess.Popen[str]]
) -> None:
    servers = start_parent(folder, "wait", spawn)
    spawn[0].kill()
    spawn[0].wait()
    with LocalStack(folder) as stack:
        assert stack.kafka.ready()
        assert not any(alive(server) for server in servers)


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_sigkill_of_the_keeper_takes_the_servers_along(folder: Path) -> None:
    stack = LocalStack(folder)
    stack.start()
    pids = (stack.kafka.pid, stack.valkey.pid, stack.key_valkey.pid)
    servers = [psutil.Process(pid) for pid in pids if pid is not None]

    os.kill(stack.keeper_pid, signal.SIGKILL)

    deadline = time.monotonic() + 5
    while any(alive(server) for server in servers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [server for server in servers if alive(server)] == []
    with pytest.raises(LocalStackError, match=r"keeper.*stop\(\) and start\(\)"):
        stack.kafka.kill()
    stack.stop()
    stack.stop()


def alive(process: psutil.Process) -> bool:
    """A zombie whose new parent has not reaped it yet is dead."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
