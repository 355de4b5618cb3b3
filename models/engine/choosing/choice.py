"""Which candidate runs a model on this machine: measured once, kept by machine and model."""

import hashlib
import json
import logging
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from models.conversion import cache_folder
from models.engine.backend import Task
from models.engine.choosing.candidates import Candidate, Wanted
from models.engine.choosing.trial import Trial, read_trial, try_candidate
from models.engine.cpu_features import this_cpu, usable_cores
from models.files import locked, write_whole
from models.sources import WeightSource

log = logging.getLogger(__name__)

VERSION = 2
"""Moves when what is measured, or how it is judged, changes."""
FAILURES_HOLD = 86_400.0
"""Seconds for which a failed trial is believed: it may have failed for want of memory, or been killed."""
INT8_GAIN = 1.05
"""How many times faster than the next format int8 has to be, to be worth what it loses."""
_LIBRARIES = ("torch", "openvino", "nncf", "transformers")


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates in the order in which to try them, and why.

    Attributes:
        ranked: the fastest that holds first, then what to fall to.
        why: one line for people.
        trials: what was measured; empty where nothing was.
    """

    ranked: list[Candidate]
    why: str
    trials: list[Trial]


def choose(
    source: WeightSource,
    task: Task,
    wanted: Wanted,
    options: Sequence[Candidate],
    threads: int,
    *,
    said: Callable[[str], None] = log.info,
) -> Choice:
    """Rank the options by a measurement, which is made once for a machine and model, and then read from the cache.

    On a GPU only the GPU's options are measured; float32 only where fewer than two narrower ones are left, since it is
    slower wherever they are native. What is not measured is what to fall to. A single option is not measured at all.

    Args:
        source: the weights.
        task: what the model does.
        wanted: what the settings say.
        options: candidates, those that are usually fastest first; not empty.
        threads: threads on CPU.
        said: is told what is under way.
    """
    if len(options) == 1:
        return _without_choice(options[0])
    path = _path(source.digest, task, wanted, options)
    trials = read_trials(path)
    if trials is None:
        with _locked(path):
            trials = read_trials(path)  # another process may have measured meanwhile
            if trials is None:
                trials = _measure(source, task, _worth_measuring(options), threads, said)
                about: dict[str, object] = {
                    "machine": machine_facts(),
                    "model": source.identity._asdict(),
                    "task": task,
                }
                _write(path, about, trials)
    return rank(options, trials)


def kept_choice(digest: str, task: Task, wanted: Wanted, options: Sequence[Candidate]) -> Choice | None:
    """What `choose` would read from the cache; None where it would have to measure."""
    if len(options) == 1:
        return _without_choice(options[0])
    trials = read_trials(_path(digest, task, wanted, options))
    return None if trials is None else rank(options, trials)


def rank(options: Sequence[Candidate], trials: Sequence[Trial]) -> Choice:
    """Order options by their trials: those that hold, fastest first; then those not tried. Failed ones are left out."""
    held = sorted((trial for trial in trials if trial.holds), key=_worth, reverse=True)
    tried = {trial.candidate for trial in trials}
    ranked = [trial.candidate for trial in held] + [one for one in options if one not in tried]
    told = [
        f"{trial.candidate} {trial.tokens_per_second:,.0f} tokens/s"
        if trial.holds
        else f"{trial.candidate} given up: {trial.reason}"
        for trial in (*held, *(trial for trial in trials if not trial.holds))
    ]
    return Choice(ranked, f"measured: {'; '.join(told)}", list(trials))


def machine_facts() -> dict[str, object]:
    """What a measurement depends on besides the model: processor, cores, versions of the libraries."""
    cpu = this_cpu()
    return {
        "version": VERSION,
        "processor": cpu.name,
        "architecture": platform.machine(),
        "features": sorted(cpu.flags),
        "cores": usable_cores(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def read_trials(path: Path) -> list[Trial] | None:
    """The trials in a file of the cache; None where there is none, it is damaged, or failures in it are old."""
    try:
        content = json.loads(path.read_text("utf-8"))
        trials = [read_trial(one) for one in content["trials"]]
        age = time.time() - path.stat().st_mtime
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not trials or (age > FAILURES_HOLD and not all(one.holds for one in trials)):
        return None
    return trials


def forget_choices(digest: str) -> None:
    """Forget what was measured of the model with this digest: the next start measures anew."""
    for path in (cache_folder() / "choices").glob("*.json"):
        try:
            of = json.loads(path.read_text("utf-8"))["model"]["digest"]
        except (OSError, ValueError, TypeError, KeyError):
            continue  # damaged: a start that reads it measures anew
        if of == digest:
            path.unlink(missing_ok=True)


def _worth_measuring(options: Sequence[Candidate]) -> list[Candidate]:
    on_first_device = [one for one in options if one.device == options[0].device]
    narrow = [one for one in on_first_device if one.precision != "float32"]
    return narrow if len(narrow) > 1 else on_first_device


def _without_choice(only: Candidate) -> Choice:
    return Choice([only], f"{only} is what the machine and the settings leave", [])


def _measure(
    source: WeightSource, task: Task, worth: Sequence[Candidate], threads: int, said: Callable[[str], None]
) -> list[Trial]:
    trials = []
    for candidate in worth:
        said(f"measuring {source.id} on {candidate}, once for this machine")
        trials.append(try_candidate(candidate, source, task, threads))
        log.info(
            "measured a candidate",
            extra={
                "model": source.id,
                "candidate": str(candidate),
                "tokens_per_second": round(trials[-1].tokens_per_second),
                "agreement": trials[-1].least,
                "reason": trials[-1].reason,
            },
        )
    return trials


def _worth(trial: Trial) -> float:
    return trial.tokens_per_second * (1 if trial.candidate.precision == "int8" else INT8_GAIN)


def _path(digest: str, task: Task, wanted: Wanted, options: Sequence[Candidate]) -> Path:
    asked = [machine_facts(), digest, task, asdict(wanted), [str(one) for one in options]]
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]
    return cache_folder() / "choices" / f"{key}.json"


def _write(path: Path, about: dict[str, object], trials: Sequence[Trial]) -> None:
    """Keep trials; where the cache can't be written, the next start measures again."""
    content = json.dumps({**about, "trials": [asdict(one) for one in trials]}, indent=2)
    try:
        write_whole(path, content.encode())
    except OSError as error:
        log.warning("the choice of a backend can't be kept in %s (%s); it is measured again", path, error)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Of several processes that start at once, one measures; without a cache that can be written, each."""
    with ExitStack() as held:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(path.with_name(f".{path.name}.lock")))
        yield


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
