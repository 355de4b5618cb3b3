"""Micro-batching: one thread that serves all requests waiting at once as one batch.

There is no timer. While a round runs, requests gather; when it ends, all of them are the next round. An idle engine
starts at once, a busy one fills its batches. The scheduler with priorities and deadlines replaces this file later.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from models.engine.backend import Vectors
from models.errors import EncodingFailed, EngineClosed


@dataclass(slots=True, eq=False)
class Request:
    """Some texts, and where their vectors go."""

    texts: Sequence[str]
    vectors: Future[Vectors] = field(default_factory=Future)


class Microbatcher:
    """Runs `encode` in a thread of its own over whatever requests wait.

    Args:
        encode: texts to vectors; called from that thread only.
        round_texts: most texts in one round, unless a single request has more.
    """

    def __init__(self, encode: Callable[[Sequence[str]], Vectors], round_texts: int) -> None:
        self._encode = encode
        self._round_texts = round_texts
        self._waiting: deque[Request] = deque()
        self._news = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="shopstream-engine", daemon=True)
        self._thread.start()

    def submit(self, texts: Sequence[str]) -> Future[Vectors]:
        """Queue a request. The future fails with EncodingFailed if it, and not a neighbour, can't be embedded."""
        request = Request(texts)
        with self._news:
            if self._closed:
                raise EngineClosed("the engine is closed; load a new one")
            self._waiting.append(request)
            self._news.notify()
        return request.vectors

    def close(self) -> None:
        """Finish the round under way, fail what waits with EngineClosed, end the thread."""
        with self._news:
            self._closed = True
            waiting, self._waiting = self._waiting, deque()
            self._news.notify()
        for request in waiting:
            if request.vectors.set_running_or_notify_cancel():
                request.vectors.set_exception(
                    EngineClosed("the engine was closed before this request's turn")
                )
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _serve(self) -> None:
        while requests := self._next_round():
            self._answer(requests)
            requests = []  # an idle thread keeps nobody's texts

    def _next_round(self) -> list[Request]:
        """Requests that somebody still waits for; empty only when closed."""
        with self._news:
            while True:
                self._news.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return []
                requests: list[Request] = []
                texts = 0
                while self._waiting and (
                    not requests or texts + len(self._waiting[0].texts) <= self._round_texts
                ):
                    request = self._waiting.popleft()
                    if request.vectors.set_running_or_notify_cancel():
                        requests.append(request)
                        texts += len(request.texts)
                if requests:
                    return requests

    def _answer(self, requests: list[Request]) -> None:
        """Embed all requests at once; when that fails, halve until the culprit is alone."""
        try:
            vectors = self._encode([text for request in requests for text in request.texts])
        except Exception as error:  # noqa: BLE001 - whatever a text does to a model, its neighbours are served
            if len(requests) > 1:
                middle = len(requests) // 2
                self._answer(requests[:middle])
                self._answer(requests[middle:])
                return
            failure = EncodingFailed(f"{type(error).__name__} while embedding {len(requests[0].texts)} texts")
            failure.__cause__ = error
            requests[0].vectors.set_exception(failure)
            return
        start = 0
        for request in requests:
            end = start + len(request.texts)
            request.vectors.set_result(vectors[start:end])
            start = end
