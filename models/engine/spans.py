"""Spans of a text from the classes of its tokens: whole words, then neighbours of one label. Pure functions."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

OUTSIDE = "O"
"""The class of tokens that are in no span."""
# Thai to Khmer, kana, Han: words are not told apart by spaces (Unicode Standard Annex 29, section 6.2).
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled part of a text.

    Attributes:
        begin: its first character.
        end: the character after its last.
        label: the class, without a `B-` or `I-`.
        probability: of being in a span at all, whatever the label, and without `O` of its label; mean over its words.
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

    A word takes its first token's class, so that no span ends within it; see `words_of`. It is in a span where all
    labels together are likelier than `O`, and then of the likeliest label, `B-` and `I-` of it together: a word of
    which only the label, or only the beginning, is unsure is not lost. A span begins anew beside one of the same label
    where `B-` is likelier than the rest; `I-` and labels without a prefix go on with it.

    Args:
        text: what was tagged.
        offsets: begin and end of each token in characters; empty ones (special tokens) are passed over.
        logits: [tokens, labels].
        labels: names of the classes.
    """
    probabilities = softmax(logits)
    names, together, begins = _kinds(tuple(labels))
    of_kinds = probabilities @ together
    best, inside = (one.tolist() for one in _decided(of_kinds, names))
    if all(names[kind] == OUTSIDE for kind in set(best)):
        return []  # most texts: spared the words
    anew = (2 * (probabilities @ begins) > of_kinds).tolist()
    groups: list[_Group] = []
    last: _Group | None = None
    for begin, end, token in words_of(text, offsets):
        kind = best[token]
        label, probability = names[kind], inside[token]
        if label == OUTSIDE:
            last = None
        elif last is not None and last.label == label and not anew[token][kind]:
            last.end = end
            last.probabilities.append(probability)
        else:
            last = _Group(begin, end, label, [probability])
            groups.append(last)
    return [
        Span(
            group.begin,
            group.end,
            group.label,
            min(1.0, sum(group.probabilities) / len(group.probabilities)),
        )
        for group in groups
    ]


def _decided(
    of_kinds: npt.NDArray[np.float32], names: Sequence[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Of each token its kind, an index into names, and the probability that it is in a span [tokens]."""
    if OUTSIDE not in names:
        return of_kinds.argmax(axis=1), of_kinds.max(axis=1)
    outside = names.index(OUTSIDE)
    inside = 1 - of_kinds[:, outside]
    labels = of_kinds.copy()
    # It is all or nothing: where all labels together are likelier, it gives way to the likeliest of them.
    labels[:, outside] = of_kinds[:, outside] >= inside
    return labels.argmax(axis=1), inside


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Probabilities over the last axis."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def words_of(text: str, offsets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Begin, end and first token of each word.

    Tokens of letters and digits with nothing between them are a word. A token of punctuation is one of its own, and so
    is each token of a script that puts no spaces between words.
    """
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


@lru_cache(maxsize=16)
def _kinds(
    labels: tuple[str, ...],
) -> tuple[list[str], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Labels without prefixes; which class is of which, and which begins one, as [classes, kinds] of 0 and 1."""
    plain = [label.removeprefix("B-").removeprefix("I-") for label in labels]
    names = list(dict.fromkeys(plain))
    together = np.array([[one == name for name in names] for one in plain], np.float32)
    begins = np.array([label.startswith("B-") for label in labels], np.float32)[:, None]
    return names, together, together * begins


def _one_word(text: str, end: int, begin: int) -> bool:
    """Whether nothing is between two tokens, and neither is punctuation or of a script without spaces there."""
    return end == begin and all(_goes_on(text[at]) for at in (end - 1, begin))


def _goes_on(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" and not _WITHOUT_SPACES.match(character)


def _without_space(text: str, begin: int, end: int) -> tuple[int, int]:
    """Some tokenizers count the space before a word to its first token."""
    piece = text[begin:end]
    left = len(piece) - len(piece.lstrip())
    return begin + left, begin + max(left, len(piece.rstrip()))
