"""What could run a model on this machine: pairs of backend and precision, those that are usually fastest first."""

import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from models.engine.backend import Backend, Precision, Task
from models.engine.backends.openvino_runtime import INSTALL
from models.engine.cpu_features import CpuFeatures
from models.engine.folder import EncoderFacts
from models.errors import BackendUnusable

BackendName: TypeAlias = Literal["openvino", "torch"]

AUTO = "auto"
CPU = "cpu"
_CUDA = re.compile(r"cuda(?::(\d+))?")
_GPU_NODES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""What the drivers of NVIDIA, of WSL and of ROCm make. Where none is there, torch need not be asked, nor imported."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings leave open, and what they name.

    Attributes:
        device: `auto`, `cpu`, `cuda`, `cuda:N`.
        precision: `auto` or a `Precision`.
        backend: `auto` or a `BackendName`.
    """

    device: str = AUTO
    precision: str = AUTO
    backend: str = AUTO


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to run a model."""

    backend: BackendName
    device: str
    precision: Precision

    def __str__(self) -> str:
        return f"{self.backend} {self.device} {self.precision}"

    def convert(self, folder: Path, facts: EncoderFacts, task: Task) -> None:
        """Convert the model where the backend needs that and it has not been done: so that it counts for no trial.

        Raises:
            BackendUnusable, WeightsUnusable: as `build`.
        """
        if self.backend == "openvino":
            from models.engine.backends.conversion.openvino import openvino_model

            openvino_model(folder, facts, task, self.precision)

    def build(self, folder: Path, facts: EncoderFacts, task: Task, threads: int) -> Backend:
        """Load the model in `folder`; int8 and OpenVINO convert it first where it has not been yet.

        Raises:
            BackendUnusable: this can't run the model here.
            WeightsUnusable: the weights can't be used.
        """
        if self.backend == "openvino":
            from models.engine.backends.openvino_backend import OpenVinoBackend

            return OpenVinoBackend(folder, facts, task, self.precision, threads)
        if self.device != CPU:
            from models.engine.backends.torch_cuda import TorchCudaBackend

            return TorchCudaBackend(folder, facts, task, self.precision, self.device)
        from models.engine.backends.torch_cpu import TorchCpuBackend

        return TorchCpuBackend(folder, facts, task, self.precision, threads)


@dataclass(frozen=True, slots=True)
class Installed:
    """Which optional parts are there.

    Attributes:
        openvino: OpenVINO, which runs models.
        nncf: what makes them int8.
        gpus: CUDA devices that torch can use.
        gpu_bfloat16: whether they compute in bfloat16.
    """

    openvino: bool
    nncf: bool
    gpus: int = 0
    gpu_bfloat16: bool = False


@lru_cache(maxsize=1)
def installed() -> Installed:
    """What is installed here. Imports torch only where a GPU's driver is."""
    openvino = importlib.util.find_spec("openvino") is not None
    nncf = importlib.util.find_spec("nncf") is not None
    if not any(Path(node).exists() for node in _GPU_NODES):
        return Installed(openvino, nncf)
    import torch

    if not torch.cuda.is_available():
        return Installed(openvino, nncf)
    native = torch.cuda.is_bf16_supported(including_emulation=False)
    return Installed(openvino, nncf, torch.cuda.device_count(), native)


def candidates(wanted: Wanted, task: Task, cpu: CpuFeatures, parts: Installed) -> list[Candidate]:
    """Ways to run a model, those that are usually fastest first; never empty.

    `auto` takes a narrow format only where the hardware computes in it; one that is named is tried anyway.

    Raises:
        BackendUnusable: nothing is left; the message names what to install or to set.
    """
    _check_names(wanted)
    device = _device(wanted.device, parts)
    if device is None:
        found = _on_cpu(wanted, task, cpu, parts)
    elif wanted.backend == "openvino":
        raise BackendUnusable(f"openvino does not run on {device}; set device to cpu, or backend to torch")
    else:
        found = _on_gpu(device, wanted, parts)
        if wanted.device == AUTO and wanted.precision in (AUTO, "int8"):
            found += _on_cpu(wanted, task, cpu, parts)
    if found:
        return found
    raise BackendUnusable(_what_to_do(wanted, task, parts))


_CPU_ORDER: tuple[tuple[BackendName, Precision], ...] = (
    ("openvino", "int8"),
    ("openvino", "bfloat16"),
    ("torch", "bfloat16"),
    ("openvino", "float32"),
    ("torch", "float32"),
)


def _on_cpu(wanted: Wanted, task: Task, cpu: CpuFeatures, parts: Installed) -> list[Candidate]:
    there = {"torch": True, "openvino": parts.openvino and task != "generate"}
    fast = {"float32": True, "bfloat16": cpu.bfloat16, "int8": cpu.int8}
    return [
        Candidate(backend, CPU, precision)
        for backend, precision in _CPU_ORDER
        if wanted.backend in (AUTO, backend)
        and there[backend]
        and (precision != "int8" or parts.nncf)
        and (fast[precision] if wanted.precision == AUTO else wanted.precision == precision)
    ]


def _on_gpu(device: str, wanted: Wanted, parts: Installed) -> list[Candidate]:
    half: tuple[Precision, Precision] = ("bfloat16", "float16")
    order: tuple[Precision, ...] = (*(half if parts.gpu_bfloat16 else half[1:]), "float32")
    if wanted.precision != AUTO:
        order = tuple(one for one in (*half, "float32") if one == wanted.precision)
    return [Candidate("torch", device, precision) for precision in order]


def _device(wanted: str, parts: Installed) -> str | None:
    """The GPU to use, or None for the CPU.

    Raises:
        BackendUnusable: the device is not there.
    """
    if wanted == CPU or (wanted == AUTO and not parts.gpus):
        return None
    named = _CUDA.fullmatch(wanted)
    index = int((named and named[1]) or 0)
    if index >= parts.gpus:
        raise BackendUnusable(
            f"device {wanted!r} is not there (torch sees {parts.gpus} CUDA devices); set device to auto or cpu"
        )
    return f"cuda:{index}"


def _check_names(wanted: Wanted) -> None:
    if wanted.device not in (AUTO, CPU) and not _CUDA.fullmatch(wanted.device):
        raise BackendUnusable(f"device {wanted.device!r} is not auto, cpu, cuda or cuda:N")
    for name, value, known in (
        ("precision", wanted.precision, get_args(Precision)),
        ("backend", wanted.backend, get_args(BackendName)),
    ):
        if value not in (AUTO, *known):
            raise BackendUnusable(f"{name} {value!r} is not one of auto, {', '.join(known)}")


def _what_to_do(wanted: Wanted, task: Task, parts: Installed) -> str:
    asked = f"backend {wanted.backend}, precision {wanted.precision} on {wanted.device} can't run here"
    if task == "generate" and (wanted.backend == "openvino" or wanted.precision == "int8"):
        return f"{asked}: text is generated by torch only; set backend and precision to auto"
    if wanted.backend == "torch" and wanted.precision == "int8":
        return f"{asked}: torch has no int8 here; set backend to auto, or precision to bfloat16 or float32"
    if wanted.precision == "float16":
        return f"{asked}: float16 needs a GPU; set precision to auto, bfloat16 or float32"
    if wanted.precision == "int8" and wanted.device not in (AUTO, CPU):
        return f"{asked}: int8 runs on the CPU only; set device to cpu, or precision to auto"
    missing = [name for name, there in (("openvino", parts.openvino), ("nncf", parts.nncf)) if not there]
    lacking = f"{' and '.join(missing)} not installed; run: {INSTALL} (x86-64)"
    return f"{asked}: {lacking}, or set backend and precision to auto"
