"""The supervisor over real processes: tiny ones in the workers' place."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from streams.cli import worker as worker_command
from streams.delivery.errors import EXIT_CONFIG, EXIT_SOFTWARE
from streams.delivery.supervisor import THREAD_VARIABLES, Backoff, Supervisor, visible_gpus
from streams.settings import Settings, WorkerSettings

ROOT = Path(__file__).parents[2]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

PROGRAM = """
import json, logging, sys
from streams.delivery.supervisor import Backoff, Supervisor

class Plain(logging.Formatter):  # streams.log's would cost half a second of imports for each supervisor
    def format(self, record):
        facts = {"level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps(vars(record) | facts, default=str)

handler = logging.StreamHandler()
handler.setFormatter(Plain())
logging.basicConfig(level="INFO", handlers=[handler])
child, given = sys.argv[1], json.loads(sys.argv[2])
given["backoff"] = Backoff(**given.get("backoff", {}))
command = lambda slot: [sys.executable, "-I", "-S", "-c", child, str(slot)]
sys.exit(Supervisor(command, **given).run())
"""

# By a bare system call: in a signal handler print() could meet itself.
SAY = "import json, os, sys, time; say = lambda **facts: os.write(1, json.dumps(facts).encode() + b'\\n'); "
IDLE = SAY + "say(pid=os.getpid(), env=dict(os.environ)); time.sleep(600)"
POLITE = (
    SAY
    + "import signal; signal.signal(signal.SIGTERM, lambda *_: (say(polite=sys.argv[1]), sys.exit(0)));"
    + "say(pid=os.getpid()); time.sleep(600)"
)
FAILING_AT_THE_END = (
    SAY
    + "import signal; signal.signal(signal.SIGTERM, lambda *_: os._exit(70)); say(pid=os.getpid()); time.sleep(600)"
)
DEAF = (
    SAY
    + "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); say(pid=os.getpid()); time.sleep(600)"
)
CRASHING = "import sys; sys.exit(3)"
SHORT_LIVED = "import sys, time; time.sleep(.3); sys.exit(3)"
MISCONFIGURED_IN_SLOT_1 = (
    SAY + "say(slot=sys.argv[1]); sys.argv[1] == '1' and (time.sleep(.3), sys.exit(78)); time.sleep(600)"
)

QUICK = {"first": 0.05, "most": 0.2, "healthy": 60.0}


class Running:
    """A supervisor in a process of its own; its workers' words and its log lines."""

    def __init__(self, child: str, errors: Path, **given: Any) -> None:
        self._errors = errors
        with errors.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, child, json.dumps(given)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def hear(self, count: int = 1) -> list[dict[str, Any]]:
        """The next words of the workers."""
        assert self.process.stdout is not None
        return [json.loads(self.process.stdout.readline()) for _ in range(count)]

    def rest(self) -> list[dict[str, Any]]:
        """All that the workers still say, until everybody is gone."""
        assert self.process.stdout is not None
        return [json.loads(line) for line in self.process.stdout.read().splitlines()]

    def logged(self, message: str) -> list[dict[str, Any]]:
        """Log lines with this message."""
        lines = self._errors.read_text().splitlines()
        return [entry for line in lines if (entry := json.loads(line))["message"] == message]

    def wait_for(self, message: str, count: int = 1, within: float = 10) -> list[dict[str, Any]]:
        """Waits until the message was logged so often."""
        deadline = time.monotonic() + within
        while len(found := self.logged(message)) < count:
            assert time.monotonic() < deadline, self._errors.read_text()
            time.sleep(0.02)
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal and waits for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(10)


Supervise = Callable[..., Running]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    started: list[Running] = []

    def start(child: str, processes: int = 2, **given: Any) -> Running:
        log = tmp_path / f"supervisor-{len(started)}.log"
        started.append(Running(child, log, processes=processes, **given))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()
        assert one.process.stdout is not None
        one.process.stdout.close()


def test_each_worker_has_its_slot_and_its_share_of_threads(supervise: Supervise) -> None:
    running = supervise(IDLE, first_slot=4, environment={"SHOPSTREAM_KAFKA__BOOTSTRAP": "broker:9092"})
    seen = {said["env"]["SHOPSTREAM_WORKER__SLOT"]: said["env"] for said in running.hear(2)}
    assert set(seen) == {"4", "5"}
    for environment in seen.values():
        assert environment["SHOPSTREAM_KAFKA__BOOTSTRAP"] == "broker:9092"
        assert environment["SHOPSTREAM_MODELS__THREADS"] == str(max(1, CORES // 2))
        assert environment["PATH"] == os.environ["PATH"]


def test_what_the_user_set_of_threads_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    environment = Supervisor(lambda _: [], 2, threads=3).environment(0)
    assert environment["SHOPSTREAM_MODELS__THREADS"] == "3"
    assert {name: environment[name] for name in THREAD_VARIABLES} == {
        **dict.fromkeys(THREAD_VARIABLES, "3"),
        "OMP_NUM_THREADS": "7",
    }


def test_more_workers_than_cores_get_a_thread_each() -> None:
    supervisor = Supervisor(lambda _: [], CORES + 1)
    assert supervisor.environment(0)["SHOPSTREAM_MODELS__THREADS"] == "1"


def test_several_gpus_are_dealt_out_and_one_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    dealt = Supervisor(lambda _: [], 3, first_slot=7, gpus=["0", "GPU-a1"])
    assert [dealt.environment(slot)["CUDA_VISIBLE_DEVICES"] for slot in (7, 8, 9)] == ["0", "GPU-a1", "0"]
    shared = Supervisor(lambda _: [], 2, gpus=["0"])
    assert "CUDA_VISIBLE_DEVICES" not in shared.environment(1)


def test_gpus_are_those_that_cuda_would_see(tmp_path: Path) -> None:
    for name in ("nvidia3", "nvidia10", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    assert visible_gpus({}, tmp_path) == ["0", "1"]
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": "2, GPU-f0,-1,3"}, tmp_path) == ["2", "GPU-f0"]
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": ""}, tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_end_it_asks_its_workers_and_waits(supervise: Supervise, number: signal.Signals) -> None:
    running = supervise(POLITE)
    running.hear(2)
    assert running.end(number) == 0
    assert sorted(said["polite"] for said in running.rest()) == ["0", "1"]
    assert [entry["exit_code"] for entry in running.logged("worker ended")] == [0, 0]


def test_a_worker_that_fails_while_it_ends_is_told_of(supervise: Supervise) -> None:
    running = supervise(FAILING_AT_THE_END, processes=1)
    running.hear()
    assert running.end() == EXIT_SOFTWARE


def test_a_worker_that_had_no_handler_yet_ends_clean(supervise: Supervise) -> None:
    running = supervise(IDLE, processes=1)
    running.hear()
    assert running.end() == 0
    (ended,) = running.logged("worker ended")
    assert (ended["level"], ended["exit_code"], ended["signal"]) == ("info", -15, "SIGTERM")


def test_a_worker_that_stays_is_killed_after_the_grace(supervise: Supervise) -> None:
    running = supervise(DEAF, processes=1, grace=0.3)
    (said,) = running.hear()
    assert running.end() == EXIT_SOFTWARE
    assert not psutil.pid_exists(said["pid"])
    assert [entry["signal"] for entry in running.logged("worker ended")] == ["SIGKILL"]


def test_asked_twice_it_does_not_wait(supervise: Supervise) -> None:
    running = supervise(DEAF, processes=1, grace=600)
    running.hear()
    running.process.send_signal(signal.SIGINT)
    running.wait_for("asked to end")
    assert running.end(signal.SIGINT) == EXIT_SOFTWARE


def test_a_crash_loop_slows_down_up_to_a_bound(supervise: Supervise) -> None:
    running = supervise(CRASHING, processes=1, backoff=QUICK)
    again = running.wait_for("worker starts again", 5)
    waits = [entry["in_seconds"] for entry in again]
    assert [entry["ends_in_a_row"] for entry in again[:5]] == [1, 2, 3, 4, 5]
    for wait, full in zip(waits, (0.05, 0.1, 0.2, 0.2, 0.2), strict=False):
        assert full / 2 - 0.01 <= wait <= full + 0.01
    ended = running.logged("worker ended")
    assert {(entry["level"], entry["exit_code"]) for entry in ended} == {("warning", 3)}
    assert running.end() == 0


def test_a_stretch_of_health_makes_the_next_wait_short_again(supervise: Supervise) -> None:
    running = supervise(SHORT_LIVED, processes=1, backoff=QUICK | {"healthy": 0.2})
    again = running.wait_for("worker starts again", 3)
    assert {entry["ends_in_a_row"] for entry in again} == {1}


def test_a_killed_worker_is_replaced_in_its_slot_and_its_neighbour_left_alone(supervise: Supervise) -> None:
    running = supervise(IDLE, backoff=QUICK)
    pids = {said["env"]["SHOPSTREAM_WORKER__SLOT"]: said["pid"] for said in running.hear(2)}
    os.kill(pids["1"], signal.SIGKILL)
    (replacement,) = running.hear()
    assert replacement["env"]["SHOPSTREAM_WORKER__SLOT"] == "1"
    assert replacement["pid"] != pids["1"]
    assert psutil.pid_exists(pids["0"])
    assert [entry["signal"] for entry in running.logged("worker ended")] == ["SIGKILL"]


def test_a_worker_that_cannot_run_like_this_ends_all(supervise: Supervise) -> None:
    running = supervise(MISCONFIGURED_IN_SLOT_1)
    assert running.process.wait(10) == EXIT_CONFIG
    assert sum(said.get("slot") == "1" for said in running.rest()) == 1
    ended = {entry["slot"]: entry["exit_code"] for entry in running.logged("worker ended")}
    assert ended == {1: EXIT_CONFIG, 0: -signal.SIGTERM}


def test_a_command_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    program = PROGRAM.replace("[sys.executable,", "['/no/such/program',")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", program, "", json.dumps({"processes": 1, "backoff": {"first": 1.0}})],
            cwd=ROOT,
            stderr=log,
        )
    deadline = time.monotonic() + 10
    while (tmp_path / "log").read_text().count("worker starts again") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()  # while it waits: a try under way would have failed at its end
    assert process.wait(10) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
@pytest.mark.parametrize("child", [IDLE, DEAF])
def test_sigkill_of_the_supervisor_leaves_no_worker(supervise: Supervise, child: str) -> None:
    running = supervise(child, processes=3)
    workers = [psutil.Process(said["pid"]) for said in running.hear(3)]
    running.process.kill()
    running.process.wait()
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


def test_waits_double_up_to_the_bound_and_are_random_by_half() -> None:
    backoff = Backoff(first=1, most=10)
    for ends, full in {1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 5_000: 10}.items():
        waits = [backoff.seconds(ends) for _ in range(50)]
        assert all(full / 2 <= wait <= full for wait in waits)
        assert any(abs(one - other) > full / 1_000 for one, other in pairwise(waits))


def test_wrong_settings_end_the_command_with_78_and_name_the_setting_but_not_its_value(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "streams.cli", "worker", "--processes", "2"],
        cwd=tmp_path,
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "SHOPSTREAM_WORKER__BATCH_EVENTS": "hunter2",
            "SHOPSTREAM_WEB__PORT": "-5",
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == EXIT_CONFIG
    assert "worker.batch_events" in ended.stderr
    assert "web.port" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


def test_a_slot_has_one_worker_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(worker_command, "SLOT_SECONDS", 0.2)
    first, other = (Settings(data_dir=tmp_path, worker=WorkerSettings(slot=slot)) for slot in (3, 4))
    with worker_command.own_slot(first):
        with worker_command.own_slot(other):
            pass
        with pytest.raises(SystemExit) as refusal, worker_command.own_slot(first):
            pass
    assert refusal.value.code == EXIT_CONFIG
    assert "slot 3" in capsys.readouterr().err
    with worker_command.own_slot(first):
        pass


def test_without_a_slot_there_is_nothing_to_hold(tmp_path: Path) -> None:
    with worker_command.own_slot(Settings(data_dir=tmp_path)):
        assert list(tmp_path.iterdir()) == []
