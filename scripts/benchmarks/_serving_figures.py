"""Figures of `scripts/bench serving`: percentiles, the machine's load, and how a report is printed."""

import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

MIB = 1 << 20
SHARES = (0.5, 0.95, 0.99)


@dataclass(slots=True)
class Report:
    """What a part found.

    Attributes:
        figures: for programs; groups of figures by name.
        faults: what was not as it must be, in words; none is a pass.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, *, holds: bool) -> None:
        """Notes a fault unless it holds."""
        if not holds:
            self.faults.append(what)

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {"passed": not self.faults, "faults": self.faults, **self.figures}


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the least value that at least this share of all values does not exceed.

    Raises:
        ValueError: there is no value, or the share is not above 0 and at most 1.
    """
    if not values or not 0 < share <= 1:
        raise ValueError("a percentile needs a value, and a share above 0 and at most 1")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    """Count, p50, p95, p99 and the longest of some times, in milliseconds; the count alone where there is none."""
    if not seconds:
        return {"n": 0}
    found = {f"p{share * 100:.0f}_ms": round(1e3 * percentile(seconds, share), 1) for share in SHARES}
    return {"n": len(seconds), **found, "max_ms": round(1e3 * max(seconds), 1)}


def load() -> dict[str, float]:
    """What the machine is busy with: cores, and the load averages of 1 and 5 minutes."""
    one, five, _ = os.getloadavg()
    return {"cores": os.cpu_count() or 1, "load_1m": round(one, 2), "load_5m": round(five, 2)}


def mib(size: float) -> float:
    """Bytes in MiB."""
    return round(size / MIB, 1)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now (its resident set); 0 when it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def table(document: Mapping[str, Any]) -> Iterator[str]:
    """A line for each group of figures, groups within groups by their path."""
    plain = {name: value for name, value in document.items() if not isinstance(value, Mapping)}
    groups = {name: value for name, value in document.items() if isinstance(value, Mapping)}
    rows = [("", plain), *_rows("", groups)]
    width = max(len(name) for name, _ in rows)
    for name, figures in rows:
        if figures:
            yield f"{name:<{width}}  " + "  ".join(f"{key} {_shown(value)}" for key, value in figures.items())


def _rows(path: str, groups: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, group in groups.items():
        inner = {key: value for key, value in group.items() if isinstance(value, Mapping)}
        yield path + name, {key: value for key, value in group.items() if key not in inner}
        yield from _rows(f"{path}{name}.", inner)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "-"
    return "-" if value is None else str(value)


def say(what: str) -> None:
    """Progress, on standard error."""
    print(what, file=sys.stderr, flush=True)
