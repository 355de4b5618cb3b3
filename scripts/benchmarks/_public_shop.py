"""A shop made of public data sets: what the main job streams. Where to get them is in `WHERE`."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from privacy.plaintext import Plaintext
from scripts.reviews_from_csv import Form, NotAReview, reviews, rows_of
from streams.contracts.events import (
    CatalogItem,
    Event,
    Interaction,
    Query,
    Resolution,
    Review,
    SupportTicket,
)
from streams.contracts.fields import MAX_LINE, MAX_TEXT, Money

WHERE = """{path} is missing. The main job reads, from the folder that --data names:
  esci_small/products.jsonl.gz, judgments.jsonl  a part of github.com/amazon-science/esci-data (Apache-2.0)
  womens_clothing/reviews.csv.gz  kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews (CC0 1.0)
  banking77/train.csv, test.csv  github.com/PolyAI-LDN/task-specific-datasets (CC BY 4.0)
  online_retail/transactions.parquet, text  UCI Online Retail, doi 10.24432/C5BW33 (CC BY 4.0)"""

ASKED_BY = 10
"""Users that ask each query."""
START = datetime(2026, 1, 1, tzinfo=UTC)


class PublicShop:
    """Events made from the data sets.

    Args:
        folder: holds them, one folder each.

    Raises:
        FileNotFoundError: one is missing; the message says where to get it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in (
            "esci_small/products.jsonl.gz",
            "esci_small/judgments.jsonl",
            "womens_clothing/reviews.csv.gz",
            "banking77/train.csv",
            "banking77/test.csv",
            "online_retail/transactions.parquet",
            "online_retail/text",
        ):
            if not (folder / name).is_file():
                raise FileNotFoundError(WHERE.format(path=folder / name))

    def catalogue(self) -> Iterator[CatalogItem]:
        """The products that are bought in Online Retail, then those of ESCI."""
        with (self._folder / "online_retail/text").open() as lines:
            for number, (item_id, text) in enumerate(islice(csv.reader(lines, delimiter="\t"), 1, None)):
                yield CatalogItem(
                    id=f"retail-{number}", time=START, product_id=item_id, title=text[:MAX_LINE]
                )
        with gzip.open(self._folder / "esci_small/products.jsonl.gz", "rt") as lines:
            for number, line in enumerate(lines):
                yield _esci_item(number, json.loads(line))

    def queries(self) -> Iterator[Query]:
        """Each judged query, asked by some users."""
        with (self._folder / "esci_small/judgments.jsonl").open() as lines:
            texts = list(dict.fromkeys(json.loads(line)["query"] for line in lines))
        for number in range(ASKED_BY * len(texts)):
            yield Query(
                id=f"query-{number}",
                time=START + timedelta(seconds=number),
                text=Plaintext(texts[number % len(texts)]),
                user_id=str(number % 499),
            )

    def reviews(self) -> Iterator[Review]:
        """All clothing reviews with text."""
        form = Form()
        path = self._folder / "womens_clothing/reviews.csv.gz"
        return (one for one in reviews(rows_of(path, form), form) if not isinstance(one, NotAReview))

    def resolutions(self) -> Iterator[Resolution]:
        """The training part of Banking77: each question with its intent's answer."""
        for number, (text, category) in enumerate(self._banking("train.csv")):
            yield Resolution(
                id=f"resolution-{number}",
                time=START,
                kind="ticket",
                source_id=f"solved-{number}",
                question=Plaintext(text),
                answer=Plaintext(f"Help on: {category.replace('_', ' ')}."),
                tags=[category.lower().replace("?", "")],
                language="en",
            )

    def tickets(self) -> Iterator[SupportTicket]:
        """The test part of Banking77."""
        for number, (text, _) in enumerate(self._banking("test.csv")):
            yield SupportTicket(
                id=f"ticket-{number}",
                time=START + timedelta(seconds=number),
                text=Plaintext(text),
                user_id=str(number % 499),
                language="en",
            )

    def interactions(self) -> Iterator[Interaction]:
        """Every invoice line of Online Retail, a purchase each."""
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(self._transactions)
        number = 0
        for batch in table.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                yield Interaction(
                    id=f"line-{number}",
                    time=row["InvoiceDate"].replace(tzinfo=UTC),
                    kind="purchase",
                    user_id=str(row["user_id"]),
                    product_id=row["item_id"],
                    quantity=min(row["Quantity"], 100_000),
                    price=_money(row["UnitPrice"], "GBP"),
                )
                number += 1

    def known(self) -> dict[str, tuple[int, Iterator[Event]]]:
        """What a shop has before its customers come: events and their number, by input topic."""
        return {
            "catalog": (_count(self.catalogue()), self.catalogue()),
            "resolutions": (_count(self.resolutions()), self.resolutions()),
        }

    def customers(self) -> dict[str, tuple[int, Iterator[Event]]]:
        """What customers do, likewise."""
        import pyarrow.parquet

        lines = pyarrow.parquet.read_metadata(self._transactions).num_rows
        return {
            "queries": (_count(self.queries()), self.queries()),
            "reviews": (_count(self.reviews()), self.reviews()),
            "support-tickets": (_count(self.tickets()), self.tickets()),
            "interactions": (lines, self.interactions()),
        }

    @property
    def _transactions(self) -> Path:
        return self._folder / "online_retail/transactions.parquet"

    def _banking(self, name: str) -> Iterator[tuple[str, str]]:
        with (self._folder / "banking77" / name).open(newline="") as lines:
            for row in csv.DictReader(lines):
                yield row["text"].strip(), row["category"]


def _esci_item(number: int, row: dict[str, object]) -> CatalogItem:
    description = "\n".join(str(row[name]) for name in ("bullet_points", "description") if row.get(name))
    colour = row.get("color")
    categories = row.get("category")
    return CatalogItem(
        id=f"esci-{number}",
        time=START,
        product_id=str(row["asin"]),
        title=_line(row["title"]) or str(row["asin"]),
        description=description[:MAX_TEXT].replace("\0", ""),
        brand=_line(row.get("brand")),
        categories=[line for one in categories[:20] if (line := _line(one))]
        if isinstance(categories, list)
        else [],
        attributes={} if not colour else {"colour": str(colour)[:500]},
        price=_money(row.get("price"), "USD"),
        language="en",
    )


def _count(events: Iterator[Event]) -> int:
    return sum(1 for _ in events)


def _line(value: object) -> str | None:
    """Text on one line, within the contract's bounds."""
    return " ".join(str(value or "").split())[:MAX_LINE] or None


def _money(value: object, currency: str) -> Money | None:
    """An amount, where it is one that the contract allows."""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except ArithmeticError:
        return None
    return Money(amount=amount, currency=currency) if amount >= 0 else None
