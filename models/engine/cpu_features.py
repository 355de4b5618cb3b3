"""What this machine's processor can do: cores, and the instructions that make narrow number formats fast."""

import math
import os
import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")

_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
_INT8 = frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "i8mm", "asimddp"})
_FLAG_LINES = ("flags", "Features")
"""x86 and ARM."""
_NAME_LINES = ("model name", "CPU part", "Hardware")


@dataclass(frozen=True, slots=True)
class CpuFeatures:
    """One machine's processor.

    Attributes:
        name: as the kernel calls it; of ARM the part number.
        flags: instruction sets for bfloat16 and 8-bit products, as the Linux kernel spells them.
    """

    name: str
    flags: frozenset[str]

    @property
    def bfloat16(self) -> bool:
        """Whether it multiplies bfloat16 in hardware; else bfloat16 is emulated, and slower than float32."""
        return bool(self.flags & _BFLOAT16)

    @property
    def int8(self) -> bool:
        """Whether it has dot products of 8-bit numbers (VNNI, AMX, the ARM ones)."""
        return bool(self.flags & _INT8)


@lru_cache(maxsize=1)
def this_cpu() -> CpuFeatures:
    """The processor of this machine."""
    try:
        return parse_cpu_info(CPU_INFO.read_text("utf-8", "replace"))
    except OSError:  # no Linux
        return _as_torch_says()


def parse_cpu_info(text: str) -> CpuFeatures:
    """Name and features of the first processor in the text of `/proc/cpuinfo`."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip(), value.strip())
    flags = {flag for key in _FLAG_LINES for flag in fields.get(key, "").split()}
    name = next((fields[key] for key in _NAME_LINES if key in fields), platform.machine())
    return CpuFeatures(name, frozenset(flags & (_BFLOAT16 | _INT8)))


def usable_cores() -> int:
    """Cores that this process may use: its affinity, or a CPU quota where that is less; rounded down, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min(cores, cpu_quota(CGROUPS, OWN_CGROUP))))


def cpu_quota(groups: Path, own: Path) -> float:
    """CPUs that a process's control group and those above it may keep busy; infinite without a quota.

    Args:
        groups: where control groups (version 2) are mounted.
        own: the process's `/proc/…/cgroup`.
    """
    try:
        inside = next(line[3:] for line in own.read_text("utf-8").splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return math.inf
    group = groups / inside.strip("/")
    return min(_quota_of(folder) for folder in (group, *group.parents) if folder.is_relative_to(groups))


def _quota_of(folder: Path) -> float:
    try:
        quota, period = (folder / "cpu.max").read_text("ascii").split()
        return math.inf if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf


def _as_torch_says() -> CpuFeatures:
    import torch

    ask = getattr(torch.cpu, "get_capabilities", None)  # not in every torch that will do
    native = ask() if ask else {}
    flags = {str(flag) for flag, there in native.items() if there is True}
    return CpuFeatures(platform.processor() or platform.machine(), frozenset(flags & (_BFLOAT16 | _INT8)))
