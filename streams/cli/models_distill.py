"""`shopstream models distill`: a student with fewer layers than its teacher."""

from pathlib import Path
from typing import Literal

import click

from streams.cli.compression_table import show_comparison
from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, SETTINGS, fail, quiet
from streams.cli.training_options import given_command, load_options, use_threads, watched

_FILE = click.Path(path_type=Path)
_LEARNING_RATES = {"lora": 5e-4, "full": 1e-4}
_SHARE = click.FloatRange(0, min_open=True)


@click.command()
@click.argument("source")
@click.option("--layers", required=True, type=click.IntRange(1), help="Layers that the student keeps.")
@click.option("--data", multiple=True, type=_FILE, help="Texts with labels; may be repeated.")
@click.option("--unlabelled", multiple=True, type=_FILE, help="Tables of texts alone; may be repeated.")
@click.option("--out", required=True, type=_FILE, help="A new folder, or one of a run that was killed.")
@click.option(
    "--tolerance", default=1.0, show_default=True, type=click.FloatRange(0), help="Points that may be lost."
)
@click.option("--method", default="lora", show_default=True, type=click.Choice(["lora", "full"]))
@click.option(
    "--rank", default=32, show_default=True, type=click.IntRange(1), help="Of LoRA; the teacher's or more."
)
@click.option("--epochs", default=4, show_default=True, type=click.IntRange(1))
@click.option("--learning-rate", type=_SHARE, help="By default 5e-4 for lora, 1e-4 for full.")
@click.option("--patience", default=2, show_default=True, type=click.IntRange(1))
@click.option("--batch-size", default=32, show_default=True, type=click.IntRange(1))
@click.option(
    "--max-tokens", default=192, show_default=True, type=click.IntRange(8), help="Where both are cut."
)
@click.option("--temperature", default=2.0, show_default=True, type=_SHARE, help="That softens the classes.")
@click.option("--labels", default=0.3, show_default=True, type=_SHARE, help="Weight of labels.")
@click.option(
    "--vectors", default=5.0, show_default=True, type=click.FloatRange(0), help="Weight of the vectors."
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--device", default="auto", show_default=True, type=click.Choice(["auto", "cpu", "cuda"]))
@click.option("--threads", default=0, type=click.IntRange(0), help="Of the processor; 0 is all cores.")
@click.option("--name", default="", help="The student's id; by default the teacher's, with the layers.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def distill(  # noqa: PLR0913 - each is an option of the command
    *,
    source: str,
    layers: int,
    data: tuple[Path, ...],
    unlabelled: tuple[Path, ...],
    out: Path,
    tolerance: float,
    method: Literal["lora", "full"],
    rank: int,
    epochs: int,
    learning_rate: float | None,
    patience: int,
    batch_size: int,
    max_tokens: int,
    temperature: float,
    labels: float,
    vectors: float,
    seed: int,
    device: str,
    threads: int,
    name: str,
    as_json: bool,
) -> None:
    """Teach a student with fewer layers what the trained model SOURCE says.

    SOURCE is shipped:NAME or path:FOLDER, made by `shopstream train`. The student keeps evenly spread layers of it,
    begins at its weights, and learns its classes, numbers and vectors, beside the labels in --data.

    What it needs are texts like those that it will read: some thousands, the more the better, of all kinds and
    languages. Give what the teacher was trained with (of reviews whatever `shopstream train reviews` reads; else a
    table with a column of texts and one of labels), and with --unlabelled whatever else there is: the teacher labels
    it. By its hash, a seventh of the texts is kept to test both on.

    A run that was killed goes on when the same command is given again. The teacher is asked once for each text.

    \b
    Exit codes: 0 made; 1 the data can't be used, or more is lost than --tolerance: then the folder's refused.json is
    no model; 2 wrong options; 78 the settings are wrong, or a model can't be had or run here.
    """  # noqa: D301 - click looks for the character \b itself
    from models.compression.examples import read_examples
    from models.compression.teacher import teacher_of
    from models.errors import ModelError, TrainingDataError

    if not data and not unlabelled:
        raise click.UsageError("give texts, with --data or --unlabelled")
    running = load_options()
    quiet()
    try:
        teacher = teacher_of(source)
        examples = read_examples(data, teacher.heads, teacher.model.task, unlabelled)
        # Torch comes with these, so they are imported once the data is known to be good.
        from models.compression.distill import DistillOptions
        from models.compression.student import Order, make_student
        from models.training.fitting import FitOptions
        from models.training.loop import Schedule
        from models.training.trunk import TrunkOptions

        use_threads(threads)
        schedule = Schedule(
            learning_rate=learning_rate or _LEARNING_RATES[method],
            epochs=epochs,
            patience=patience,
            seed=seed,
        )
        options = DistillOptions(
            layers=layers,
            fit=FitOptions(
                trunk=TrunkOptions(method, rank, dropout=0.0),
                schedule=schedule,
                batch_size=batch_size,
                max_tokens=max_tokens,
                device=device,
            ),
            temperature=temperature,
            vectors=vectors,
            labels=labels,
        )
        order = Order(
            out=out,
            name=name,
            tolerance=tolerance,
            running=running,
            command=given_command("models", "distill"),
        )
        with watched() as (watch, advance):
            student = make_student(
                teacher,
                examples,
                options,
                order,
                watch=watch,
                told=lambda done, total: advance("teacher reads", done, total),
            )
    except (TrainingDataError, ArithmeticError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except ModelError as error:
        fail(SETTINGS, str(error))
    if as_json:
        print_json(student.report | {"folder": str(out)})
    else:
        show_comparison(student.comparison, f"{source}, and a student with {layers} layers")
    if student.refused:
        fail(
            BAD_DATA,
            f"the student is refused: {student.refused}; try more --layers, more texts, --method full or more --epochs "
            f"(to take it anyway: mv {out / 'refused.json'} {out / 'shopstream.json'})",
        )
    if not as_json:
        click.echo(f"Written to {out}; to use it: path:{out}")
