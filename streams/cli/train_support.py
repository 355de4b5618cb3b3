"""`shopstream train support`: a model that tells what tickets are about, from texts with intents."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.training.intent_defaults import BASE, EPOCHS, LEARNING_RATE, MAX_TOKENS, PATIENCE
from streams.cli.output import print_json
from streams.cli.training_options import (
    DATA,
    TrainingOptions,
    given_command,
    run_folder,
    told_errors,
    training_options,
    use_threads,
    watched,
)
from streams.cli.training_topic import check_source, topic_options, topic_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from models.training.intent_data import IntentRows


@click.command()
@DATA
@topic_options("support-tickets", "resolutions")
@click.option(
    "--text-column", help='Column of the texts; by default "text", "utterance", "sentence", "query", …'
)
@click.option("--label-column", help='Column of the intents; by default "intent", "category", "label".')
@click.option(
    "--out-of-scope", metavar="LABEL", help="What texts are labelled that are about none of the intents."
)
@training_options(base=BASE, epochs=EPOCHS, max_tokens=MAX_TOKENS, patience=PATIENCE)
def support(
    *,
    files: tuple[Path, ...],
    from_topic: str | None,
    since: str | None,
    text_column: str | None,
    label_column: str | None,
    out_of_scope: str | None,
    training: TrainingOptions,
) -> None:
    """Train a model that tells what a ticket is about.

    Tables have a column of texts and one of intents. From a topic, the first tag of a resolution is the intent of its
    question, or of the ticket that it resolves, both masked, without those of erased users. Texts labelled
    --out-of-scope teach no intent: they set the probability below which none is said. Where that option is given and
    no text has the label, the threshold keeps 95 % of the right answers; without it, the likeliest intent is always
    said.

    A training that was killed goes on where it was when the same command is given again. The report has the model
    beside a TF-IDF linear SVM and the commonest intent, on a test part that nothing else was done with.

    \b
    Exit codes: 0 trained; 1 the data or the base can't be used; 2 wrong options.
    """  # noqa: D301 - click looks for the character \b itself
    from models.training.intent_data import read_intents

    begin = check_source(files, from_topic, since)
    train_from(
        lambda: (
            _of_topic(from_topic, begin, out_of_scope)
            if from_topic
            else read_intents(files, out_of_scope, text_column=text_column, label_column=label_column)
        ),
        training,
        scoped=out_of_scope is not None,
    )


def train_from(rows: "Callable[[], IntentRows]", training: TrainingOptions, *, scoped: bool) -> None:
    """Train from texts with intents, wherever they come from, and tell what came of it.

    Args:
        rows: reads them; may raise `ModelError`.
        training: the options that all trainings share.
        scoped: whether a threshold is to be fitted.
    """
    from models.training.intent_data import WHERE_TO_GET_DATA

    command = given_command("train", "support")
    if training.learning_rate is None and training.method == "lora":
        training = replace(training, learning_rate=LEARNING_RATE)
    with told_errors(WHERE_TO_GET_DATA):
        report = _trained(rows(), training, command, scoped=scoped)
    if training.as_json:
        print_json(report | {"folder": str(training.out)})
    else:
        _show(report, training.out)


def _of_topic(topic: str, since: "datetime | None", out_of_scope: str | None) -> "IntentRows":
    from models.training.intent_data import intent_rows

    found = topic_rows(topic, since)
    rows = intent_rows(found.name, [(row["text"], row["intent"]) for row in found.rows], out_of_scope)
    return replace(rows, skipped={**found.skipped, **rows.skipped})


def _trained(rows: "IntentRows", training: TrainingOptions, command: str, *, scoped: bool) -> dict[str, Any]:
    from models.sources import identify
    from models.training.intent_data import split_intents

    data = split_intents(rows, scoped=scoped, tested=True)
    base = identify(training.base)
    # Torch comes with the task's modules, so they are imported once the data is known to be good.
    from models.training.intent_release import TASK, write_intent_model
    from models.training.intents import train_intents

    use_threads(training.threads)
    told = {"data": data.digest, "base_digest": base.digest, "task": TASK, "scoped": scoped}
    run = run_folder(training.out, training.settings | told)
    with watched() as (watch, _):
        fitted = train_intents(
            data, training.base, training.classifier, watch=watch, checkpoints=run.checkpoints
        )
    return write_intent_model(
        run,
        fitted,
        data,
        name=training.name or training.out.resolve().name,
        data_licence=training.data_licence,
        command=command,
    )


def _show(report: dict[str, Any], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{report['model']['id']}: {report['data']['intents']} intents"
    table = Table("test part", "examples", "accuracy", "macro-F1", "ECE", title=title)
    for name, one in report["test"].items():
        ece = "-" if one["ece"] is None else f"{one['ece']:.4f}"
        table.add_row(name, f"{one['examples']:,}", f"{one['accuracy']:.4f}", f"{one['macro_f1']:.4f}", ece)
    Console().print(table)
    if report["threshold"]:
        click.echo(f"Below a probability of {report['threshold']:.3f} no intent is said.")
    if scope := report["scope"]:
        click.echo(
            f"With it {scope['in_scope_accuracy']:.1%} of texts about an intent get it, and"
            f" {scope['out_of_scope_recall']:.1%} of the others none."
        )
    click.echo(f"\nWritten to {folder}. To use it: SHOPSTREAM_MODELS__INTENT={shlex.quote(f'path:{folder}')}")
