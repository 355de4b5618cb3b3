"""Choose device, threads and number format for torch, and hold a faster format to a self-test."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from models.engine.backend import Vectors
from models.errors import WeightsUnusable

if TYPE_CHECKING:
    import torch

LEAST_COSINE = 0.999
"""Cosine to float32 that a faster format must keep on every probe."""

PROBES = (
    "",
    "Love this dress!",
    "The zipper broke after two days and the seller never answered my message.",
    "It runs small - order one size up. Colour is a bit darker than in the picture, but I like it; 5'8\", 130 lbs.",
    "Das Kleid sitzt gut. 质量不错，就是有点贵。",
    "nice " * 120,
)
"""Texts of different length, style and script on which formats are compared."""


def choose_threads(threads: int) -> int:
    """`threads`, or for 0 every core that this process may run on."""
    if threads:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose_device(wanted: str) -> "torch.device":
    """The device for `auto`, `cpu`, `cuda` or `cuda:N`. `auto` is CUDA where there is a usable GPU.

    Raises:
        WeightsUnusable: the device is unknown or not there.
    """
    import torch

    if wanted == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise WeightsUnusable(f"device {wanted!r} is not auto, cpu, cuda or cuda:N") from None
    if device.type == "cuda":
        index = device.index or 0
        count = torch.cuda.device_count()
        if index >= count:
            raise WeightsUnusable(f"device {wanted!r} is not there; torch sees {count} CUDA devices")
        return torch.device("cuda", index)
    return device


def choose_dtype(wanted: str, device: "torch.device") -> "torch.dtype":
    """The number format for a device. `auto` takes a half format only where the hardware computes in it.

    Raises:
        WeightsUnusable: the name is unknown.
    """
    import torch

    named = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if wanted in named:
        return named[wanted]
    if wanted != "auto":
        raise WeightsUnusable(f"dtype {wanted!r} is not one of auto, {', '.join(named)}")
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    # Without native instructions bf16 is emulated, and slower than float32.
    native = torch.cpu.get_capabilities()
    return (
        torch.bfloat16
        if any(native.get(flag) for flag in ("avx512_bf16", "amx_bf16", "bf16"))
        else torch.float32
    )


def agrees(reference: Vectors, embed: Callable[[], Vectors]) -> bool:
    """Whether vectors keep at least `LEAST_COSINE` to float32's, row by row. False too when `embed` can't run."""
    try:
        vectors = embed()
    except RuntimeError:  # an operator that this device lacks in this format
        return False
    cosines = np.einsum("ij,ij->i", reference, vectors)
    return bool(np.isfinite(vectors).all() and (cosines >= LEAST_COSINE).all())
