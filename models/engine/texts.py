"""Inputs checked and outputs put together, for the faces of the engine. Pure functions."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.engine.tokenising import Pair

_PAIR = 2


def checked_texts(texts: Sequence[str]) -> list[str]:
    """The texts as a list.

    Raises:
        TypeError: something is not a string.
    """
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, not one string")
    wanted = list(texts)
    for position, text in enumerate(wanted):
        if not isinstance(text, str):
            raise TypeError(f"text {position} is {type(text).__name__}, not str")
    return wanted


def checked_pairs(pairs: Iterable[Pair | Any]) -> list[Pair]:
    """The pairs as a list of tuples.

    Raises:
        TypeError: something is not a pair of strings.
    """
    wanted: list[Pair] = []
    for position, pair in enumerate(pairs):
        texts: list[Any] = [] if isinstance(pair, str) else list(pair)
        if len(texts) != _PAIR or not all(isinstance(text, str) for text in texts):
            raise TypeError(f"pair {position} is not two strings")
        wanted.append((texts[0], texts[1]))
    return wanted


def stacked(outputs: Sequence[npt.NDArray[Any]], shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Outputs of one shape each as float32 [len(outputs), *shape]."""
    together = np.empty((len(outputs), *shape), np.float32)
    for position, output in enumerate(outputs):
        together[position] = output
    return together
