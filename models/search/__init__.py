"""Search in the catalogue: words and meaning, filters, taste, reasons. Loads no torch."""

from models.search.filters import Filters
from models.search.options import SearchOptions
from models.search.request import SearchAnswer, SearchRequest
from models.search.searcher import Searcher

__all__ = ["Filters", "SearchAnswer", "SearchOptions", "SearchRequest", "Searcher"]
