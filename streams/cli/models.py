"""`shopstream models`: what runs the models here, prepared and measured."""

import logging.config
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from streams.cli.models_distill import distill
from streams.cli.models_prune import prune
from streams.cli.models_quantize import quantize
from streams.cli.models_registry import choose, show, verify
from streams.cli.models_release import release, releases, rollback
from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, SETTINGS, fail, load_settings

if TYPE_CHECKING:
    from models.engine.backend import Task
    from models.engine.choosing.candidates import Candidate, Wanted
    from models.engine.choosing.choice import Choice
    from models.engine.choosing.trial import Trial
    from streams.settings import ModelSettings

NOT_PREPARED = 3
"""Exit code: a model has not been measured here yet."""
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Named:
    """A model that the settings name, and what it does in the engine."""

    name: str
    setting: str
    source: str
    task: "Task" = "embed"


@click.group()
def models() -> None:
    """Show, prepare and measure the models of the settings."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(*, as_json: bool) -> None:
    """Say which models the settings name, what would run them here, and why; and which come along besides.

    Nothing is downloaded, converted, measured or loaded.

    \b
    Exit codes: 0 all is prepared; 3 something is not: see `shopstream models prepare`; 78 the settings are not valid,
    or name what is not there.
    """  # noqa: D301 - click looks for the character \b itself
    from models.registry.shelf import shipped

    settings = load_settings().models
    with _told_errors():
        named = named_models(settings)
        rows = [_described(one, settings) for one in named]
        others = [_shipped(source) for source in shipped() if source not in {one.source for one in named}]
    if as_json:
        print_json({"models": rows, "shipped": others})
    else:
        for row in rows:
            _say(row)
        for row in others:
            click.echo(
                f"shipped, in no setting: {row['source']} ({row['version']}, {row['digest'][:10]}, {row['task']})"
            )
    if not all(row["prepared"] for row in rows):
        raise SystemExit(NOT_PREPARED)


@models.command()
@click.option("--json", "as_json", is_flag=True, help="Print what will run, as JSON.")
def prepare(*, as_json: bool) -> None:
    """Do now what the first start would: convert, measure the ways to run each model, and test the chosen one.

    For images and scripts; takes minutes the first time, seconds after. What is done is told on standard error.

    \b
    Exit codes: 0 done; 78 the settings are not valid, or a model can't be had or run here; the message says what to do.
    """  # noqa: D301
    from models.engine.loading import load_model

    settings = load_settings().models
    rows: list[dict[str, Any]] = []
    with _told_errors():
        for one in named_models(settings):
            click.echo(f"preparing {one.source} ({one.name})", err=True)
            loaded = load_model(one.name, one.source, one.task, **settings.running)
            rows.append(
                {
                    "name": one.name,
                    "source": one.source,
                    "runs_on": loaded.runs_on,
                    "weights_bytes": loaded.backend.memory_bytes,
                    "why": list(loaded.notes),
                }
            )
            loaded.backend.close()
    if as_json:
        print_json({"models": rows})
        return
    for row in rows:
        click.echo(f"{row['name']}: {row['source']} runs on {row['runs_on']}")
        for why in row["why"]:
            click.echo(f"  {why}")


@models.command()
@click.option("--model", help="Only the model of this name, as `shopstream models list` calls it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bench(*, model: str | None, as_json: bool) -> None:
    """Measure every way to run each model here, each in a process of its own, beside what is chosen.

    Tokens and texts a second are bulk throughput over texts of mixed length; agreement is the cosine to float32 (lowest
    to mean over the probes); memory is that of a whole process; a, b and c are seconds of a batch: a + b·tokens +
    c·tokens·length, with the mean error of that fit.

    \b
    Exit codes: 0 measured; 1 a model has nothing that can run it; 2 no model of that name; 78 the settings are not
    valid, or name what is not there.
    """  # noqa: D301
    settings = load_settings().models
    chosen = [one for one in named_models(settings) if model in (None, one.name)]
    if not chosen:
        raise click.UsageError(f"the settings name no model {model!r}; see: shopstream models list")
    rows = []
    with _told_errors():
        for one in chosen:
            rows.append(_benched(one, settings))
            if not as_json:
                _show(rows[-1])
    if as_json:
        print_json({"models": rows})
    if not all(row["chosen"] for row in rows):
        fail(BAD_DATA, "not every model can be run here; the table says why")


def named_models(settings: "ModelSettings") -> list[Named]:
    """The models of the settings, each source once."""
    wanted = (
        Named("reviews", "models.reviews", settings.reviews),
        *(
            Named(f"reviews-{language}", f"models.reviews_in.{language}", source)
            for language, source in settings.reviews_in.items()
        ),
        Named("retrieval", "models.retrieval_encoder", settings.retrieval_encoder),
        Named("tagger", "models.tagger", settings.tagger, "tag"),
        Named("intent", "models.intent", settings.intent),
    )
    return list({one.source: one for one in reversed(wanted) if one.source}.values())[::-1]


def _described(one: Named, settings: "ModelSettings") -> dict[str, Any]:
    from models.engine.choosing.choice import kept_choice
    from models.sources import identify

    identity = identify(one.source)
    wanted, options = _options(settings, one.task)
    choice = kept_choice(identity.digest, one.task, wanted, options)
    first = choice.ranked[0] if choice and choice.ranked else None
    trial = next((tried for tried in choice.trials if tried.candidate == first), None) if choice else None
    return {
        "name": one.name,
        "setting": one.setting,
        "source": one.source,
        "id": identity.id,
        "version": identity.version,
        "digest": identity.digest,
        "task": one.task,
        "prepared": choice is not None,
        "backend": first and first.backend,
        "device": first and first.device,
        "precision": first and first.precision,
        "weights_bytes": trial and trial.weights_bytes,
        "process_bytes": trial and trial.process_bytes,
        "tokens_per_second": trial and round(trial.tokens_per_second),
        "why": choice.why if choice else "not measured here yet; run: shopstream models prepare",
    }


def _shipped(source: str) -> dict[str, Any]:
    from models.registry.shelf import model_folder
    from models.sources import identify

    identity, found = identify(source), model_folder(source)
    return {
        "source": source,
        "id": identity.id,
        "version": identity.version,
        "digest": identity.digest,
        "task": found and found[1].task,
    }


def _benched(one: Named, settings: "ModelSettings") -> dict[str, Any]:
    from models.engine.choosing.choice import rank
    from models.engine.choosing.trial import try_candidate
    from models.engine.cpu_features import usable_cores
    from models.sources import resolve

    source = resolve(one.source)
    _, options = _options(settings, one.task)
    trials = []
    for option in options:
        click.echo(f"measuring {one.source} on {option}", err=True)
        threads = settings.threads or usable_cores()
        trials.append(try_candidate(option, source, one.task, threads, cost=True))
    return {
        "name": one.name,
        "source": one.source,
        "chosen": _first_held(rank(options, trials), trials),
        "trials": [asdict(trial) for trial in trials],
    }


def _first_held(choice: "Choice", trials: "list[Trial]") -> str | None:
    held = {trial.candidate for trial in trials if trial.holds}
    return next((str(one) for one in choice.ranked if one in held), None)


def _options(settings: "ModelSettings", task: "Task") -> "tuple[Wanted, list[Candidate]]":
    from models.engine.choosing.candidates import Wanted, candidates, installed
    from models.engine.cpu_features import this_cpu

    wanted = Wanted(settings.device, settings.precision, settings.backend)
    return wanted, candidates(wanted, task, this_cpu(), installed())


def _say(row: dict[str, Any]) -> None:
    click.echo(
        f"{row['name']}: {row['source']} ({row['id']} {row['version']}, {row['digest'][:10]}, {row['task']})"
    )
    if row["backend"]:
        memory = f", weights {row['weights_bytes'] / _MB:,.0f} MB" if row["weights_bytes"] else ""
        click.echo(f"  runs on {row['backend']} {row['device']} {row['precision']}{memory}")
    click.echo(f"  {row['why']}")


def _show(row: dict[str, Any]) -> None:
    click.echo(f"{row['name']}: {row['source']}  (* is chosen)")
    for trial in row["trials"]:
        one = trial["candidate"]
        label = f"{one['backend']} {one['device']} {one['precision']}"
        click.echo(f"{'*' if label == row['chosen'] else ' '} {label}")
        for line in _lines(trial):
            click.echo(f"    {line}")


def _lines(trial: dict[str, Any]) -> Iterator[str]:
    if trial["reason"]:
        yield f"given up: {trial['reason']}"
    if trial["tokens_per_second"]:
        yield (
            f"{trial['tokens_per_second']:,.0f} tokens/s, {trial['texts_per_second']:,.0f} texts/s; agreement "
            f"{trial['least']:.4f} to {trial['mean']:.4f}"
        )
        yield (
            f"loads in {trial['load_seconds']:.1f} s; weights {trial['weights_bytes'] / _MB:,.0f} MB, process "
            f"{trial['process_bytes'] / _MB:,.0f} MB"
        )
    if cost := trial["cost"]:
        yield (
            f"a batch takes {cost['per_batch'] * 1e3:.2f} ms + {cost['per_token'] * 1e6:.1f} µs a token + "
            f"{cost['per_token_and_length'] * 1e9:.1f} ns a token and length (mean error {cost['mean_error']:.0%})"
        )


@contextmanager
def _told_errors() -> Iterator[None]:
    """What is under way goes to standard error; errors of models end the command."""
    from models.errors import ModelError
    from streams.log import configuration
    from streams.settings import LogSettings

    logging.config.dictConfig(configuration(LogSettings(format="text"), "INFO"))
    try:
        yield
    except ModelError as error:
        fail(SETTINGS, str(error))


for _command in (show, verify, choose, release, rollback, releases, quantize, distill, prune):
    models.add_command(_command)
