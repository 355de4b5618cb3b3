"""A linear model over words: the wide part beside an encoder (Cheng et al. 2016, arXiv:1606.07792). No torch.

An encoder has read each word of its training texts a few times; counts of words remember what little data says about
rare ones. Texts are TF-IDF vectors over words and pairs of words, of Chinese and Japanese over runs of one to three
characters. Terms are stored as hashes, which a list of words undoes: they keep files small, and no secrets.
"""

import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.errors import HeadMismatch, WeightsUnusable
from models.heads import Floats, Head

_LONGEST_RUN: Final = 3
"""Characters together of text that has no spaces between words."""
_WORD = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]{2,}")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
_ROW: Final = np.uint64(1 << 32)


def terms(text: str) -> Iterator[str]:
    """Words and pairs of words; of Chinese and Japanese all runs of one to three characters."""
    folded = text.casefold()
    words = _WORD.findall(folded)
    yield from words
    yield from map(" ".join, itertools.pairwise(words))
    for run in _UNSPACED.findall(folded):
        for length in range(1, _LONGEST_RUN + 1):
            yield from (run[at : at + length] for at in range(len(run) - length + 1))


def hashed(term: str) -> int:
    """CRC-32 of a term: the same on every machine."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True, eq=False)
class TermModel:
    """Weights of terms.

    Attributes:
        keys: hashes of the terms, ascending, uint32 [terms].
        idf: inverse document frequency of each, float32 [terms].
        weights: int8 [terms, outputs]; times `scales` it is what a term adds.
        scales: float32 [outputs].
        bias: float32 [outputs].
    """

    keys: npt.NDArray[np.uint32]
    idf: Floats
    weights: npt.NDArray[np.int8]
    scales: Floats
    bias: Floats

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Outputs [texts, outputs]: weights times TF-IDF, of length 1 over the terms that are known, plus the bias.

        The term frequency is 1 + ln(count), as in scikit-learn's `TfidfVectorizer(sublinear_tf=True)`.
        """
        rows, columns, values = self._counted(texts)
        squares = np.bincount(rows, values**2, len(texts))
        values = values / np.sqrt(squares)[rows]
        outputs = np.tile(self.bias, (len(texts), 1))
        for output, scale in enumerate(self.scales):
            added = values * self.weights[columns, output]
            outputs[:, output] += scale * np.bincount(rows, added, len(texts)).astype(np.float32)
        return outputs

    def _counted(
        self, texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Row, place in `keys` and TF-IDF of every known term of every text."""
        found = [np.fromiter(map(hashed, terms(text)), np.uint64) for text in texts]
        lengths = [len(one) for one in found]
        if not sum(lengths):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
        of_row = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths) * _ROW
        pairs, counts = np.unique(of_row + np.concatenate(found), return_counts=True)
        rows, keys = (pairs // _ROW).astype(np.int64), (pairs % _ROW).astype(np.uint32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        places = places[known]
        return rows[known], places, (1 + np.log(counts[known])) * self.idf[places]


def terms_of(head: Head, terms: TermModel | None, model: str) -> TermModel | None:
    """The terms that a head weighs beside vectors; None for one that weighs none.

    Args:
        head: of a text model.
        terms: what the model has.
        model: whom the message names.

    Raises:
        HeadMismatch: it weighs terms that the model has not.
    """
    if head.evidence is None:
        return None
    require_evidence(head, 0 if terms is None else len(terms.bias), model)
    return terms


def require_evidence(head: Head, given: int, model: str) -> None:
    """Refuse a head that weighs more than is given, or less.

    Raises:
        HeadMismatch: so many numbers for each text are not what it weighs.
    """
    if head.evidence is not None and head.evidence.shape[1] != given:
        raise HeadMismatch(
            f"head {head.name} of {model} weighs words that the model does not bring; copy or train it anew"
        )


def write_terms(path: Path, model: TermModel) -> None:
    """Write safetensors; the same model gives the same bytes."""
    from safetensors.numpy import save_file

    tensors: dict[str, npt.NDArray[Any]] = {
        "keys": model.keys,
        "idf": model.idf.astype(np.float16),
        "weights": np.ascontiguousarray(model.weights),
        "scales": model.scales,
        "bias": model.bias,
    }
    save_file(tensors, path)


def read_terms(path: Path) -> TermModel | None:
    """The terms in a file; None where there is no such file, since most models have none.

    Raises:
        WeightsUnusable: it is damaged, or of another format.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not path.is_file():
        return None
    try:
        found = load_file(path)
        model = TermModel(
            found["keys"].astype(np.uint32),
            found["idf"].astype(np.float32),
            found["weights"].astype(np.int8),
            found["scales"].astype(np.float32),
            found["bias"].astype(np.float32),
        )
    except (SafetensorError, OSError, KeyError) as error:
        raise WeightsUnusable(f"{path} can't be used ({error}); copy or train the model anew") from error
    count, outputs = model.weights.shape if model.weights.ndim == 2 else (0, 0)  # noqa: PLR2004 - a matrix
    holds = model.keys.shape == model.idf.shape == (count,) and model.scales.shape == model.bias.shape == (
        outputs,
    )
    numbers = (model.idf, model.scales, model.bias)
    holds = holds and bool((np.diff(model.keys.astype(np.int64)) > 0).all() and (model.idf > 0).all())
    if not holds or not count or not all(np.isfinite(one).all() for one in numbers):
        raise WeightsUnusable(f"{path} does not hold together; copy or train the model anew")
    return model
