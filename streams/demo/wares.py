"""What the demo's shop sells, and what people say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Mood = Literal["pleased", "torn", "cross"]


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of product.

    Attributes:
        products: their names; each is one product.
        said: sentences about a product of this kind, by mood; `{product}` stands for its name.
    """

    products: Sequence[str]
    said: Mapping[Mood, Sequence[str]]


CATEGORIES: Final = MappingProxyType(
    {
        "footwear": Category(
            ("Fell walking boot", "Harbour sneaker", "Alder clog", "Tarn trail shoe", "Ember slipper"),
            {
                "pleased": (
                    "The {product} kept my feet dry through a whole week of rain.",
                    "No blisters, not even on the first long walk.",
                    "The sole grips wet rock better than any pair I had before.",
                ),
                "torn": (
                    "The {product} is comfortable, but half a size too large.",
                    "Good leather, though the laces are too short for the upper hooks.",
                    "They need two weeks of breaking in before they feel right.",
                ),
                "cross": (
                    "The seam of the {product} split after nine days.",
                    "My heels were raw after an hour.",
                    "Water came in at the toe on the very first puddle.",
                ),
            },
        ),
        "kitchen": Category(
            ("Copper kettle", "Granite mortar", "Loaf tin set", "Pour-over stand", "Bread knife no. 4"),
            {
                "pleased": (
                    "The {product} makes breakfast the best part of my day.",
                    "Heavy, well balanced and very easy to clean.",
                    "It looks as good on the shelf as it works on the stove.",
                ),
                "torn": (
                    "The {product} does its job, nothing more.",
                    "Solid work, but the handle gets warmer than I would like.",
                    "Nice to use, awkward to store.",
                ),
                "cross": (
                    "The {product} arrived with a dent and a scratched lid.",
                    "It rusted within a month although I dried it every time.",
                    "The coating came off into the food, which is disgusting.",
                ),
            },
        ),
        "audio": Category(
            ("Lark earpiece", "Bittern speaker", "Wren radio", "Heron headset", "Owl turntable"),
            {
                "pleased": (
                    "The {product} sounds warm and clear, even when it is turned up.",
                    "I hear details in old records that I never noticed.",
                    "The battery lasts for days, and pairing took a second.",
                ),
                "torn": (
                    "Fine sound, but the {product} loses the connection in the kitchen.",
                    "Good for speech, a little thin for music.",
                    "The sound is pleasant, the app is not.",
                ),
                "cross": (
                    "One side of the {product} went silent in the second week.",
                    "It hums so loudly that I can't use it at night.",
                    "Awful sound, like a tin can on a string.",
                ),
            },
        ),
        "clothing": Category(
            ("Linen shirt", "Merino jumper", "Rain cape", "Corduroy skirt", "Sunday dress"),
            {
                "pleased": (
                    "The {product} fits perfectly and is wonderfully soft.",
                    "The colour is even lovelier than in the pictures.",
                    "I get compliments every time I wear it.",
                ),
                "torn": (
                    "The {product} is pretty, but the fabric is thinner than I expected.",
                    "It runs large; I would order a size down.",
                    "Nice cut, but the sleeves are too long for me.",
                ),
                "cross": (
                    "The {product} shrank two sizes in a cold wash.",
                    "The fabric is scratchy and looks cheap.",
                    "The zip broke the first time I closed it, so it went straight back.",
                ),
            },
        ),
        "garden": Category(
            ("Folding trowel", "Cedar planter", "Rain gauge", "Hose reel", "Herb seed box"),
            {
                "pleased": (
                    "The {product} survived a hard winter outdoors and looks like new.",
                    "Everything I planted came up within ten days.",
                    "Simple, sturdy and a joy to use.",
                ),
                "torn": (
                    "The {product} is all right for a balcony, small for a garden.",
                    "Useful, although the instructions left me guessing.",
                    "It works, once the screws are tightened every week.",
                ),
                "cross": (
                    "The {product} cracked in the first frost.",
                    "Half of the parts were missing, and so was the manual.",
                    "It leaks at every joint; my shoes were soaked.",
                ),
            },
        ),
    }
)

OPENINGS: Final[Mapping[Mood, Sequence[str]]] = {
    "pleased": (
        "I love it.",
        "Exactly what I was looking for!",
        "Bought it for my sister and then another one for me.",
        "Best purchase of the year so far.",
        "",
    ),
    "torn": (
        "I have mixed feelings about this one.",
        "It is okay.",
        "Not bad, not great.",
        "I wanted to like it more than I do.",
        "",
    ),
    "cross": (
        "What a disappointment.",
        "Save your money.",
        "I rarely complain, but this is bad.",
        "Never again.",
        "",
    ),
}

CLOSINGS: Final[Mapping[Mood, Sequence[str]]] = {
    "pleased": (
        "I would buy it again without thinking twice.",
        "Delivery was quick, too.",
        "Highly recommended.",
        "Worth every penny.",
        "",
    ),
    "torn": (
        "For the price I expected a little more.",
        "I am keeping it, but I would not buy it twice.",
        "Perhaps the next version gets it right.",
        "Three stars seem fair.",
        "",
    ),
    "cross": (
        "I want my money back.",
        "It is on its way back to you.",
        "I would give no stars if I could.",
        "Nobody answered my two messages either.",
        "",
    ),
}

TITLES: Final[Mapping[Mood, Sequence[str]]] = {
    "pleased": ("Wonderful", "A keeper", "Better than hoped", "So happy with this"),
    "torn": ("Fine, with buts", "Almost", "It does the job", "Average"),
    "cross": ("Broken in no time", "Poor", "Not as described", "Do not buy"),
}
