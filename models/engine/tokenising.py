"""Texts to token ids, in Rust and without the interpreter's lock: the `pre` part of every forward."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from models.engine.backend import Row
from models.engine.niceness import lower_priority
from models.sources import CONFIG_FILE, TOKENIZER_FILE

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Pair: TypeAlias = tuple[str, str]


class Tokeniser:
    """The tokenizer of a model's folder, truncating, never padding. Thread-safe.

    No row is empty, since nothing can be made of no token: where the tokenizer adds none of its own to an empty text,
    its row is one padding token.

    Args:
        folder: holds `tokenizer.json`, and `config.json` where the former names no padding.
        max_tokens: where inputs are cut, special tokens included.
        offsets: whether rows say where each token stands in its text.
    """

    def __init__(self, folder: Path, max_tokens: int, *, offsets: bool = False) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._instead_of_none = _padding_token(self._tokenizer, folder)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._offsets = offsets
        self.max_tokens = max_tokens

    def rows(self, inputs: Sequence[str] | Sequence[Pair]) -> list[Row]:
        """One row for each text or pair, in order. Lone surrogates count as U+FFFD."""
        try:
            encodings = self._encode(inputs)
        except TypeError:  # a str that is not Unicode text can't cross into Rust
            encodings = self._encode([_unicode(one) for one in inputs])  # type: ignore[arg-type] # one kind
        return [self._row(encoding) for encoding in encodings]

    def text(self, ids: Sequence[int]) -> str:
        """Token ids back to text, without special tokens."""
        text: str = self._tokenizer.decode(list(ids))
        return text

    def _encode(self, inputs: Sequence[str] | Sequence[Pair]) -> "list[Encoding]":
        if len(inputs) == 1:  # here and now: a query does not pass through the pool's threads
            (one,) = inputs
            return [self._tokenizer.encode(*one) if isinstance(one, tuple) else self._tokenizer.encode(one)]
        _start_pool()
        # Offsets cost a third more; most models need none.
        encode = self._tokenizer.encode_batch if self._offsets else self._tokenizer.encode_batch_fast
        encodings: list[Encoding] = encode(list(inputs))
        return encodings

    def _row(self, encoding: "Encoding") -> Row:
        if not encoding.ids:
            return Row([self._instead_of_none], 0, [(0, 0)] if self._offsets else None)
        types = encoding.type_ids
        second = types.index(1) if types and types[-1] == 1 else 0
        return Row(encoding.ids, second, encoding.offsets if self._offsets else None)


def _padding_token(tokenizer: "Tokenizer", folder: Path) -> int:
    if tokenizer.padding:
        return int(tokenizer.padding["pad_id"])
    path = folder / CONFIG_FILE
    config = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    named = (config.get(name) for name in ("pad_token_id", "bos_token_id"))
    return next((token for token in named if isinstance(token, int) and token >= 0), 0)


@lru_cache(maxsize=1)
def _start_pool() -> None:
    """Start the threads that tokenise batches, one pool for the process, with low priority: a query is not theirs."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    def start() -> None:
        lower_priority()
        Tokenizer(WordLevel({"a": 0}, "a")).encode_batch_fast(["a", "a"])

    starter = Thread(target=start)
    starter.start()
    starter.join()


def _unicode(one: str | Pair) -> str | Pair:
    if isinstance(one, tuple):
        return _without_lone_surrogates(one[0]), _without_lone_surrogates(one[1])
    return _without_lone_surrogates(one)


def _without_lone_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
