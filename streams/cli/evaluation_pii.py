"""`shopstream evaluate pii`: how well personal data is found, and how often something else is masked."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.output import print_json, progress
from streams.printing import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from privacy.detect import SpanTagger
    from privacy.evaluation.clean import CleanReport
    from privacy.evaluation.dataset import Part
    from privacy.evaluation.report import DetectionReport, SystemReport
    from privacy.evaluation.scores import Accuracy, Figure, Score
    from privacy.evaluation.turns import System

_FILE = click.Path(path_type=Path)
_SHOWN_ALARMS = 50
_SHOWN_SHAPES = 20
_LONGEST_KIND = 22


@click.command()
@click.option(
    "--data",
    type=_FILE,
    help="Annotated texts: JSON as of presidio-research, or TSV as MultiDoGO's; also gzipped.",
)
@click.option("--labels", type=_FILE, help='What its labels mean: a JSON object {"their label": "our kind"}.')
@click.option(
    "--part",
    default="all",
    show_default=True,
    type=click.Choice(["all", "development", "held-out", "held-out-templates"]),
    help="Which texts, by SHA-256 modulo 7; held-out-templates: texts of templates that nothing was trained on.",
)
@click.option("--tagger", help='Source of the tagger; "" for none; by default the settings\' models.tagger.')
@click.option(
    "--peer/--no-peer",
    default=True,
    show_default=True,
    help="Whether to compare with Presidio, if installed.",
)
@click.option(
    "--shapes", is_flag=True, help="Show what errors look like: 9 for a digit, a and A for letters."
)
@click.option(
    "--clean",
    type=_FILE,
    help="Texts WITHOUT personal data: .csv, .tsv, .jsonl, .txt, also gzipped. Findings are SHOWN.",
)
@click.option("--field", help="The column (or its number) or member of --clean that holds the text.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def pii(  # noqa: PLR0913 - each is an option of the command
    *,
    data: Path | None,
    labels: Path | None,
    part: str,
    tagger: str | None,
    peer: bool,
    shapes: bool,
    clean: Path | None,
    field: str | None,
    as_json: bool,
) -> None:
    """Evaluate the detection of personal data, by patterns and by the tagger of names and addresses.

    Precision, recall and F2 (recall weighs twice), by characters and by entity, for each kind: those that patterns
    find, those of the tagger, and others that the data labels. Kinds that a detector does not look for are named, and
    count in the groups of which they are part. "masked" is the share of labelled characters that were masked as
    whatever kind; the row "any kind" asks only that. Presidio runs in turns with Shopstream, 256 texts each; the
    first 512 warm up both.

    An entity is found when kinds agree and letters and digits overlap by .9 (intersection over union). A number
    found inside an address is false for its own kind, and right for "any kind".

    Public data: generated_large.json of github.com/microsoft/presidio-research (MIT).

    \b
    Exit codes: 0 measured; 1 a file can't be used; 2 wrong options.
    """  # noqa: D301 - click looks for the character \b itself
    from models.errors import ModelError
    from privacy.errors import PrivacyError
    from privacy.evaluation.dataset import Part
    from privacy.evaluation.ours import shopstream

    if data is None and clean is None:
        raise click.UsageError(
            "Name annotated texts by --data, texts without personal data by --clean, or both."
        )
    try:
        with named_tagger(tagger) as names:
            ours, chosen = shopstream(names), Part(part)
            detection = None if data is None else _detection(ours, data, labels, chosen, peer=peer)
            alarms = None if clean is None else _alarms(ours, clean, field, chosen)
    except (PrivacyError, ModelError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        reports = {"detection": detection, "clean": alarms}
        print_json({name: one.as_json() for name, one in reports.items() if one is not None})
        return
    if detection is not None:
        _show(detection, shapes=shapes)
    if alarms is not None:
        _show_alarms(alarms)


@contextmanager
def named_tagger(source: str | None) -> "Iterator[SpanTagger | None]":
    """The tagger of this source, "" for none; None is that of the settings. For plain code."""
    import asyncio

    from streams.name_tagger import tagger_of
    from streams.settings import Settings

    settings = Settings().models
    if source is not None:
        settings = settings.model_copy(update={"tagger": source})
    with asyncio.Runner() as loop:
        entered = tagger_of(settings)
        tagger = loop.run(entered.__aenter__())
        try:
            yield tagger
        finally:
            loop.run(entered.__aexit__(None, None, None))


def _detection(
    ours: "System", data: Path, labels: Path | None, part: "Part", *, peer: bool
) -> "DetectionReport":
    from privacy.evaluation.dataset import read_annotated
    from privacy.evaluation.errors import PeerMissing
    from privacy.evaluation.labels import LabelMap
    from privacy.evaluation.presidio import presidio
    from privacy.evaluation.report import evaluate_detection

    meanings = LabelMap.default() if labels is None else LabelMap.read(labels)
    texts = read_annotated(data, part)
    systems = [ours]
    if peer:
        try:
            systems.append(presidio(meanings))
        except PeerMissing as missing:
            click.echo(str(missing), err=True)
    with progress("looking for personal data", len(texts)) as done:
        return evaluate_detection(texts, systems, meanings, done)


def _alarms(ours: "System", clean: Path, field: str | None, part: "Part") -> "CleanReport":
    from privacy.evaluation.clean import false_alarms, read_clean

    return false_alarms(read_clean(clean, field, part), ours)


def _show(report: "DetectionReport", *, shapes: bool) -> None:
    for name, system in report.systems.items():
        _show_system(name, system, report.texts)
        if shapes:
            _show_shapes(system)
    for name, speed in report.times_as_fast_as.items():
        click.echo(
            f"{speed.ratio:.0f} times as fast as {name} (median of the turns {speed.median:.0f}, "
            f"lowest {speed.lowest:.0f})."
        )


def _show_system(name: str, system: "SystemReport", texts: int) -> None:
    click.echo(f"{name}: {texts:,} texts; {system.texts_per_second:,.0f} texts/s on {system.texts_timed:,}")
    click.echo(f"{system.about}.")
    _show_table("by characters", system, lambda score: (*_figures(score.characters), score.masked), "masked")
    _show_table("by entity", system, lambda score: _figures(score.entities))
    click.echo("* not covered\n")


def _show_table(
    unit: str, system: "SystemReport", figures: "Callable[[Score], Sequence[Figure]]", *more: str
) -> None:
    """One that fits into 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column(unit, no_wrap=True)
    for column in ("labelled", "found", "P", "R", "F2", *more):
        table.add_column(column, justify="right", no_wrap=True)
    for group, score in system.groups.items():
        table.add_row(group, str(score.labelled), str(score.found), *map(_value, figures(score)))
        table.add_row("  95 % interval", "", "", *map(_interval, figures(score)))
    table.add_section()
    for kind, score in system.kinds.items():
        name = f"{printable(kind, _LONGEST_KIND)}{' *' if kind in system.not_covered else ''}"
        table.add_row(name, str(score.labelled), str(score.found), *map(_value, figures(score)))
    Console().print(table)


def _figures(accuracy: "Accuracy") -> "tuple[Figure, ...]":
    return accuracy.precision, accuracy.recall, accuracy.f2


def _value(figure: "Figure") -> str:
    return "-" if figure.value is None else f"{figure.value:.3f}"


def _interval(figure: "Figure") -> str:
    bounds = [f"{bound:.2f}".removeprefix("0") for bound in (figure.low, figure.high) if bound is not None]
    return "-".join(bounds)


def _show_shapes(system: "SystemReport") -> None:
    for name, counted in (("missed", system.shapes.missed), ("false", system.shapes.false)):
        for shape, times in list(counted.items())[:_SHOWN_SHAPES]:
            click.echo(f"{name} {times:>4} x {printable(shape)}")


def _show_alarms(report: "CleanReport") -> None:
    count = len(report.alarms)
    click.echo(
        f"{count} masked spans in {report.texts:,} texts without personal data: {report.per_200:.2f} in 200 texts."
    )
    for alarm in report.alarms[:_SHOWN_ALARMS]:
        context = printable(f"{alarm.before}[{alarm.value}]{alarm.after}")
        click.echo(f"  text {alarm.text}: {alarm.kind} {alarm.score:.2f} by {alarm.recognizer}: {context}")
    if count > _SHOWN_ALARMS:
        click.echo(f"  … and {count - _SHOWN_ALARMS} more; --json has all.")
