"""The tagger: names, addresses, places and organisations in texts of any length, by a model of task `tag`."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.engine.engine import Engine
from models.engine.requests import Priority
from models.engine.spans import OUTSIDE, Span
from models.identity import ModelIdentity
from models.pii.tidying import tidy
from models.pii.windows import surely_whole, windows

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class TextTagger:
    """Labelled spans of texts.

    Args:
        engine: runs the model; the tagger doesn't close it.
        name: of the model in the engine, which is of task `tag`.

    Raises:
        ValueError: the engine has no such model, or it is of another task.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        model = next((one for one in engine.models if one.name == name and one.task == "tag"), None)
        if model is None:
            raise ValueError(f"the engine has no model {name!r} of task 'tag'")
        self._engine = engine
        self._model = model

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest of the weights."""
        return self._model.identity

    @property
    def runs_on(self) -> str:
        """Backend, device and precision, for a start-up line: `openvino cpu int8`."""
        return self._model.runs_on

    @property
    def labels(self) -> frozenset[str]:
        """What spans may be, such as `PERSON`."""
        names = {label.removeprefix("B-").removeprefix("I-") for label in self._model.labels}
        return frozenset(names - {OUTSIDE})

    async def tag(self, texts: Sequence[str], priority: Priority = Priority.REVIEW) -> list[list[Span]]:
        """The spans of each text: sorted, disjoint, in code points, each with a letter or digit at either end.

        A text that is longer than the model takes is read in windows, to its end.

        Args:
            texts: any strings.
            priority: who waits for it.

        Raises:
            TypeError, EncodingFailed, EngineClosed, EngineBroken: as `Engine.tag`.
        """
        plain = [text if text.isascii() else _SURROGATE.sub("\ufffd", text) for text in texts]
        limit = self._model.tokeniser.max_tokens
        if all(surely_whole(text, limit) for text in plain):
            found = await self._engine.tag(plain, model=self._model.name, priority=priority)
            return [tidy(text, spans) if spans else spans for text, spans in zip(plain, found, strict=True)]
        places = await asyncio.to_thread(windows, plain, self._model.tokeniser)
        parts = [text[begin:end] for text, cuts in zip(plain, places, strict=True) for begin, end in cuts]
        answers = iter(await self._engine.tag(parts, model=self._model.name, priority=priority))
        return [
            tidy(text, [_moved(span, begin) for begin, _ in cuts for span in next(answers)])
            for text, cuts in zip(plain, places, strict=True)
        ]


def _moved(span: Span, by: int) -> Span:
    return replace(span, begin=span.begin + by, end=span.end + by)
