"""A backend without a model: vectors are a pure function of a text's characters. It notes how it was called."""

import threading
from collections.abc import Sequence

import numpy as np

from models.engine.backend import TokenList, Vectors
from models.identity import ModelIdentity

IDENTITY = ModelIdentity("tiny", "1", "0" * 64)
POISON = "poison"


class TinyBackend:
    name, device, dtype, width, token_budget = "tiny", "cpu", "float32", 4, 64

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.threads: set[str] = set()
        self.closed = False
        self.started = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def encode_pre(self, texts: Sequence[str]) -> list[TokenList]:
        self.rounds.append(list(texts))
        self.threads.add(threading.current_thread().name)
        self.started.set()
        assert self.go.wait(10)
        if POISON in texts:
            raise ValueError("a text that breaks the model")
        return [[ord(character) for character in text] for text in texts]

    def encode_core(self, tokens: Sequence[TokenList]) -> Vectors:
        return np.array([vector_of_ids(ids) for ids in tokens], np.float32)

    def encode_post(self, pooled: Vectors) -> Vectors:
        return pooled

    def close(self) -> None:
        self.closed = True


def vector_of_ids(ids: Sequence[int]) -> list[float]:
    return [float(len(ids)), float(sum(ids)), float(ids[0]) if ids else -1.0, float(ids[-1]) if ids else -1.0]


def vector_of(text: str) -> list[float]:
    return vector_of_ids([ord(character) for character in text])
