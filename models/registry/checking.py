"""Is a model whole, and does it work here? Its files, its base, its heads, and the self-test of what would run it."""

from typing import Unpack

import numpy as np

from models.engine.encoder import Encoder
from models.engine.loading import LoadOptions, load_model
from models.engine.model import LoadedModel
from models.errors import ModelError, WeightsUnusable
from models.heads import Head, read_heads, require_width
from models.registry.shelf import engine_task
from models.reviews.evidence import TextEvidence
from models.sources import HEADS_FILE, WeightSource, resolve, verify

PROBES = ("", "Love this dress!", "质量不错，就是有点贵。")


def problems(source: str, **options: Unpack[LoadOptions]) -> list[str]:
    """Look for what keeps a model from serving: files, base, self-test, heads. Takes seconds; a first time, minutes.

    Args:
        source: as in settings.
        options: what it is to run on.

    Returns:
        A line for each problem, with what mends it; none where all is well.
    """
    found = verify(source)
    if found:
        return found
    try:
        source_found = resolve(source)
        loaded = load_model("verified", source_found, engine_task(source), **options)  # with its self-test
        with_heads(loaded, source_found)
    except ModelError as error:
        return [str(error)]
    return []


def with_heads(loaded: LoadedModel, source: WeightSource) -> None:
    """Try a model's heads, if it has some, on its own vectors. Closes the model's backend.

    Raises:
        HeadMismatch: a head reads vectors of another width.
        WeightsUnusable: the heads' file is damaged, or a head gives no numbers.
    """
    with_file = (source.folder / HEADS_FILE).is_file()
    if loaded.task != "embed" or not with_file:
        loaded.backend.close()
        return
    with Encoder.alone(loaded) as encoder:
        tried_heads(encoder, source)


def tried_heads(encoder: Encoder, source: WeightSource) -> dict[str, Head]:
    """The heads of an encoder that runs, by name, once they have been tried on its vectors.

    Raises:
        HeadMismatch, WeightsUnusable: as `with_heads`, also where there is no file of heads, or none of the terms that
            a head weighs.
    """
    heads = read_heads(source.folder / HEADS_FILE)
    require_width(heads, encoder.width, source.id)
    evidence = TextEvidence.of(source, heads)(PROBES)
    vectors = encoder.embed_now(PROBES)
    for name, head in heads.items():
        if not np.isfinite(head(vectors, evidence.get(name))).all():
            raise WeightsUnusable(f"head {name} of {source.id} gives no numbers; train the model anew")
    return heads
