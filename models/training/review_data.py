"""Reviews with stars, for training: read, cleaned, split."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import TrainingDataError
from models.reviews.labels import FEWEST_STARS, LABELS, MOST_STARS, label_of_stars
from models.reviews.text import review_text
from models.training.metrics import Labels
from models.training.splits import Part, first_of_each, part_of, positions
from models.training.tables import pick_column, rows_of

TEXT_COLUMNS = ("Review Text", "text", "review", "review_text", "body")
STARS_COLUMNS = ("Rating", "stars", "star_rating", "overall")
TITLE_COLUMNS = ("Title", "summary", "review_title", "headline")
FEWEST_OF_A_CLASS = 5

WHERE_TO_GET_DATA = (
    "Any file of reviews with 1 to 5 stars will do. The shipped head was trained on the Women's E-Commerce Clothing "
    "Reviews, CC0 1.0: kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns to use; None looks for the usual names. An empty title column means: use no titles."""

    text: str | None = None
    stars: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """What is read, and its class as an index into `LABELS`."""

    text: str
    label: int


@dataclass(frozen=True, slots=True)
class ReviewData:
    """A file's reviews in three parts that share no text.

    Attributes:
        parts: the examples by part.
        digest: SHA-256 of the file.
        rows: rows of the file.
        skipped: rows that were left out, by reason.
        columns: the columns that were used, by what for.
    """

    parts: dict[Part, list[Example]]
    digest: str
    rows: int
    skipped: dict[str, int]
    columns: dict[str, str]

    def texts(self, part: Part) -> list[str]:
        """Texts of one part."""
        return [example.text for example in self.parts[part]]

    def labels(self, part: Part) -> Labels:
        """Class indices of one part, in the same order."""
        return np.array([example.label for example in self.parts[part]], np.int64)

    def counts(self) -> dict[str, dict[str, int]]:
        """Examples by part and label."""
        return {
            part.value: dict(
                zip(LABELS, np.bincount(self.labels(part), minlength=len(LABELS)).tolist(), strict=True)
            )
            for part in Part
        }


def read_reviews(path: Path, columns: Columns) -> ReviewData:
    """Read a file of reviews.

    Rows without text or without 1 to 5 whole stars are skipped and counted, and so is every repeat of a text. The
    part of a review follows from its text alone, without the title.

    Raises:
        TrainingDataError: the file or a column can't be used, or a class has too few reviews in a part.
    """
    rows = list(rows_of(path))
    if not rows:
        raise TrainingDataError(f"{path} has no rows")
    text_column, stars_column, title_column = _columns(list(rows[0]), columns)
    skipped: Counter[str] = Counter()
    bodies: list[str] = []
    examples: list[Example] = []
    for row in rows:
        body = row.get(text_column, "").strip()
        stars = _stars(row.get(stars_column, ""))
        if not body:
            skipped["no text"] += 1
        elif stars is None:
            skipped["no whole stars from 1 to 5"] += 1
        else:
            title = row.get(title_column) if title_column else None
            bodies.append(body)
            examples.append(Example(review_text(title, body), label_of_stars(stars)))
    kept = first_of_each(bodies)
    if len(kept) < len(bodies):
        skipped["repeated text"] = len(bodies) - len(kept)
    parts = [part_of(bodies[position]) for position in kept]
    used = {"text": text_column, "stars": stars_column} | ({"title": title_column} if title_column else {})
    data = ReviewData(
        parts={part: [examples[kept[position]] for position in positions(parts, part)] for part in Part},
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        rows=len(rows),
        skipped=dict(skipped),
        columns=used,
    )
    _require_every_class(data)
    return data


def _columns(there: list[str], wanted: Columns) -> tuple[str, str, str | None]:
    text = pick_column(there, wanted.text, TEXT_COLUMNS, "--text-column")
    stars = pick_column(there, wanted.stars, STARS_COLUMNS, "--stars-column")
    if text is None or stars is None:
        missing = "--text-column" if text is None else "--stars-column"
        raise TrainingDataError(
            f"no column has a known name; say which one with {missing}: {', '.join(there)}"
        )
    title = None if wanted.title == "" else pick_column(there, wanted.title, TITLE_COLUMNS, "--title-column")
    return text, stars, title


def _stars(value: str) -> int | None:
    try:
        stars = float(value)
    except ValueError:
        return None
    return int(stars) if stars.is_integer() and FEWEST_STARS <= stars <= MOST_STARS else None


def _require_every_class(data: ReviewData) -> None:
    for part, counts in data.counts().items():
        for label, count in counts.items():
            if count < FEWEST_OF_A_CLASS:
                raise TrainingDataError(
                    f"only {count} {label} reviews fell into the {part} part, {FEWEST_OF_A_CLASS} are needed;"
                    " give a file with more reviews of 1-2, 3 and 4-5 stars"
                )
