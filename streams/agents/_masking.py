"""What results say of how their texts were masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy.guard import Protected
    from streams.contracts.results import ModelRef
    from streams.house import House


class MaskedBy:
    """Which tagger masks a batch.

    To be made right before the guard is asked: it asks the tagger before it first waits, so no release of another
    tagger comes between.
    """

    def __init__(self, house: House) -> None:
        self._tagger = None if house.name_tagger is None else house.name_tagger.current.refs[0]

    def of(self, guarded: Protected) -> ModelRef | None:
        """What an event's result says of it; None where names were not looked for."""
        return self._tagger if guarded.names_sought else None
