"""What a review adds to its product's sums, and how those are read again: by day of event time, and decayed.

`products.lua` keeps integer sums by day. Decay is applied when they are read, so that it depends neither on the order
in which reviews came nor on when, and another half-life needs no replay.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from streams.contracts.records import UserChange

_SENTIMENTS: Final = ("negative", "neutral", "positive")
_ASPECT_SENTIMENTS: Final = ("negative", "mixed", "positive")
_MILLI: Final = 1_000
_FIRST_DAY: Final = date(1970, 1, 1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

NEWEST: Final = "newest"
OLDER: Final = "older"
"""Fields of a product's reviews that are no days."""


def day_of(time: datetime) -> int:
    """The day (UTC) of a time, counted from 1970."""
    return (time - _EPOCH) // _DAY


def review_sums(change: UserChange) -> dict[str, int] | None:
    """What a change adds, by name; None where it tells of no review.

    "reviews", each label of a sentiment and each "aspect/sentiment" count reviews; "stars" is a sum in thousandths over
    the "starred", by their author ("rated") or, without a rating, by the model's estimate.
    """
    if change.kind != "reviewed":
        return None
    sums = {"reviews": 1}
    if change.rating is not None:
        sums |= {"stars": change.rating * _MILLI, "starred": 1, "rated": 1}
    elif change.stars is not None:
        sums |= {"stars": round(change.stars * _MILLI), "starred": 1}
    if change.sentiment:
        sums[change.sentiment.label] = 1
    return sums | {f"{one.aspect}/{one.sentiment}": 1 for one in change.aspects}


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Sums over some reviews, or weighted ones.

    Attributes:
        sums: by name, as `review_sums` has them.
    """

    sums: Mapping[str, float] = field(default_factory=dict)

    @property
    def reviews(self) -> float:
        """How many, or the sum of their weights."""
        return self.sums.get("reviews", 0)

    @property
    def rated(self) -> float:
        """Those whose stars are their author's own."""
        return self.sums.get("rated", 0)

    @property
    def stars(self) -> float | None:
        """Mean from 1 to 5; None without any."""
        starred = self.sums.get("starred", 0)
        return self.sums["stars"] / starred / _MILLI if starred else None

    @property
    def shares(self) -> dict[str, float] | None:
        """Of each sentiment; they sum to 1. None without any review that was read."""
        counts = {label: self.sums.get(label, 0) for label in _SENTIMENTS}
        total = sum(counts.values())
        return {label: count / total for label, count in counts.items()} if total else None

    @property
    def aspects(self) -> dict[str, dict[str, float]]:
        """By aspect, the most spoken of first: how many reviews speak of it with each sentiment."""
        names = {name.rpartition("/")[0] for name in self.sums if "/" in name}
        found = {
            aspect: {label: self.sums.get(f"{aspect}/{label}", 0) for label in _ASPECT_SENTIMENTS}
            for aspect in sorted(names)
        }
        return dict(sorted(found.items(), key=lambda one: -sum(one[1].values())))


@dataclass(frozen=True, slots=True)
class ProductReviews:
    """What Redis keeps of a product's reviews.

    Attributes:
        days: by day of event time (UTC), oldest first; only days with reviews.
        older: of all before the days that are kept.
        newest: the newest day that had a review; None without any.
    """

    days: Mapping[date, ReviewFigures] = field(default_factory=dict)
    older: ReviewFigures = field(default_factory=ReviewFigures)
    newest: date | None = None

    @classmethod
    def read(cls, fields: Mapping[bytes, bytes]) -> "ProductReviews":
        """From the fields of the hash that `products.lua` writes."""
        texts = {name.decode(): value.decode() for name, value in fields.items()}
        newest, older = texts.pop(NEWEST, None), texts.pop(OLDER, "")
        return cls(
            {_date(int(day)): _figures(texts[day]) for day in sorted(texts, key=int)},
            _figures(older),
            None if newest is None else _date(int(newest)),
        )

    def all(self) -> ReviewFigures:
        """Of all reviews."""
        return _sum((one, 1) for one in (*self.days.values(), self.older))

    def window(self, days: int, last: date) -> ReviewFigures:
        """Of so many days up to the last, which is one of them."""
        return _sum((one, 1) for day, one in self.days.items() if 0 <= (last - day).days < days)

    def decayed(self, at: date, half_life_days: float, lateness_days: int) -> ReviewFigures:
        """Each review weighed by 2^(-age / half-life); those older than the days that are kept, as if just older.

        Args:
            at: the day from which ages count; a review of a later one weighs 1.
            half_life_days: in which a weight halves.
            lateness_days: how many days are kept.
        """

        def weight(day: date) -> float:
            return float(2.0 ** (-max((at - day).days, 0) / half_life_days))

        weighed = [(one, weight(day)) for day, one in self.days.items()]
        if self.newest is not None:
            weighed.append((self.older, weight(self.newest - timedelta(days=lateness_days))))
        return _sum(weighed)


def _date(day: int) -> date:
    return _FIRST_DAY + timedelta(days=day)


def _figures(text: str) -> ReviewFigures:
    words = text.split()
    return ReviewFigures(dict(zip(words[::2], map(int, words[1::2]), strict=True)))


def _sum(weighed: Iterable[tuple[ReviewFigures, float]]) -> ReviewFigures:
    total: defaultdict[str, float] = defaultdict(float)
    for figures, weight in weighed:
        for name, amount in figures.sums.items():
            total[name] += amount * weight
    return ReviewFigures(dict(total))
