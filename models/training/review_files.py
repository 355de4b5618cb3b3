"""Files of reviews: tables with stars or labels, and lines of `label TAB text`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.digests import file_digest
from models.errors import TrainingDataError
from models.reviews.labels import FEWEST_STARS, MOST_STARS, label_of_stars
from models.reviews.text import review_text
from models.training.sentiment_labels import is_label, sentiments
from models.training.tables import lines_of, pick_column, rows_of

TEXT_COLUMNS = (
    "Review Text",
    "review_text",
    "review_body",
    "reviewText",
    "text",
    "review",
    "body",
    "content",
)
STARS_COLUMNS = ("Rating", "stars", "star_rating", "overall", "score")
LABEL_COLUMNS = ("sentiment", "label", "polarity")
TITLE_COLUMNS = ("Title", "summary", "review_title", "review_headline", "headline")
HELPFUL_COLUMNS = ("Positive Feedback Count", "helpful_votes", "helpful_vote", "helpful", "upvotes")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns to use; None looks for the usual names. An empty title column means: use no titles."""

    text: str | None = None
    stars: str | None = None
    label: str | None = None
    title: str | None = None
    helpful: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One review.

    Attributes:
        text: what is read, as `review_text` makes it of title and body.
        body: its text alone, stripped; says into which part it falls.
        label: index into `LABELS`.
        stars: 1 to 5, where it has them.
        votes: readers who found it helpful, where that is known.
    """

    text: str
    body: str
    label: int
    stars: int | None = None
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewSource:
    """Where reviews came from, and the reviews.

    Attributes:
        name: for reports: a file's name, a topic.
        digest: SHA-256 of the file, or of what was read.
        reviews: in their order.
        rows: rows that were read.
        skipped: rows that were left out, by reason.
        columns: the columns that were used, by what for.
    """

    name: str
    digest: str
    reviews: tuple[Review, ...]
    rows: int
    skipped: Mapping[str, int]
    columns: Mapping[str, str]


def read_source(path: Path, columns: Columns) -> ReviewSource:
    """Read a file of reviews.

    A table (CSV, TSV, JSON lines) has a column of texts and one of 1 to 5 stars or of sentiments. A TSV without header
    has a sentiment or stars, a tab, and a text on each line.

    Rows without text, or without whole stars or a known sentiment, are skipped and counted.

    Raises:
        TrainingDataError: the file or a column can't be used.
    """
    if columns == Columns() and _is_labelled_lines(path):
        rows, used = _labelled_rows(path), {"label": "before the tab", "text": "after it"}
        chosen = Columns(text="text", label="label")
    else:
        rows = list(rows_of(path))
        if not rows:
            raise TrainingDataError(f"{path} has no rows")
        chosen = _columns(path, list(rows[0]), columns)
        used = {
            use: name
            for use in ("text", "stars", "label", "title", "helpful")
            if (name := getattr(chosen, use)) is not None
        }
    skipped: Counter[str] = Counter()
    reviews = tuple(_reviews(rows, chosen, skipped))
    return ReviewSource(path.name, file_digest(path), reviews, len(rows), dict(skipped), used)


def rows_source(
    name: str, digest: str, rows: Sequence[Mapping[str, str]], columns: Columns, skipped: Mapping[str, int]
) -> ReviewSource:
    """Reviews of rows that are in no file.

    Args:
        name: of where they are from.
        digest: SHA-256 of the rows.
        rows: column -> text or number.
        columns: the columns to use; of these, the text's and the stars' are there.
        skipped: what was left out before, by reason.
    """
    left_out = Counter(skipped)
    reviews = tuple(_reviews(rows, columns, left_out))
    used = {use: col for use in ("text", "stars", "title") if (col := getattr(columns, use)) is not None}
    return ReviewSource(name, digest, reviews, len(rows), dict(left_out), used)


def _reviews(rows: Iterable[Mapping[str, str]], columns: Columns, skipped: Counter[str]) -> Iterator[Review]:
    rows = list(rows)
    by_label = sentiments(row.get(columns.label, "") for row in rows) if columns.label else {}
    # Labels that go from 1 to 5 are stars.
    stars_column = columns.stars or (None if by_label else columns.label)
    for row in rows:
        body = row.get(columns.text or "", "").strip()
        stars = _stars(row.get(stars_column, "")) if stars_column else None
        label = label_of_stars(stars) if stars else by_label.get(row.get(columns.label or "", "").strip())
        if not body:
            skipped["no text"] += 1
        elif label is None:
            skipped["no whole stars from 1 to 5" if stars_column else "no known sentiment"] += 1
        else:
            title = row.get(columns.title) if columns.title else None
            votes = _votes(row.get(columns.helpful, "")) if columns.helpful else None
            yield Review(review_text(title, body), body, label, stars, votes)


def _is_labelled_lines(path: Path) -> bool:
    """Whether a TSV begins with a label and a text, and not with names of columns."""
    if Path(path.name.removesuffix(".gz")).suffix.lower() != ".tsv":
        return False
    first = next((line for line in lines_of(path) if line.strip()), "")
    label, tab, text = first.partition("\t")
    return bool(tab and text.strip()) and is_label(label)


def _labelled_rows(path: Path) -> list[dict[str, str]]:
    """Rows of `label TAB text`, read without quoting: a text may begin with a quotation mark."""
    parts = (line.rstrip("\r\n").partition("\t") for line in lines_of(path) if line.strip())
    return [{"label": label, "text": text} for label, _, text in parts]


def _columns(path: Path, there: list[str], wanted: Columns) -> Columns:
    text = pick_column(there, wanted.text, TEXT_COLUMNS, "--text-column")
    stars = label = None
    if wanted.label is None:
        stars = pick_column(there, wanted.stars, STARS_COLUMNS, "--stars-column")
    if stars is None:
        label = pick_column(there, wanted.label, LABEL_COLUMNS, "--label-column")
    if text is None or (stars is None and label is None):
        missing = "--text-column" if text is None else "--stars-column or --label-column"
        raise TrainingDataError(
            f"{path.name}: no column has a known name; say which one with {missing}: {', '.join(there)}"
        )
    title = None if wanted.title == "" else pick_column(there, wanted.title, TITLE_COLUMNS, "--title-column")
    helpful = pick_column(there, wanted.helpful, HELPFUL_COLUMNS, "--helpful-column")
    return Columns(text, stars, label, title, helpful)


def _stars(value: str) -> int | None:
    number = _number(value)
    if number is None or not number.is_integer() or not FEWEST_STARS <= number <= MOST_STARS:
        return None
    return int(number)


def _votes(value: str) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number.is_integer() and number >= 0 else None


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
