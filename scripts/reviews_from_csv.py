"""Converts a CSV of product reviews into `reviews` events, one JSON object a line, row by row.

    .venv/bin/python scripts/reviews_from_csv.py reviews.csv.gz > reviews.jsonl
    .venv/bin/shopstream produce reviews.jsonl --topic reviews --wait

The defaults read the Women's E-Commerce Clothing Reviews (CC0 1.0,
kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews); other files by the options. Every row with text
becomes an event. Ids follow from the row's number in the file, so the same file gives the same events every time; that
data has no users and no times, so users are made up by a hash of the row, and times are spaced evenly.
"""

import argparse
import csv
import gzip
import hashlib
import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from privacy.plaintext import Plaintext
from streams.contracts.codec import encode_event
from streams.contracts.events import Review
from streams.contracts.violation import ContractViolation

BAD_DATA = 1
LONGEST_FIELD = 1 << 24


@dataclass(frozen=True, slots=True)
class Form:
    """How rows become events.

    Attributes:
        text: column of what people wrote.
        title: column of the title; empty for none.
        rating: column of the stars; empty for none. What is no whole number from 1 to 5 is left out.
        product: column of the product's id.
        prefix: what event and user ids begin with.
        users: how many users are made up.
        start: time of the first row.
        spacing: from one row to the next.
    """

    text: str = "Review Text"
    title: str = "Title"
    rating: str = "Rating"
    product: str = "Clothing ID"
    prefix: str = "clothing"
    users: int = 5_000
    start: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    spacing: timedelta = timedelta(minutes=1)

    @property
    def columns(self) -> set[str]:
        """The columns that a file must have."""
        return {self.text, self.title, self.rating, self.product} - {""}


class NotAReview(Exception):
    """A row that is no review by the contract; the message names row, field and reason, never the value."""


def rows_of(path: Path, form: Form) -> Iterator[dict[str, str]]:
    """The rows of a CSV, gzipped or not.

    Raises:
        ValueError: a column is missing; the message says which ones there are.
    """
    csv.field_size_limit(
        LONGEST_FIELD
    )  # a text too long for the contract is left out by itself, not the whole file
    with (
        gzip.open(path) if path.suffix == ".gz" else path.open("rb") as raw,
        io.TextIOWrapper(raw, "utf-8-sig", newline="") as text,
    ):
        reader = csv.DictReader(text)
        there = reader.fieldnames or []
        if missing := form.columns - set(there):
            raise ValueError(
                f"{path} has no column {', '.join(sorted(missing))}; it has {', '.join(there)}. "
                "Say which to use with --text-column, --title-column, --rating-column, --product-column"
            )
        yield from reader


def reviews(rows: Iterable[Mapping[str, str]], form: Form) -> Iterator[Review | NotAReview]:
    """An event for each row with text; for one that the contract refuses, why."""
    for number, row in enumerate(rows, 1):
        if (row.get(form.text) or "").strip():
            try:
                yield review_of(number, row, form)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False, include_context=False)[0]
                yield NotAReview(f"row {number}: {first['loc'][0]}: {first['msg']}")


def review_of(number: int, row: Mapping[str, str], form: Form) -> Review:
    """The event of one row.

    Args:
        number: the row's, from 1.
        row: column to text.
        form: how.

    Raises:
        ValidationError: the contract does not allow it.
    """
    fields: dict[str, Any] = {}
    if title := (row.get(form.title) or "").strip():
        fields["title"] = Plaintext(title)
    if stars := stars_of(row.get(form.rating) or ""):
        fields["rating"] = stars
    return Review(
        id=f"{form.prefix}-{number:06d}",
        time=form.start + (number - 1) * form.spacing,
        product_id=f"{form.prefix}-{(row.get(form.product) or '').strip()}",
        user_id=f"{form.prefix}-user-{user_of(number, form)}",
        text=Plaintext(row[form.text].strip()),
        **fields,
    )


def user_of(number: int, form: Form) -> int:
    """A made-up user's number for a row, the same every time."""
    digest = hashlib.sha256(f"{form.prefix}/{number}".encode()).digest()
    return int.from_bytes(digest[:8]) % form.users


def stars_of(text: str) -> int | None:
    """Whole stars from 1 to 5, or None."""
    with suppress(ValueError):
        stars = float(text)
        if stars in {1, 2, 3, 4, 5}:
            return int(stars)
    return None


def main(arguments: list[str] | None = None) -> int:
    """Writes events to standard output and what was left out to standard error; exit code 1 if something was."""
    options, form = options_of(arguments)
    written = skipped = 0
    try:
        for review in reviews(rows_of(options.file, form), form):
            if options.limit is not None and written >= options.limit:
                break
            try:
                if isinstance(review, NotAReview):
                    raise review
                sys.stdout.buffer.write(encode_event(review) + b"\n")
                written += 1
            except (NotAReview, ContractViolation) as reason:
                skipped += 1
                print(f"left out: {reason}", file=sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, ValueError, EOFError, csv.Error) as error:
        print(f"{options.file} can't be read: {error}", file=sys.stderr)
        return BAD_DATA
    print(f"{written} reviews written" + (f", {skipped} left out" if skipped else ""), file=sys.stderr)
    return BAD_DATA if skipped else 0


def options_of(arguments: list[str] | None) -> tuple[argparse.Namespace, Form]:
    """The options, and the form that they give."""
    default = Form()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="CSV with a header line, UTF-8, also gzipped (.gz)")
    parser.add_argument("--text-column", default=default.text)
    parser.add_argument("--title-column", default=default.title, help='"" for none')
    parser.add_argument("--rating-column", default=default.rating, help='"" for none')
    parser.add_argument("--product-column", default=default.product)
    parser.add_argument("--prefix", default=default.prefix, help="of event, product and user ids")
    parser.add_argument("--users", type=int, default=default.users, help="how many users to make up")
    parser.add_argument("--start", default=default.start.isoformat(), help="time of the first row, ISO 8601")
    parser.add_argument(
        "--spacing", type=float, default=default.spacing.total_seconds(), help="seconds between rows"
    )
    parser.add_argument("--limit", type=int, help="at most so many events")
    options = parser.parse_args(arguments)
    start = datetime.fromisoformat(options.start)
    form = Form(
        options.text_column,
        options.title_column,
        options.rating_column,
        options.product_column,
        options.prefix,
        options.users,
        start if start.tzinfo else start.replace(tzinfo=UTC),
        timedelta(seconds=options.spacing),
    )
    return options, form


if __name__ == "__main__":
    sys.exit(main())
