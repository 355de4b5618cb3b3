"""What is asked of search and what it answers."""

from dataclasses import dataclass, field

from models.ranking import Ranked
from models.recommend.history import History
from models.search.filters import Filters


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    Attributes:
        text: what the user wrote, masked.
        limit: most products to give.
        filters: what they must satisfy.
        history: what is known of the user; None ranks for everybody alike.
        now: the time of the search, Unix seconds, from which the history's age counts.
    """

    text: str
    limit: int = 10
    filters: Filters = field(default_factory=Filters)
    history: History | None = None
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Products, best first.

    Attributes:
        items: at most as many as asked for; `parts` are `lexical`, `vector`, `personal`, and `code` where the query
            names the product.
        found: how many of the retrieved products satisfied the filters; not the number of all that would.
        read_as: the text with words put right that no product has; None where nothing was.
    """

    items: tuple[Ranked, ...] = ()
    found: int = 0
    read_as: str | None = None
