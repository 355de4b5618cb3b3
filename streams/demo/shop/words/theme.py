"""What a theme of customer support is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.demo.shop.kinds import Language


@dataclass(frozen=True, slots=True)
class Article:
    """A help article: a title, and sentences that are always all there."""

    title: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class Theme:
    """What customers ask about.

    Sentences are patterns (see `grammar`). Their slots are the kinds of personal data of `Shopper.personal`,
    `{order}`, `{item}` (a product) and `{day}` (of the week).

    Attributes:
        key: a slug.
        subjects: of tickets.
        asks: the question, by language.
        tails: personal data that people add to such a question.
        answers: what agents write; empty where only a human can help.
        articles: help, by language; empty where there is none.
        about: departments of the products that it is about; empty: any.
    """

    key: str
    subjects: Mapping[Language, Sequence[str]]
    asks: Mapping[Language, Sequence[str]]
    tails: Mapping[Language, Sequence[str]]
    answers: Mapping[Language, Sequence[str]]
    articles: Mapping[Language, Article]
    about: Sequence[str] = ()
