"""Users' histories with the product that came next, as tables with one row a user."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from models.catalogue.product import Product
from models.evaluation.errors import EvaluationDataError

TRAIN = "train"
HELD_OUT_OF = 4

WHERE_TO_GET_DATA = (
    "The folder needs train.inter and SPLIT.inter (user_id, item_id_list, item_id), item2index (item_id, index) and"
    " text (item_id, text), separated by tabs, with one header line in .inter and text. Shopstream's figures are for"
    " UCI Online Retail, doi 10.24432/C5BW33, CC BY 4.0"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One user.

    Attributes:
        user: their id.
        history: product ids, oldest first.
        target: the product that came next.
        times: of the history, Unix seconds; none where positions stand for them.
    """

    user: str
    history: tuple[str, ...]
    target: str
    times: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RecommendData:
    """What to learn from, and what to foretell.

    Attributes:
        products: the catalogue, with titles only.
        known: each user's products, oldest first.
        judged: whose next product is to be foretold; it is in none of `known`.
        held_out: whether `judged` is a part of the training rows, chosen by the user's hash.
    """

    products: tuple[Product, ...]
    known: tuple[tuple[str, tuple[str, ...]], ...]
    judged: tuple[Row, ...]
    held_out: bool


def read_recommend(folder: Path, split: str) -> RecommendData:
    """Read a folder.

    Args:
        folder: see `WHERE_TO_GET_DATA`.
        split: what to judge on. Other than `train`, `SPLIT.inter`, and known are the train rows with their targets.
            `train` is for choosing weights: the users whose SHA-256 is divisible by 4 are judged on their train rows,
            and known are all train rows, without the targets of those.

    Raises:
        EvaluationDataError: a file can't be read or a line is not as it should be; it says which.
    """
    products, ids = _products(folder)
    train = _rows(folder / f"{TRAIN}.inter", ids)
    held_out = split == TRAIN
    judged = (
        [row for row in train if is_held_out(row.user)] if held_out else _rows(folder / f"{split}.inter", ids)
    )
    if not judged:
        raise EvaluationDataError(f"{folder} has no user to judge on")
    hidden = {row.user for row in judged} if held_out else set()
    return RecommendData(
        products=tuple(products),
        known=tuple(
            (row.user, row.history if row.user in hidden else (*row.history, row.target)) for row in train
        ),
        judged=tuple(judged),
        held_out=held_out,
    )


def is_held_out(user: str) -> bool:
    """Whether a user is among the quarter, by a hash, whose last product is kept out of what is learned from."""
    return int.from_bytes(sha256(user.encode("utf-8", "surrogatepass")).digest()) % HELD_OUT_OF == 0


def _products(folder: Path) -> tuple[list[Product], dict[str, str]]:
    """The catalogue, and product ids by the index that the rows use."""
    indices = {item: index for item, index in _lines(folder / "item2index", 2, header=False)}  # noqa: C416 - typed
    texts = {item: text for item, text in _lines(folder / "text", 2, header=True)}  # noqa: C416 - likewise
    without = next((item for item in indices if item not in texts), None)
    if without is not None:
        raise EvaluationDataError(f"{folder / 'text'} has no text of {without!r}, which item2index names")
    products = [Product(id=item, title=texts[item], updated=0.0) for item in indices]
    return products, {index: item for item, index in indices.items()}


def _rows(path: Path, ids: dict[str, str]) -> list[Row]:
    def product_id(index: str) -> str:
        if index not in ids:
            raise EvaluationDataError(f"{path} has the item {index!r}, which item2index lacks")
        return ids[index]

    rows = [
        Row(user, tuple(product_id(index) for index in history.split()), product_id(target))
        for user, history, target in _lines(path, 3, header=True)
    ]
    if not rows:
        raise EvaluationDataError(f"{path} has no rows")
    return rows


def _lines(path: Path, columns: int, *, header: bool) -> Iterator[tuple[str, ...]]:
    """The fields of each line; the last may hold tabs."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationDataError(f"can't read {path}: {error}") from error
    for number, line in enumerate(lines, 1):
        fields = tuple(line.split("\t", columns - 1))
        if number == 1 and header:
            continue
        if len(fields) != columns:
            raise EvaluationDataError(f"{path}, line {number}: not {columns} fields separated by tabs")
        yield fields
