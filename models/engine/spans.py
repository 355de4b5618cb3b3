"""Spans of a text from the classes of its tokens: whole words, then neighbours of one label. Pure functions."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

OUTSIDE = "O"
"""The class of tokens that are in no span."""


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled part of a text.

    Attributes:
        begin: its first character.
        end: the character after its last.
        label: the class, without a `B-` or `I-`.
        probability: mean over its words; of a word, that of its first token.
    """

    begin: int
    end: int
    label: str
    probability: float


@dataclass(slots=True)
class _Group:
    """Neighbouring words of one label."""

    begin: int
    end: int
    label: str
    probabilities: list[float]


def spans_of(
    text: str,
    offsets: Sequence[tuple[int, int]],
    logits: npt.NDArray[np.floating],
    labels: Sequence[str],
) -> list[Span]:
    """Read spans off the logits of a token classifier.

    A word takes its first token's class, so that no span ends within it; punctuation is a word of its own. `B-` begins
    a span even beside one of the same label; `I-` and labels without a prefix go on with it.

    Args:
        text: what was tagged.
        offsets: begin and end of each token in characters; empty ones (special tokens) are passed over.
        logits: [tokens, labels].
        labels: names of the classes.
    """
    probabilities = softmax(logits)
    best = probabilities.argmax(axis=1).tolist()
    groups: list[_Group] = []
    last: _Group | None = None
    for begin, end, token in _words(text, offsets):
        name = labels[best[token]]
        label = name.removeprefix("B-").removeprefix("I-")
        probability = float(probabilities[token, best[token]])
        if name == OUTSIDE:
            last = None
        elif last is not None and last.label == label and not name.startswith("B-"):
            last.end = end
            last.probabilities.append(probability)
        else:
            last = _Group(begin, end, label, [probability])
            groups.append(last)
    return [
        Span(group.begin, group.end, group.label, sum(group.probabilities) / len(group.probabilities))
        for group in groups
    ]


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Probabilities over the last axis."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _words(text: str, offsets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Begin, end and first token of each word."""
    pieces = [(*_without_space(text, begin, end), token) for token, (begin, end) in enumerate(offsets)]
    pieces = [piece for piece in pieces if piece[0] < piece[1]]
    starts = [
        0,
        *(
            index
            for index, (left, right) in enumerate(pairwise(pieces), 1)
            if not _one_word(text, left[1], right[0])
        ),
    ]
    for first, after in pairwise([*starts, len(pieces)]) if pieces else ():
        yield pieces[first][0], pieces[after - 1][1], pieces[first][2]


def _one_word(text: str, end: int, begin: int) -> bool:
    """Whether nothing is between two tokens, and neither is punctuation where they meet."""
    return end == begin and all(unicodedata.category(text[at])[0] in "LMN" for at in (end - 1, begin))


def _without_space(text: str, begin: int, end: int) -> tuple[int, int]:
    """Some tokenizers count the space before a word to its first token."""
    piece = text[begin:end]
    left = len(piece) - len(piece.lstrip())
    return begin + left, begin + max(left, len(piece.rstrip()))
