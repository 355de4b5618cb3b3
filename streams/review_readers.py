"""Which model reads a review: that of its language, where there is one, else the one for all."""

from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from models.languages import primary
from models.reviews import Reading
from streams.contracts.results import ModelRef
from streams.releases.serving import Serving


class Reads(Protocol):
    """As `models.reviews.ReviewReader`."""

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """What each text says."""


R = TypeVar("R", bound=Reads)


class Read(NamedTuple):
    """What a review says, and which model says so."""

    reading: Reading
    models: list[ModelRef]


class ReviewReaders(Generic[R]):
    """The models that read reviews.

    Args:
        for_all: reads what no other does.
        by_language: others, by the primary subtag of BCP 47 in lower case.
    """

    def __init__(self, for_all: Serving[R], by_language: Mapping[str, Serving[R]] | None = None) -> None:
        self.for_all = for_all
        self.by_language = dict(by_language or {})

    async def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Read]:
        """Read masked reviews, all of one model together.

        Args:
            texts: as `models.reviews.review_text` makes them.
            languages: of each, BCP 47, as its writer or its shop says; None is not known.

        Raises:
            ModelError: as `ReviewReader.read`.
        """
        places: dict[str, list[int]] = {}
        for place, language in enumerate(languages):
            spoken = primary(language)
            places.setdefault(spoken if spoken in self.by_language else "", []).append(place)
        found: dict[int, Read] = {}
        for spoken, of_these in places.items():
            with self.by_language.get(spoken, self.for_all).use() as version:
                readings = await version.model.read([texts[place] for place in of_these])
            for place, reading in zip(of_these, readings, strict=True):
                found[place] = Read(reading, version.refs)
        return [found[place] for place in range(len(texts))]
