"""The count equation of an input topic: every record is in one result, in one dead letter, or is a resend.

    balance = await count(settings, REVIEWS)
    assert balance.holds, balance

counts a whole topic; a `Scope` counts what one producer sent since some moment. The topic has to be at rest:
what is sent or answered while it is counted may look lost or strange.
"""

from streams.counting.equation import Scope, count, event_id_of, place_of
from streams.counting.lag import Lag, Measure, lags
from streams.counting.ledger import Balance, Ledger, Place
from streams.counting.reading import Offsets, at_rest, committed_records, end_offsets

__all__ = [
    "Balance",
    "Lag",
    "Ledger",
    "Measure",
    "Offsets",
    "Place",
    "Scope",
    "at_rest",
    "committed_records",
    "count",
    "end_offsets",
    "event_id_of",
    "lags",
    "place_of",
]
