"""`shopstream evaluate intent`: how well a model tells what texts are about."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json, progress
from streams.cli.session import load_settings
from streams.cli.training_options import use_threads, watched

if TYPE_CHECKING:
    from models.evaluation.intents import IntentReport, Said
    from models.training.fitting import ClassifierOptions
    from models.training.intent_data import IntentData, IntentRows

_TABLE = click.Path(path_type=Path)


@click.command()
@click.option("--train", "training", type=_TABLE, help="Texts to fine-tune a model on first.")
@click.option(
    "--model", help="A model that is there: shipped:NAME or path:FOLDER; default from the settings."
)
@click.option("--against", help="Another model, to compare with.")
@click.option("--test", required=True, type=_TABLE, help="Texts with the right intents.")
@click.option(
    "--out-of-scope", metavar="LABEL", help="What texts are labelled that are about none of the intents."
)
@click.option("--base", help="With --train: the encoder to start from.")
@click.option("--method", type=click.Choice(["lora", "full"]), default="lora", show_default=True)
@click.option(
    "--learning-rate", type=click.FloatRange(0, 1, min_open=True), help="By default 1e-3, full 1e-4."
)
@click.option("--epochs", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--threads", default=0, type=click.IntRange(min=0), help="For the training; 0 is all cores.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def intent(  # noqa: PLR0913 - each is an option of the command
    *,
    training: Path | None,
    model: str | None,
    against: str | None,
    test: Path,
    out_of_scope: str | None,
    base: str | None,
    method: str,
    learning_rate: float | None,
    epochs: int,
    seed: int,
    threads: int,
    as_json: bool,
) -> None:
    """Measure how well intents are told, by the very reader that the support agent uses.

    Either of a model that is there, or of one that is fine-tuned on --train first: a part of it, chosen by the texts'
    hashes, says when to stop, and nothing is chosen on --test. Both files are CSV, TSV or JSON lines, also gzipped,
    with a column of texts (text, utterance, sentence, query, …) and one of intents (intent, category, label). Beside
    a model that was trained here stands a TF-IDF linear SVM of the same texts.

    Accuracy and macro-F1 are of the texts about an intent, whatever the threshold; with --out-of-scope it is also told
    how both kinds fare with it.

    \b
    Exit codes: 0 measured; 1 the data or a model can't be used; 2 wrong options; 78 the settings are wrong.
    """  # noqa: D301 - click looks for the character \b itself
    from models import ModelError
    from models.training.intent_data import read_intents

    if training and (model or against):
        raise click.UsageError("--train makes the model; name neither --model nor --against with it")
    try:
        rows = read_intents([test], out_of_scope)
        scoped = out_of_scope is not None
        if training:
            use_threads(threads)
            options = _options(method, learning_rate, epochs, seed)
            report = _of_trained(read_intents([training], out_of_scope), rows, base, options, scoped=scoped)
        else:
            report = _of_models(model or load_settings().models.intent, against, rows, scoped=scoped)
    except (ModelError, ArithmeticError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json({"test": rows.name} | report)
    else:
        _show(report, rows.name)


def _options(method: str, learning_rate: float | None, epochs: int, seed: int) -> "ClassifierOptions":
    from typing import cast

    from models.training.intents import usual_options
    from models.training.trunk import Method, TrunkOptions

    usual = usual_options()
    plain = usual.fit
    rate = learning_rate or (plain.schedule.learning_rate if method == "lora" else 1e-4)
    schedule = replace(plain.schedule, learning_rate=rate, epochs=epochs, seed=seed)
    trunk = TrunkOptions(method=cast("Method", method))
    return replace(usual, fit=replace(plain, trunk=trunk, schedule=schedule))


def _of_trained(
    learned: "IntentRows", rows: "IntentRows", base: str | None, options: "ClassifierOptions", *, scoped: bool
) -> dict[str, Any]:
    """Fine-tunes into a folder that is gone afterwards, and loads that as a worker would."""
    from models.evaluation.intents import MODEL, SVM, said_by_svm
    from models.training.intent_data import split_intents
    from models.training.intent_defaults import BASE
    from models.training.intent_release import TASK
    from models.training.intents import train_intents

    data = split_intents(learned, scoped=scoped, tested=False)
    with TemporaryDirectory() as folder:
        with watched() as (watch, _):
            fitted = train_intents(data, base or BASE, options, watch=watch)
        fitted.write(Path(folder), "fine-tuned", "0", TASK)
        said, facts = _asked(f"path:{folder}", rows)
    facts |= {
        "base": base or BASE,
        "method": options.fit.trunk.method,
        "learning_rate": options.fit.schedule.learning_rate,
        "epochs": len(fitted.outcome.history),
        "validation_score": fitted.outcome.best.score,
        "trained_on": data.facts(),
    }
    systems = {MODEL: said, SVM: said_by_svm(data, rows.texts)}
    return {"model": facts} | _report(rows, systems, data.labels, scoped=scoped, data=data).as_json()


def _of_models(model: str, against: str | None, rows: "IntentRows", *, scoped: bool) -> dict[str, Any]:
    from models.evaluation.intents import AGAINST, MODEL

    if not model:
        raise click.UsageError("name --train or --model, for the settings (models.intent) name no model")
    said, facts = _asked(model, rows)
    systems, others = {MODEL: said}, {}
    if against:
        systems[AGAINST], others[AGAINST] = _asked(against, rows)
    return {"model": facts, **others} | _report(rows, systems, facts["intents"], scoped=scoped).as_json()


def _asked(source: str, rows: "IntentRows") -> "tuple[Said, dict[str, Any]]":
    from models.engine.encoder import Encoder
    from models.evaluation.intents import said_by
    from models.heads import read_heads
    from models.sources import HEADS_FILE, TERMS_FILE, resolve
    from models.support.intents import IntentReader
    from models.terms import read_terms

    found = resolve(source)
    with Encoder.load(found, **load_settings().models.running) as encoder:
        heads, terms = read_heads(found.folder / HEADS_FILE), read_terms(found.folder / TERMS_FILE)
        reader = IntentReader(encoder, heads, terms)
        with progress("reading texts", len(rows.texts)) as done:
            said = said_by(reader, rows.texts, done)
        facts = encoder.identity._asdict() | {"runs_on": encoder.runs_on, "intents": list(reader.labels)}
    return said, facts


def _report(
    rows: "IntentRows",
    systems: "Mapping[str, Said]",
    known: "tuple[str, ...] | list[str]",
    *,
    scoped: bool,
    data: "IntentData | None" = None,
) -> "IntentReport":
    from models.evaluation.intents import evaluate_intents

    learned = None if data is None else data.training.texts + data.validation.texts
    return evaluate_intents(rows, systems, known=known, scoped=scoped, learned=learned)


def _show(report: dict[str, Any], name: str) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{name}: {report['texts'] - report['out_of_scope']:,} texts about an intent"
    table = Table("", "accuracy", "95 % interval", "macro-F1", "95 % interval", "ECE", "texts/s", title=title)
    for system, one in report["systems"].items():
        cells = [f(one[key]) for key in ("accuracy", "macro_f1") for f in (_value, _interval)]
        ece = "-" if one["ece"] is None else f"{one['ece']:.4f}"
        speed = "-" if one["texts_per_second"] is None else f"{one['texts_per_second']:,.0f}"
        table.add_row(system, *cells, ece, speed)
    Console().print(table)
    for system, one in report["systems"].items():
        if scope := one["scope"]:
            click.echo(
                f"{system}, threshold {scope['threshold']:.3f}: {scope['in_scope_accuracy']:.1%} of texts about an"
                f" intent get it, {scope['out_of_scope_recall']:.1%} of {report['out_of_scope']} others get none;"
                f" MCC {scope['mcc']:.3f}."
            )
    for system, test in report["compared"].items():
        click.echo(
            f"Right on {test['only_first']} texts where {system} is wrong, wrong on {test['only_second']} where it is"
            f" right: p = {test['p_value']:.2g} (McNemar)."
        )
    if report["unknown"]:
        click.echo(f"{report['unknown']} texts are about intents that the model doesn't know.")
    if report["seen"]:
        click.echo(f"{report['seen']} texts stand in the training file too.")


def _value(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.4f}"


def _interval(figure: Mapping[str, float]) -> str:
    return f"{figure['low']:.3f}-{figure['high']:.3f}"
