"""What `models quantize` and `models distill` print: one table, before and after."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from models.compression.comparison import Comparison


def show_comparison(comparison: "Comparison", title: str) -> None:
    """Print the table and the judgement."""
    from rich.console import Console
    from rich.table import Table

    table = Table("", "before", "after", title=title)
    for row in comparison.rows():
        table.add_row(*row)
    Console().print(table)
    if judgement := comparison.judgement:
        click.echo(
            f"Lost: {judgement.lost:.2f} points of {judgement.by}; {judgement.tolerance:g} may be lost. Speed was "
            "measured by turns."
        )
