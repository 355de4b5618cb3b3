"""All that the shop sells, by department and by kind."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from streams.demo.shop.kinds import Department, Kind
from streams.demo.shop.words.clothing import CLOTHING
from streams.demo.shop.words.electronics import ELECTRONICS
from streams.demo.shop.words.food import FOOD
from streams.demo.shop.words.garden import GARDEN
from streams.demo.shop.words.home import HOME
from streams.demo.shop.words.kitchen import KITCHEN
from streams.demo.shop.words.outdoor import OUTDOOR
from streams.demo.shop.words.pets import PETS

DEPARTMENTS: Final[tuple[Department, ...]] = (
    OUTDOOR,
    CLOTHING,
    FOOD,
    KITCHEN,
    ELECTRONICS,
    PETS,
    HOME,
    GARDEN,
)
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {kind.key: kind for department in DEPARTMENTS for kind in department.kinds}
)
"""By key."""
