"""Made-up names, addresses, places and organisations of many countries, for the slots of a template.

None of them is anybody's. Pools are made once, since Faker takes its time; examples draw from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.training.pii_chance import Chance, words
from models.training.pii_pools import POOL, Pool, pool_of, real_cities
from models.training.pii_text import Value
from models.training.pii_values_zh import chinese_values

_BY_WEIGHT = {
    26: words("en_US"),
    12: words("en_IN"),
    8: words("en_GB"),
    3: words("en_CA en_AU de_DE fr_FR"),
    2: words(
        "en_NZ en_IE en_PH en_PK es_ES es_MX it_IT nl_NL pl_PL sv_SE da_DK fi_FI pt_BR cs_CZ hu_HU el_GR ru_RU"
    ),
    1: words(
        "en_NG de_AT de_CH fr_CA no_NO is_IS pt_PT tr_TR sk_SK ro_RO hr_HR sl_SI et_EE lt_LT uk_UA id_ID vi_VN",
        "ja_JP",
    ),
}
"""Languages and countries by how often they come up, in hundredths or so."""
_OFTEN = 6
"""Weight from which on a country gets a pool of more values."""

KIND_OF_SLOT = {
    "person": "PERSON",
    "first": "PERSON",
    "last": "PERSON",
    "address": "ADDRESS",
    "street": "ADDRESS",
    "unit": "ADDRESS",
    "number": "ADDRESS",
    "city": "PLACE",
    "country": "PLACE",
    "state": "PLACE",
    "zip": "PLACE",
    "company": "ORGANISATION",
}
"""What each slot's value is; slots that are not here are no concern of the tagger."""


class Values:
    """Draws values; those of one example are of one country.

    Args:
        seed: of everything that is made up.
    """

    def __init__(self, seed: int) -> None:
        weights = {name: weight for weight, names in _BY_WEIGHT.items() for name in names}
        self._locales, self._weights = list(weights), list(weights.values())
        self._pools = {
            name: pool_of(name, seed, POOL * (4 if weight >= _OFTEN else 1))
            for name, weight in weights.items()
        }
        self._chinese = Pool(chinese_values(seed))
        self._cities = real_cities(seed)

    def latin(self, random_: Chance) -> "Filler":
        """Values of one country where the language is not Chinese."""
        pool = self._pools[random_.choices(self._locales, self._weights)[0]]
        return Filler(pool, self._pools["en_US"], self._cities, random_)

    def chinese(self, random_: Chance) -> "Filler":
        """Chinese values."""
        return Filler(self._chinese, self._chinese, self._chinese.values["city"], random_)


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills the slots of one example."""

    pool: Pool
    otherwise: Pool
    cities: Sequence[str]
    random: Chance

    def value(self, slot: str) -> Value | None:
        """What a slot is filled with; None for slots that are not known."""
        if slot == "city" and self.random.happens(0.4):
            return Value(self.random.choice(self.cities), "PLACE")
        pool = self.otherwise if slot == "country" and self.random.happens(0.7) else self.pool
        text = pool.draw(slot, self.random) or self.otherwise.draw(slot, self.random)
        if text is None:
            return None
        return Value(text, KIND_OF_SLOT.get(slot))
