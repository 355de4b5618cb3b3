"""What serves a role now, and whether anybody still uses what served it before."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.identity import ModelIdentity
from privacy.detect.span import Span, SpanTagger
from streams.contracts.results import ModelRef
from streams.views.waiting import until

M = TypeVar("M")
T = TypeVar("T", bound=SpanTagger)


def reference(model: ModelIdentity) -> ModelRef:
    """A model in the words of the contract."""
    return ModelRef(id=model.id, version=model.version, digest=f"sha256:{model.digest}")


@dataclass(slots=True, eq=False)
class Version(Generic[M]):
    """A model of a role, loaded.

    Attributes:
        model: what stages call.
        refs: how results name it: as a whole, so that what is read and what is said of it never differ.
        engine_model: the engine's model that goes with it; None where there is none.
        users: batches that use it now.
    """

    model: M
    refs: list[ModelRef]
    engine_model: str | None = None
    users: int = 0

    @property
    def digest(self) -> str:
        """Of the weights, `sha256:…`."""
        return self.refs[0].digest

    async def unused(self) -> None:
        """Waits until no batch uses it."""
        await until(lambda: not self.users)


class Serving(Generic[M]):
    """The model of a role. For the event loop's thread alone.

    Args:
        first: what serves it until there is another.
    """

    def __init__(self, first: Version[M]) -> None:
        self._current = first

    @property
    def current(self) -> Version[M]:
        """What serves now; a batch holds on to it by `use`."""
        return self._current

    @contextmanager
    def use(self) -> Iterator[Version[M]]:
        """What serves now, which stays loaded as long as the block lasts, whatever is released meanwhile."""
        version = self._current
        version.users += 1
        try:
            yield version
        finally:
            version.users -= 1

    def swap(self, version: Version[M]) -> Version[M]:
        """Lets another version serve from this moment on; the one that served before."""
        old, self._current = self._current, version
        return old


class ServedTagger(Generic[T]):
    """A `SpanTagger` that asks whichever serves.

    Args:
        serving: the role of the tagger.
    """

    def __init__(self, serving: Serving[T]) -> None:
        self._serving = serving

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        """As `SpanTagger.tag`."""
        with self._serving.use() as version:
            return await version.model.tag(texts, topics)
