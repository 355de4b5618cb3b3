"""Reviews of what shoppers bought."""

from random import Random
from typing import Final

from privacy.plaintext import Plaintext
from streams.contracts.events import Review
from streams.demo.shop.catalogue import GAPS, Ware
from streams.demo.shop.confiding import Told, told
from streams.demo.shop.journeys import Step
from streams.demo.shop.kinds import Language, Mood
from streams.demo.shop.words.opinions import CLOSINGS, CONFIDENCES, OPENINGS, TITLES

CONFIDING_SHARE: Final = 0.08
"""Of the reviews whose author gives personal data away."""
TITLED_SHARE: Final = 0.6
STARS: Final[dict[Mood, tuple[int, ...]]] = {"pleased": (4, 5, 5), "torn": (3, 3, 4), "cross": (1, 1, 2)}
WEARY_BELOW: Final = 0.35
CONTENT_FROM: Final = 0.6
MOOD_SWING: Final = 0.22
"""How far opinions of one product lie apart (standard deviation)."""


def review(step: Step, event_id: str, chance: Random) -> tuple[Review, Told]:
    """A review of the step's product by its shopper, and what its text gives away."""
    who, ware = step.who, step.ware
    mood = _mood(ware, chance)
    language = who.language
    values = _facts(ware, language, chance)
    sentences = ware.kind.words[language].reviews[mood]
    patterns = [
        chance.choice(OPENINGS[language][mood]),
        *chance.sample(sentences, min(len(sentences), chance.choice((1, 2, 2, 3)))),
        chance.choice(CLOSINGS[language][mood]),
    ]
    patterns = [pattern for pattern in patterns if pattern]
    if chance.random() < CONFIDING_SHARE:
        patterns.insert(chance.randint(1, len(patterns)), chance.choice(CONFIDENCES[language]))
    text = told(patterns[0], chance, who, values)
    for pattern in patterns[1:]:
        text = text.then(told(pattern, chance, who, values), GAPS[language])
    titled = chance.random() < TITLED_SHARE
    event = Review(
        id=event_id,
        time=step.time,
        product_id=ware.item.product_id,
        user_id=who.user_id,
        text=Plaintext(text.text),
        title=Plaintext(told(chance.choice(TITLES[language][mood]), chance, who, values).text)
        if titled
        else None,
        rating=chance.choice(STARS[mood]),
        language=language,
    )
    return event, text


def _facts(ware: Ware, language: Language, chance: Random) -> dict[str, str | int]:
    """The product's attributes in the reviewer's language, or some of its kind where its own are in another."""
    if ware.language == language:
        return dict(ware.facts)
    return {name: chance.choice(values) for name, values in ware.kind.words[language].facts.items()}


def _mood(ware: Ware, chance: Random) -> Mood:
    """By the product's merit, and by taste."""
    felt = chance.gauss(ware.merit, MOOD_SWING)
    if felt < WEARY_BELOW:
        return "cross"
    return "pleased" if felt >= CONTENT_FROM else "torn"
