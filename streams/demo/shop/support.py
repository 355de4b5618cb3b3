"""Tickets, earlier tickets with their answers, and help articles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from random import Random
from typing import Final, Literal

from privacy.plaintext import Plaintext
from streams.contracts.events import Resolution, SupportTicket
from streams.demo.shop.catalogue import GAPS, SHOP
from streams.demo.shop.confiding import Told, told
from streams.demo.shop.kinds import LANGUAGES, Language
from streams.demo.shop.personal import digits
from streams.demo.shop.shelves import Shelves
from streams.demo.shop.shoppers import Shopper
from streams.demo.shop.words.account import ACCOUNT, UNANSWERED
from streams.demo.shop.words.letters import DAYS, GREETINGS, SALUTATIONS, SIGNATURES
from streams.demo.shop.words.orders import ORDERS
from streams.demo.shop.words.returns import RETURNS
from streams.demo.shop.words.theme import Theme

THEMES: Final[tuple[Theme, ...]] = (*ORDERS, *RETURNS, *ACCOUNT)
"""Those with answers."""
UNANSWERED_SHARE: Final = 0.12
TELLING_SHARE: Final = 0.75
"""Of the tickets with personal data in them."""
OLD_TELLING_SHARE: Final = 0.25
"""Of the earlier tickets."""
GREETING_SHARE: Final = 0.5
SIGNING_SHARE: Final = 0.4
ADDRESSED_SHARE: Final = 0.1
"""Of the earlier answers that call the customer by name."""
SUBJECT_SHARE: Final = 0.7
ORDER_SHARE: Final = 0.4
BREAKS: Final[Mapping[Language, str]] = {"en": "\n", "zh": ""}
"""After a greeting."""
CHANNELS: Final = ("email", "email", "chat", "form")


@dataclass(frozen=True, slots=True)
class Asked:
    """A ticket, and what should become of it.

    Attributes:
        theme: its key.
        expects: whether an article or an earlier answer helps.
        told: its text and what that gives away, the subject's included.
    """

    event: SupportTicket
    theme: str
    expects: Literal["answer", "handoff"]
    told: Told


def asked(event_id: str, moment: datetime, who: Shopper, shelves: Shelves, chance: Random) -> Asked:
    """A ticket of a shopper, on any theme."""
    lost = chance.random() < UNANSWERED_SHARE
    theme = chance.choice(UNANSWERED if lost else THEMES)
    language = who.language
    values = _values(theme, who, shelves, chance)
    text = told(chance.choice(theme.asks[language]), chance, who, values)
    if chance.random() < GREETING_SHARE:
        text = told(chance.choice(GREETINGS[language]), chance, who, values).then(text, BREAKS[language])
    if chance.random() < TELLING_SHARE:
        text = text.then(told(chance.choice(theme.tails[language]), chance, who, values), GAPS[language])
    if chance.random() < SIGNING_SHARE:
        text = text.then(told(chance.choice(SIGNATURES[language]), chance, who, values), "\n")
    subject = None
    if chance.random() < SUBJECT_SHARE:
        subject = told(chance.choice(theme.subjects[language]), chance, who, values).text
    event = SupportTicket(
        id=event_id,
        time=moment,
        text=Plaintext(text.text),
        subject=None if subject is None else Plaintext(subject),
        user_id=who.user_id,
        channel=chance.choice(CHANNELS),
        language=language,
        order_id=values["order"] if chance.random() < ORDER_SHARE else None,
        product_id=values["product_id"] if values["item"].lower() in text.text.lower() else None,
    )
    return Asked(event, theme.key, "handoff" if lost else "answer", text)


def articles(run: str, moment: datetime) -> Iterator[Resolution]:
    """All help articles, in both languages."""
    for theme in THEMES:
        for language, article in theme.articles.items():
            source_id = f"article-{theme.key}-{language}"
            yield Resolution(
                id=f"{run}-{source_id}",
                time=moment,
                kind="article",
                source_id=source_id,
                title=Plaintext(article.title),
                answer=Plaintext(GAPS[language].join(article.sentences)),
                url=f"{SHOP}/{language}/help/{theme.key.replace('_', '-')}",
                language=language,
                tags=[theme.key],
            )


def earlier(
    count: int, run: str, moment: datetime, crowd: list[Shopper], shelves: Shelves, chance: Random
) -> Iterator[tuple[Resolution, Told]]:
    """That many answered tickets, evenly over the themes, with what their texts give away."""
    by_language = {language: [one for one in crowd if one.language == language] for language in LANGUAGES}
    turns: list[tuple[Theme, Language]] = [
        (theme, language) for language in ("en", "zh", "en") for theme in THEMES
    ]  # two of three in English
    for number, (theme, language) in enumerate(islice(cycle(turns), count)):
        who = chance.choice(by_language[language])
        values = _values(theme, who, shelves, chance)
        question = told(chance.choice(theme.asks[language]), chance, who, values)
        if chance.random() < OLD_TELLING_SHARE:
            question = question.then(
                told(chance.choice(theme.tails[language]), chance, who, values), GAPS[language]
            )
        answer = told(chance.choice(theme.answers[language]), chance, who, values)
        if chance.random() < ADDRESSED_SHARE:
            answer = told(SALUTATIONS[language], chance, who, values).then(answer, BREAKS[language])
        source_id = f"ticket-{number:05d}"
        resolution = Resolution(
            id=f"{run}-{source_id}",
            time=moment,
            kind="ticket",
            source_id=source_id,
            question=Plaintext(question.text),
            answer=Plaintext(answer.text),
            user_id=who.user_id,
            language=language,
            tags=[theme.key],
        )
        yield resolution, question.then(answer)


def _values(theme: Theme, who: Shopper, shelves: Shelves, chance: Random) -> dict[str, str]:
    """What tickets are about: an order, a product, a day."""
    ware = shelves.popular(chance.choice(theme.about or who.interests), chance, who.language)
    return {
        "order": f"A-{digits(5, chance)}",
        "item": f"the {ware.short}" if who.language == "en" else ware.short,
        "product_id": ware.item.product_id,
        "day": chance.choice(DAYS[who.language]),
    }
