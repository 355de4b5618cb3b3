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
_SURE = 0.5
"""Probability of being in a span, from which on a word makes one: `O` is less likely than all labels together."""
_WITH_A_SURE_ONE = 0.02
"""The same for a word beside such a one, of the same label: it goes on with it."""
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
        probability: of being in a span at all, whatever the label; that of its surest word.
    """

    begin: int
    end: int
    label: str
    probability: float


def spans_of(
    text: str,
    offsets: Sequence[tuple[int, int]],
    logits: npt.NDArray[np.floating],
    labels: Sequence[str],
    outside: float = 0.0,
) -> list[Span]:
    """Read spans off the logits of a token classifier.

    A word takes its first token's class, so that no span ends within it; see `words_of`. A span needs one word for
    which all labels together are likelier than `O`; words beside it belong to it on much less, so that it is not cut
    short where only its end is unsure (thresholding with hysteresis: Canny 1986, DOI 10.1109/TPAMI.1986.4767851). Of a
    word's labels the likeliest counts, `B-` and `I-` together. A span begins anew beside one of the same label where
    `B-` is likelier than the rest; `I-` and labels without a prefix go on with it.

    Args:
        text: what was tagged.
        offsets: begin and end of each token in characters; empty ones (special tokens) are passed over.
        logits: [tokens, labels].
        labels: names of the classes.
        outside: added to the logit of `O`: the more, the less is found.
    """
    names, together, begins = _kinds(tuple(labels))
    if outside and OUTSIDE in names:
        logits = logits + outside * together[:, names.index(OUTSIDE)]
    probabilities = softmax(logits)
    of_kinds = probabilities @ together
    inside = _inside(of_kinds, names)
    if not (inside > _SURE).any():
        return []  # most texts: spared the words
    within, best = inside.tolist(), _likeliest_label(of_kinds, names).tolist()
    anew = (2 * (probabilities @ begins) > of_kinds).tolist()
    groups: list[Span] = []
    last: Span | None = None
    for begin, end, token in words_of(text, offsets):
        probability, label = within[token], names[best[token]]
        if probability < _WITH_A_SURE_ONE:
            last = None
        elif last is not None and last.label == label and not anew[token][best[token]]:
            last = groups[-1] = Span(last.begin, end, label, max(last.probability, probability))
        else:
            last = Span(begin, end, label, probability)
            groups.append(last)
    return [group for group in groups if group.probability > _SURE]


def _inside(of_kinds: npt.NDArray[np.float32], names: Sequence[str]) -> npt.NDArray[np.float32]:
    """Of each token the probability that it is in a span [tokens]."""
    if OUTSIDE not in names:
        return np.ones(len(of_kinds), np.float32)
    return np.asarray(1 - of_kinds[:, names.index(OUTSIDE)])


def _likeliest_label(of_kinds: npt.NDArray[np.float32], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Of each token, an index into names, but never that of `O` [tokens]."""
    labels = of_kinds.copy()
    if OUTSIDE in names:
        labels[:, names.index(OUTSIDE)] = -1
    return np.asarray(labels.argmax(axis=1))


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
