"""What a model gives in float32 for a fixed set of inputs: what every backend is held to.

Those of the encoders that Shopstream ships with are committed beside this file; others are made once, by torch in a
process of its own, and kept in the cache.
"""

import hashlib
import logging
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.conversion import cache_folder
from models.engine.backend import Backend, Lane, Output, Row, Task
from models.engine.child import ChildFailed, run_child
from models.engine.folder import EncoderFacts
from models.engine.tokenising import Pair, Tokeniser
from models.errors import BackendUnusable, WeightsUnusable
from models.files import write_whole
from models.sources import WeightSource

log = logging.getLogger(__name__)

COMMITTED = Path(__file__).parent / "reference_vectors"

PROBES = (
    "",
    "a",
    "Love this dress!",
    "red running shoes men size 10",
    "Where is my order? It was due on Monday and nobody answers.",
    "The zipper broke after two days and the seller never replied to my message, so I want my money back.",
    "It runs small - order one size up. Colour is a bit darker than in the picture, but I like it; 5'8\", 130 lbs.",
    "Stainless steel water bottle, 750 ml, double-walled, keeps drinks cold for 24 hours. Dishwasher safe. BPA free.",
    "Das Kleid sitzt gut, nur die Ärmel sind etwas zu kurz geraten.",
    "质量不错，就是有点贵，物流很快，下次还会再来。",
    "La batería dura poco y el cargador se calienta demasiado.",
    "このかばんは軽くて使いやすいです。Размер подошёл. المقاس مناسب 👍🏽",
    "%%%% ~~ \u200b\ufeff\x00 \ud800 <b>&nbsp;</b> {{{{ https://example.com/?q=1&x=%20 0000000000000000",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "I bought two of these chairs for the balcony and they arrived on time. " * 10,
    "The fabric is soft, the seams are straight, and after ten washes the colour has hardly faded at all. "
    * 60,
)
"""Texts of different length up to any model's limit, of several scripts, and junk."""

_QUERY = "a warm winter jacket"
_PARTNERS = ("Down jacket with hood, windproof, for cold days", "Garden hose, 20 m")


def probe_inputs(task: Task) -> list[str] | list[Pair]:
    """The probes as a task takes them: texts, or pairs of query and product of which some belong together."""
    if task != "score":
        return list(PROBES)
    return [(_QUERY, product) for product in (*_PARTNERS, *PROBES[:-1])] + [(PROBES[3], PROBES[-1])]


@dataclass(frozen=True, slots=True)
class Reference:
    """Outputs in float32 for the probes of one model.

    Attributes:
        rows: the tokenised probes.
        outputs: what float32 makes of them, in order; empty for `generate`, which is not compared.
    """

    rows: list[Row]
    outputs: list[Output]


def reference_for(
    source: WeightSource, facts: EncoderFacts, task: Task, tokeniser: Tokeniser, threads: int = 0
) -> Reference:
    """The reference of a model: the committed or cached one, else made now, which takes seconds.

    Args:
        source: the weights.
        facts: what their folder says.
        task: what the model does.
        tokeniser: cutting at the model's own limit, so that a setting doesn't change what is compared.
        threads: for making it; 0 is all cores.

    Raises:
        WeightsUnusable: the weights are damaged, or the cache can't be written.
        BackendUnusable: torch can't run the model in float32.
    """
    rows = tokeniser.rows(probe_inputs(task))
    if task == "generate":  # whose tokenizers may make nothing of an empty text
        return Reference([row for row in rows if row.ids], [])
    key = reference_key(source.digest, facts, task, rows)
    kept = cache_folder() / "references" / f"{key}.safetensors"
    for path in (COMMITTED / f"{key}.safetensors", kept):
        outputs = read_outputs(path, len(rows))
        if outputs is not None:
            return Reference(rows, outputs)
    log.info("making float32 reference outputs of %s by torch, once", source.id)
    job = {"folder": str(source.folder), "task": task, "threads": threads, "path": str(kept)}
    try:
        answer = run_child("models.engine.choosing.reference_child", job)
    except ChildFailed as error:
        raise BackendUnusable(f"torch can't run {source.id} in float32: {error}") from error
    if unusable := answer.get("unusable"):
        raise WeightsUnusable(unusable)
    outputs = read_outputs(kept, len(rows))
    if outputs is None:
        raise BackendUnusable(f"float32 reference outputs of {source.id} can't be kept in {kept.parent}")
    return Reference(rows, outputs)


def reference_key(digest: str, facts: EncoderFacts, task: Task, rows: Sequence[Row]) -> str:
    """Names a reference by all that goes into it: weights, task, pooling and the probes' token ids. 32 hex digits."""
    hashed = hashlib.sha256(f"{digest} {task} {facts.pooling}".encode())
    for row in rows:
        hashed.update(struct.pack(f"<2i{len(row.ids)}i", len(row.ids), row.second, *row.ids))
    return hashed.hexdigest()[:32]


def read_outputs(path: Path, rows: int) -> list[Output] | None:
    """The outputs in a reference file; None where it isn't there, is damaged, or has another number of rows."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
        outputs = [tensors[str(place)] for place in range(rows)]
    except (OSError, SafetensorError, KeyError):
        return None
    usable = all(one.dtype == np.float32 and one.size and np.isfinite(one).all() for one in outputs)
    return list(outputs) if usable and len(tensors) == rows else None


def write_outputs(path: Path, outputs: Sequence[Output]) -> None:
    """Write a reference file, whole or not at all."""
    from safetensors.numpy import save

    tensors = {str(place): np.ascontiguousarray(one, np.float32) for place, one in enumerate(outputs)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, save(tensors))


def forward(backend: Backend, rows: Sequence[Row], lane: Lane, budget: int = 0) -> list[Output]:
    """Run rows through a backend in batches of similar length, without an engine.

    Args:
        backend: what runs them.
        rows: tokenised inputs.
        lane: the queue to take.
        budget: padded tokens in one batch; 0 is the backend's own budget.

    Returns:
        One output for each row, in order.
    """
    outputs: list[Output] = [np.empty(0)] * len(rows)
    for batch in cut(rows, budget or backend.token_budget):
        running = backend.core([rows[place] for place in batch], lane)
        for place, output in zip(batch, backend.post(running), strict=True):
            outputs[place] = np.array(output)
    return outputs


def cut(rows: Sequence[Row], budget: int) -> Iterator[list[int]]:
    """Places of rows in batches of similar length, longest first, each within a budget of padded tokens or alone."""
    waiting = sorted(range(len(rows)), key=lambda place: -len(rows[place].ids))
    while waiting:
        size = max(1, budget // max(1, len(rows[waiting[0]].ids)))
        yield waiting[:size]
        waiting = waiting[size:]
