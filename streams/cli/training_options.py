"""Options that all trainings share."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from streams.cli.output import stages
from streams.cli.session import load_settings

if TYPE_CHECKING:
    from models.engine.loading import LoadOptions
    from models.training.fitting import ClassifierOptions, FitOptions
    from models.training.loop import Epoch, Watch
    from models.training.objectives import ClassWeights
    from models.training.run_folder import RunFolder
    from models.training.trunk import Method

Command = TypeVar("Command", bound=Callable[..., None])
Advance = Callable[[str, int, int], None]

LEARNING_RATES = {"lora": 5e-4, "full": 5e-5, "head": 2e-3}
"""By method, where none is given."""
FILE = click.Path(path_type=Path)
_NOT_TOLD = ("as_json", "threads")
"""Options that change nothing about the model."""

_POSITIVE = click.IntRange(min=1)
DATA = click.option(
    "--data",
    "files",
    multiple=True,
    type=FILE,
    help="CSV, TSV or JSON lines, also gzipped; may be given several times.",
)
OUT = click.option("--out", required=True, type=FILE, help="A new or empty folder, or one to resume.")
RANK = click.option("--rank", default=16, show_default=True, type=_POSITIVE, help="Of the low-rank changes.")
BATCH_SIZE = click.option("--batch-size", default=32, show_default=True, type=_POSITIVE)
DROPOUT = click.option(
    "--dropout", default=0.1, show_default=True, type=click.FloatRange(0, 1, max_open=True)
)
SEED = click.option("--seed", default=7, show_default=True, type=click.IntRange(0, 2**31 - 1))
DEVICE = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
THREADS = click.option(
    "--threads", default=0, type=click.IntRange(min=0), help="Of the processor; 0 is all cores."
)
NAME = click.option("--name", help="What the model calls itself; by default the folder's name.")
DATA_LICENCE = click.option(
    "--data-licence", default="not stated", show_default=True, help="The data's licence, for the card."
)
VECTOR_CACHE = click.option(
    "--cache", type=FILE, help="A folder in which to keep the products' vectors for next time."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


def highest_rate(default: float) -> Callable[[Command], Command]:
    """The option `--learning-rate` of trainings with one method."""
    return click.option(
        "--learning-rate",
        default=default,
        show_default=True,
        type=click.FloatRange(0, 1, min_open=True),
        help="The highest.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """What was asked for; see the options' help."""

    out: Path
    base: str
    method: str
    rank: int
    epochs: int
    learning_rate: float | None
    batch_size: int
    max_tokens: int
    class_weights: str
    label_smoothing: float
    dropout: float
    patience: int
    seed: int
    device: str
    threads: int
    name: str | None
    data_licence: str
    as_json: bool

    @property
    def fit(self) -> "FitOptions":
        """For `models.training.fitting.fit`."""
        from models.training.fitting import FitOptions
        from models.training.loop import Schedule
        from models.training.trunk import TrunkOptions

        return FitOptions(
            trunk=TrunkOptions(method=cast("Method", self.method), rank=self.rank, dropout=self.dropout),
            schedule=Schedule(
                learning_rate=self.learning_rate or LEARNING_RATES[self.method],
                epochs=self.epochs,
                patience=self.patience,
                seed=self.seed,
            ),
            batch_size=self.batch_size,
            max_tokens=self.max_tokens,
            device=self.device,
        )

    @property
    def classifier(self) -> "ClassifierOptions":
        """For models whose main head tells classes."""
        from models.training.fitting import ClassifierOptions

        return ClassifierOptions(
            fit=self.fit,
            class_weights=cast("ClassWeights", self.class_weights),
            smoothing=self.label_smoothing,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What the outcome depends on, for the run's folder."""
        told = asdict(self)
        for name in ("out", "as_json", "threads", "name", "data_licence"):
            del told[name]
        return told | {"learning_rate": self.learning_rate or LEARNING_RATES[self.method]}


def training_options(
    *, base: str, epochs: int = 3, max_tokens: int = 192, class_weights: str = "none", patience: int = 1
) -> Callable[[Command], Command]:
    """Add the options; the command gets them as `training: TrainingOptions`.

    Args:
        base: the default encoder.
        epochs: default.
        max_tokens: default.
        class_weights: default.
        patience: default.
    """
    options = [
        OUT,
        click.option("--base", default=base, show_default=True, help="Source of the encoder to start from."),
        click.option(
            "--method",
            type=click.Choice(["lora", "full", "head"]),
            default="lora",
            show_default=True,
            help="Low-rank changes, all layers, or heads alone.",
        ),
        RANK,
        click.option("--epochs", default=epochs, show_default=True, type=_POSITIVE, help="At most."),
        click.option(
            "--learning-rate",
            type=click.FloatRange(0, 1, min_open=True),
            help="The highest; by default 5e-4 for lora, 5e-5 for full, 2e-3 for head.",
        ),
        BATCH_SIZE,
        click.option(
            "--max-tokens",
            default=max_tokens,
            show_default=True,
            type=click.IntRange(min=8),
            help="Where texts are cut while training.",
        ),
        click.option(
            "--class-weights",
            type=click.Choice(["none", "root", "balanced"]),
            default=class_weights,
            show_default=True,
            help="How much a class counts: alike, by 1/sqrt(its examples), by 1/(its examples).",
        ),
        click.option(
            "--label-smoothing", default=0.05, show_default=True, type=click.FloatRange(0, 1, max_open=True)
        ),
        DROPOUT,
        click.option(
            "--patience",
            default=patience,
            show_default=True,
            type=_POSITIVE,
            help="Epochs without a better validation score after which training ends.",
        ),
        SEED,
        DEVICE,
        THREADS,
        NAME,
        DATA_LICENCE,
        JSON,
    ]

    def decorated(command: Command) -> Command:
        @wraps(command)
        def with_options(**given: Any) -> None:
            names = TrainingOptions.__dataclass_fields__
            ours = {name: given.pop(name) for name in names}
            command(training=TrainingOptions(**ours), **given)

        found: Any = with_options
        for option in reversed(options):
            found = option(found)
        checked: Command = found
        return checked

    return decorated


def given_command(*words: str) -> str:
    """The command as it was given, for the card; of files and folders only the names."""
    context = click.get_current_context()
    told = ["shopstream", *words]
    for option in context.command.params:
        name = option.name or ""
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or name in _NOT_TOLD:
            continue
        value = context.params[name]
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(option, click.Option):
                told.append(option.opts[0])
            if one is not True:
                told.append(one.name if isinstance(one, Path) else str(one))
    return shlex.join(told)


@contextmanager
def watched() -> Iterator[tuple["Watch", Advance]]:
    """A bar for training and for the stages beside it, and a line an epoch, on standard error."""
    from models.training.loop import Watch

    def epoch(done: "Epoch") -> None:
        said = f"epoch {done.number + 1}: training loss {done.loss:.4f}, validation score {done.score:.4f}"
        click.echo(said, err=True)

    with stages() as advance:
        yield Watch(step=lambda done, total: advance("training", done, total), epoch=epoch), advance


@contextmanager
def told_errors(where_to_get_data: str = "") -> Iterator[None]:
    """Ends the command with one line where the data, the base or a file can't be used."""
    from models.errors import ModelError, TrainingDataError

    try:
        yield
    except TrainingDataError as error:
        raise click.ClickException(
            f"{error}. {where_to_get_data}" if where_to_get_data else str(error)
        ) from error
    except (ModelError, ArithmeticError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"can't read or write {error.filename or 'a file'}: {error.strerror}"
        ) from error


def load_options() -> "LoadOptions":
    """What workers' models run on, by the settings, for trainings that measure a model as workers run it."""
    running = load_settings().models.running
    return {
        "device": running["device"],
        "precision": running["precision"],
        "backend": running["backend"],
        "threads": running["threads"],
    }


def run_folder(out: Path, settings: dict[str, Any]) -> "RunFolder":
    """The folder of a training, new or gone on with; the latter is told.

    Raises:
        TrainingDataError: it holds something else.
    """
    from models.training.run_folder import RunFolder

    run = RunFolder(out, settings)
    if run.resumes:
        click.echo(f"{out} has a checkpoint; the training goes on from there.", err=True)
    return run


def use_threads(count: int) -> None:
    """Let torch run on `count` threads; 0 leaves it all cores."""
    import torch

    if count:
        torch.set_num_threads(count)
