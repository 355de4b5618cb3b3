"""Curves as PNG files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

Curve = Sequence[tuple[float, float]]


def plot(
    path: Path,
    title: str,
    x_label: str,
    y_label: str,
    curves: Mapping[str, Curve],
    *,
    log_x: bool = False,
    log_y: bool = False,
) -> Path:
    """Draws curves, each a list of (x, y), with their names in a legend.

    Args:
        path: of the PNG file; its folder is made.
        title: above.
        x_label: with the unit.
        y_label: with the unit.
        curves: by name.
        log_x: whether x grows by powers of two.
        log_y: whether y is logarithmic.

    Raises:
        SystemExit: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise SystemExit("plots need matplotlib: .venv/bin/uv pip install matplotlib") from None
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.plot([x for x, _ in curve], [y for _, y in curve], marker="o", label=name)
    if log_x:
        axes.set_xscale("log", base=2)
    if log_y:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    return path
