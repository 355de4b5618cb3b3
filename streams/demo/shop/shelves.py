"""The products as shoppers meet them: by kind, by department, the popular ones more often."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final

from streams.demo.shop.catalogue import Ware
from streams.demo.shop.kinds import Language

COMPANION_SHARE: Final = 0.7
"""How often what goes with a product is the very product that goes with it best."""


class Shelves:
    """All products, to draw from.

    Args:
        wares: at least one of each kind.
    """

    def __init__(self, wares: Sequence[Ware]) -> None:
        self.wares = wares
        self.by_kind: Mapping[str, list[Ware]] = _grouped((ware.kind.key, ware) for ware in wares)
        self._by_department = _grouped((ware.department, ware) for ware in wares)

    def popular(self, department: str, chance: Random, language: Language | None = None) -> Ware:
        """A product of a department, of any language or of one; the first ones more often."""
        wares = self._by_department[department]
        return _favouring_first([one for one in wares if language in (None, one.language)], chance)

    def companion(self, ware: Ware, chance: Random) -> Ware | None:
        """What is bought together with a product; None where nothing goes with it."""
        if not ware.kind.goes_with:
            return None
        kind = chance.choice(ware.kind.goes_with)
        others = self.by_kind[kind]
        if chance.random() < COMPANION_SHARE:
            return others[self.by_kind[ware.kind.key].index(ware) % len(others)]
        return _favouring_first(others, chance)


def _favouring_first(wares: Sequence[Ware], chance: Random) -> Ware:
    # The square of a uniform number: a quarter of the products has half of the views.
    return wares[int(len(wares) * chance.random() ** 2)]


def _grouped(pairs: Iterable[tuple[str, Ware]]) -> dict[str, list[Ware]]:
    groups: dict[str, list[Ware]] = {}
    for name, ware in pairs:
        groups.setdefault(name, []).append(ware)
    return groups
