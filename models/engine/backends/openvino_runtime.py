"""OpenVINO's one `Core` of a process, and models compiled on it for the CPU."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from models.engine.backend import Precision
from models.engine.cpu_features import this_cpu, usable_cores
from models.engine.niceness import lower_priority
from models.errors import BackendUnusable

if TYPE_CHECKING:
    import openvino

T = TypeVar("T")

INSTALL = "pip install 'shopstream[openvino]'"
_LOWEST = 10
_SHOWN = 200
_TASKS = Path("/proc/self/task")
_loading = threading.Lock()


def preload() -> None:
    """Load OpenVINO's libraries now, all of them, from this thread. Takes about a second; later calls take nothing.

    For the start of a process, while it has few threads. OpenVINO loads its parts where they are first needed, and
    glibc was seen to end a process in which libraries were loaded while threads started ("Inconsistency detected by
    ld.so: dl-tls.c: _dl_allocate_tls_init").

    Raises:
        BackendUnusable: OpenVINO is not installed, or can't be loaded.
    """
    core()


def core() -> "openvino.Core":
    """The process's `Core`; the first call makes it.

    Raises:
        BackendUnusable: OpenVINO is not installed, or can't be loaded.
    """
    with _loading:
        return _core()


def compile_model(
    model: "Path | openvino.Model", precision: Precision, *, streams: int, threads: int
) -> "openvino.CompiledModel":
    """Compile for the CPU.

    Args:
        model: the `.xml`, or what was read from it.
        precision: bfloat16 rounds when compiling. An int8 model computes what is not 8 bits wide in bfloat16 where the
            processor multiplies that, in float32 elsewhere.
        streams: forwards that run at once.
        threads: of all streams together; 0 is every core that the process may use.

    Raises:
        BackendUnusable: OpenVINO is not installed, or can't compile it.
    """
    narrow = precision == "bfloat16" or (precision == "int8" and this_cpu().bfloat16)
    config: dict[str, Any] = {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": threads or usable_cores(),
        # float16 as a hint hangs for minutes on some machines.
        "INFERENCE_PRECISION_HINT": "bf16" if narrow else "f32",
        # Pinned threads of several processes would crowd on the same cores. The second thread of a core counts.
        "ENABLE_CPU_PINNING": False,
        "ENABLE_HYPER_THREADING": True,
        # Attention as separate operations: measured 5 % faster on texts up to 100 tokens than fused, level on longer.
        "SNIPPETS_MODE": "DISABLE",
    }
    try:
        return core().compile_model(model, "CPU", config)
    except RuntimeError as error:
        raise BackendUnusable(
            f"OpenVINO can't compile the model ({_last_line(error)}); set backend to torch"
        ) from error


def in_background(make: Callable[[], T], name: str) -> T:
    """Run `make` in a thread of its own, and give the threads that it starts the priority of bulk work (on Linux).

    Threads are known by their name, which they inherit: others that the process starts meanwhile stay as they are.
    The priority is set afterwards, or `make` itself would wait for everything else on the machine.

    Args:
        make: starts threads that stay.
        name: of these threads; at most 15 ASCII characters.
    """

    def named() -> T:
        if sys.platform == "linux":
            with suppress(OSError):
                (_TASKS / str(threading.get_native_id()) / "comm").write_text(name, "ascii")
        made = make()
        if sys.platform == "linux":
            _lower(name)
        return made

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(named).result()


def _lower(name: str) -> None:
    for task in _TASKS.iterdir():
        with suppress(OSError):  # it ended meanwhile
            if (task / "comm").read_text("ascii", "replace").strip() == name:
                lower_priority(int(task.name))


@lru_cache(maxsize=1)
def _core() -> "openvino.Core":
    try:
        import openvino

        made = openvino.Core()
        # Reading a model loads the reader of its format, and compiling it the CPU plugin with all that it needs.
        made.compile_model(made.read_model(_TINY.encode(), b""), "CPU", {"NUM_STREAMS": 1})
    except (
        ImportError,
        OSError,
        RuntimeError,
    ) as error:  # not there, or a library or plugin of it can't be loaded
        said = _last_line(error)
        raise BackendUnusable(
            f"openvino can't be loaded ({said}); run: {INSTALL}, or set backend to torch"
        ) from error
    return made


def _last_line(error: Exception) -> str:
    """What OpenVINO's errors say, without where in its sources they arose."""
    return str(error).strip().rpartition("\n")[2][:_SHOWN]


_TINY = """<net name="tiny" version="11"><layers>
<layer id="0" name="x" type="Parameter" version="opset1"><data shape="1" element_type="f32"/>
<output><port id="0" precision="FP32"><dim>1</dim></port></output></layer>
<layer id="1" name="y" type="Result" version="opset1"><input><port id="0" precision="FP32"><dim>1</dim></port></input>
</layer></layers><edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/></edges></net>"""
"""The smallest model there is: what goes in comes out."""
