"""`shopstream models quantize`: a model in narrower numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from streams.cli.compression_table import show_comparison
from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, SETTINGS, fail, load_settings, quiet

if TYPE_CHECKING:
    from models.compression.quantize import Quantised
    from models.engine.backend import Precision, Task
    from streams.settings import Running

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("source")
@click.option(
    "--task",
    default="embed",
    show_default=True,
    type=click.Choice(["embed", "score", "classify", "tag"]),
    help="What the model does; those with heads embed.",
)
@click.option(
    "--device", default="auto", show_default=True, help="cpu, cuda, cuda:N; auto is a GPU where there is one."
)
@click.option(
    "--precision",
    type=click.Choice(["int8", "bfloat16", "float16"]),
    help="By default int8 on the CPU, bfloat16 on a GPU.",
)
@click.option(
    "--tolerance", default=1.0, show_default=True, type=click.FloatRange(0), help="Points that may be lost."
)
@click.option("--data", multiple=True, type=_FILE, help="Texts with labels, to measure on; may be repeated.")
@click.option(
    "--of",
    "kind",
    type=click.Choice(["reviews", "intent"]),
    help="What --data holds; by default what the model was trained for.",
)
@click.option(
    "--calibration", type=_FILE, help="A table of your own texts, to measure int8's ranges on; 50 or more."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def quantize(  # noqa: PLR0913 - each is an option of the command
    *,
    source: str,
    task: "Task",
    device: str,
    precision: "Precision | None",
    tolerance: float,
    data: tuple[Path, ...],
    kind: Literal["reviews", "intent"] | None,
    calibration: Path | None,
    as_json: bool,
) -> None:
    """Make SOURCE narrower now, and show what that saves and loses.

    Without --data the outputs of both are compared on texts of ours, and int8 must keep what `auto` asks of it: .97 of
    the centred cosine and .9 of nearest neighbours, or .95 of decisions. With --data, and a model with heads, it is
    held to the labels of texts that were not in its training part.

    int8 is kept in the cache for the next start. Where it is refused, `auto` does not take it.

    \b
    Exit codes: 0 made; 1 the data can't be used, or more is lost than --tolerance; 2 wrong options; 78 the settings are
    wrong, or the model can't be had, or run so here.
    """  # noqa: D301 - click looks for the character \b itself
    from models.errors import ModelError, TrainingDataError

    settings = load_settings().models
    quiet()
    try:
        done = _quantised(
            source, (task, device, precision, tolerance), data, kind, calibration, settings.running
        )
    except (TrainingDataError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except ModelError as error:
        fail(SETTINGS, str(error))
    if as_json:
        print_json(done.as_json())
    else:
        show_comparison(done.comparison, source)
    if done.refused:
        fail(BAD_DATA, f"refused: {done.refused}; leave models.precision at auto, or set it to bfloat16")


def _quantised(
    source: str,
    asked: "tuple[Task, str, Precision | None, float]",
    data: tuple[Path, ...],
    kind: str | None,
    calibration: Path | None,
    running: "Running",
) -> "Quantised":
    from models.compression.examples import read_examples
    from models.compression.quantize import Order, heads_in, quantise
    from models.compression.teacher import own_folder
    from models.engine.choosing.candidates import AUTO, CPU, BackendName, installed
    from models.sources import resolve
    from models.sources.model_folder import is_model_folder, read_model_folder

    task, device, precision, tolerance = asked
    if device == AUTO:
        device = "cuda" if installed().gpus else CPU
    found, folder = resolve(source), own_folder(source)
    backend: BackendName = "openvino" if device == CPU and running["backend"] != "torch" else "torch"
    heads = heads_in(found)
    if data and not heads:
        raise click.UsageError(f"{source} has no heads that --data could judge; leave it out")
    trained_for = read_model_folder(folder).task if is_model_folder(folder) else ""
    order = Order(
        task=task,
        precision=precision or ("int8" if device == CPU else "bfloat16"),
        device=device,
        tolerance=tolerance,
        calibration=read_examples((), {}, "", (calibration,)).texts if calibration else (),
        backend=backend,
        threads=running["threads"],
    )
    if order.calibration and order.precision != "int8":
        raise click.UsageError("--calibration is for int8 only")
    examples = read_examples(data, heads, kind or trained_for) if data else None
    return quantise(found, folder, order, examples, lambda what: click.echo(what, err=True))
