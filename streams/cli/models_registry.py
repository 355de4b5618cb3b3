"""`shopstream models show`, `verify` and `choose`: what a model is, whether it is whole, which one suits here."""

from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, SETTINGS, fail, load_settings

if TYPE_CHECKING:
    from models.registry.advice import Option
    from models.registry.shelf import Described
    from streams.settings import ModelSettings

NOTHING_FITS = 3
"""Exit code: no model and backend here is what was asked for."""
_MB = 1_000_000
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("source")
@_json
def show(*, source: str, as_json: bool) -> None:
    """Say what the model SOURCE is: task, base, sizes, digests, and what its training measured.

    Exit codes: 0 shown; 78 there is no such model, or it can't be used.
    """
    from models.errors import ModelError
    from models.registry.shelf import describe

    try:
        model = describe(source)
    except ModelError as error:
        fail(SETTINGS, str(error))
    if as_json:
        print_json(_document(model))
        return
    click.echo(f"{source}: {model.identity.id} {model.identity.version}")
    click.echo(f"  digest sha256:{model.identity.digest}")
    click.echo(f"  task {model.task or 'none (a plain model)'}; in the engine: {model.engine_task}")
    if model.base:
        layers = (
            "all its layers" if model.layers is None else f"its layers {', '.join(map(str, model.layers))}"
        )
        click.echo(f"  base {model.base[0]} ({model.base[1][:12]}), {layers}")
    click.echo(
        f"  {model.own_bytes / _MB:,.1f} MB of its own, {model.weights_bytes / _MB:,.1f} MB of weights loaded"
    )
    for name, digest in model.files.items():
        click.echo(f"  {name} sha256:{digest}")
    for name, value in _figures(model.report):
        click.echo(f"  {name} {value}")
    if model.card:
        click.echo(f"\n{model.card}")


@click.command()
@click.argument("source")
@_json
def verify(*, source: str, as_json: bool) -> None:
    """Look for what keeps the model SOURCE from serving: damaged files, another base, heads that don't fit, self-test.

    Exit codes: 0 all is well; 1 there are problems, each with what mends it; 78 the settings are not valid.
    """
    from models.registry.checking import problems

    found = problems(source, **load_settings().models.running)
    if as_json:
        print_json({"source": source, "problems": found})
    for line in () if as_json else found or ("all is well",):
        click.echo(line)
    if found:
        raise SystemExit(BAD_DATA)


@click.command()
@click.option("--task", required=True, type=click.Choice(["reviews", "intent", "search", "pii"]))
@click.option("--data-size", required=True, type=click.IntRange(min=1), help="Texts that are to be read.")
@click.option(
    "--latency-ms", required=True, type=click.FloatRange(min=0, min_open=True), help="Most for one text."
)
@click.option("--quality", type=float, help="Least quality, by the models' reports.")
@click.option("--model", "models", multiple=True, help="Consider this one, too; may be repeated.")
@_json
def choose(
    *,
    task: str,
    data_size: int,
    latency_ms: float,
    quality: float | None,
    models: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure here every way to run the models of a task, and choose one.

    Considered are the settings' model, those that come with Shopstream, and --model. Of those that keep latency and
    quality the best is taken; of equally good ones what reads DATA-SIZE texts first, its start included.

    \b
    Exit codes: 0 one is chosen; 3 none is as asked for, and the table says why; 78 the settings are not valid, or a
    model can't be had.
    """  # noqa: D301 - click looks for the character \b itself
    from models.engine.choosing.candidates import Wanted
    from models.errors import ModelError
    from models.registry.advice import Need, chosen, options

    settings = load_settings().models
    need = Need(task, data_size, latency_ms / 1e3, quality)
    wanted = Wanted(settings.device, settings.precision, settings.backend)
    try:
        measured = options(
            _considered(task, settings, models), need, wanted, lambda line: click.echo(line, err=True)
        )
    except ModelError as error:
        fail(SETTINGS, str(error))
    best = chosen(measured)
    if as_json:
        print_json(
            {
                "options": [_row(one) for one in measured],
                "chosen": best and _row(best) | {"settings": _set(task, best)},
            }
        )
    else:
        _table(measured, best, data_size)
        for name, value in _set(task, best).items() if best else ():
            click.echo(f"  {name}={value}")
    if best is None:
        raise SystemExit(NOTHING_FITS)


def _considered(task: str, settings: "ModelSettings", named: tuple[str, ...]) -> list[str]:
    """The sources for a task, each once."""
    from models.registry.shelf import model_folder, shipped

    of_settings = {"reviews": settings.reviews, "search": settings.retrieval_encoder, "pii": settings.tagger}
    fitting = [one for one in shipped() if (found := model_folder(one)) and found[1].task == task]
    sources = dict.fromkeys(one for one in (of_settings.get(task, ""), *fitting, *named) if one)
    if not sources:
        raise click.UsageError(
            f"neither the settings name a model for {task}, nor does one come along; give --model"
        )
    return list(sources)


def _document(model: "Described") -> dict[str, Any]:
    return asdict(model) | {"identity": model.identity._asdict()}


def _figures(report: Any, path: str = "") -> list[tuple[str, str]]:  # noqa: ANN401 - JSON
    """The numbers of a report by their paths, of the first two levels."""
    found = []
    for name, value in report.items():
        if isinstance(value, dict) and not path:
            found += _figures(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append((f"{path}{name}", f"{value:g}"))
    return found


def _row(one: "Option") -> dict[str, Any]:
    return {
        "source": one.model.source,
        "id": one.model.identity.id,
        "version": one.model.identity.version,
        "digest": one.model.identity.digest,
        **asdict(one.candidate),
        "quality": one.quality,
        "quality_is": one.quality_is,
        "texts_per_second": round(one.trial.texts_per_second, 1),
        "one_text_ms": one.one_text_seconds and round(one.one_text_seconds * 1e3, 2),
        "process_bytes": one.trial.process_bytes,
        "batch_tokens": one.batch_tokens,
        "all_seconds": round(one.all_seconds, 1) if isfinite(one.all_seconds) else None,
        "fits": not one.why_not,
        "why_not": one.why_not,
    }


def _set(task: str, best: "Option") -> dict[str, str]:
    """The settings that make workers run it."""
    from models.registry.advice import TYPICAL_TOKENS

    setting = {"reviews": "REVIEWS", "search": "RETRIEVAL_ENCODER", "pii": "TAGGER"}.get(task)
    named = {f"SHOPSTREAM_MODELS__{setting}": best.model.source} if setting else {}
    rows = max(1, best.batch_tokens // TYPICAL_TOKENS[task])
    return named | {
        "SHOPSTREAM_MODELS__DEVICE": best.candidate.device,
        "SHOPSTREAM_MODELS__BACKEND": best.candidate.backend,
        "SHOPSTREAM_MODELS__PRECISION": best.candidate.precision,
        "SHOPSTREAM_WORKER__BATCH_EVENTS": str(rows),
    }


def _table(measured: "list[Option]", best: "Option | None", texts: int) -> None:
    click.echo(
        f"  {'quality':>8} {'texts/s':>9} {'1 text':>9} {'memory':>9} {'batch':>7} {f'{texts:,} in':>12}  model"
    )
    for one in measured:
        quality = "?" if one.quality is None else f"{one.quality:.3f}"
        alone = "?" if one.one_text_seconds is None else f"{one.one_text_seconds * 1e3:.1f} ms"
        total = f"{one.all_seconds:,.0f} s" if isfinite(one.all_seconds) else "?"
        click.echo(
            f"{'*' if one is best else ' '} {quality:>8} {one.trial.texts_per_second:>9,.0f} {alone:>9}"
            f" {one.trial.process_bytes / _MB:>6,.0f} MB {one.batch_tokens:>7,} {total:>12}"
            f"  {one.model.source} on {one.candidate}"
        )
        if one.why_not:
            click.echo(f"    does not fit: {one.why_not}")
    if best is None:
        click.echo("nothing fits")
        return
    named = (
        f"{best.quality_is} {best.quality:.3f} by its report"
        if best.quality is not None
        else "quality not known"
    )
    click.echo(
        f"chosen: {best.model.source} on {best.candidate}: {named}, all {texts:,} texts in {best.all_seconds:,.0f} s"
        " with its start, the least of those as good"
    )
