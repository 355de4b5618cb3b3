"""The roles that a release may fill: what their models do, and what is made of one for stages to call."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from models.engine.backend import Task
from models.engine.engine import Engine
from models.engine.model import LoadedModel
from models.pii import TextTagger
from models.registry.checking import tried_heads
from models.reviews import ReviewReader
from models.sources import TERMS_FILE, WeightSource
from models.support.intents import IntentReader
from models.terms import read_terms
from streams.name_tagger import NameTagger
from streams.settings import LANGUAGE, ModelSettings

REVIEWS: Final = "reviews"
TAGGER: Final = "tagger"
INTENT: Final = "intent"
IN_LANGUAGE: Final = f"{REVIEWS}-"
"""Before a language's subtag: `reviews-en` reads what is in English, in place of `reviews`."""
RETRIEVAL: Final = "retrieval"


class ReleaseRefused(Exception):
    """A release that can't be taken; what served goes on. The text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    Attributes:
        name: as releases call it.
        task: what its model does in the engine.
        make: the engine, the model in it and its source to what stages call. Raises ModelError where they don't fit.
    """

    name: str
    task: Task
    make: Callable[[Engine, LoadedModel, WeightSource], Any]


def _review_reader(engine: Engine, model: LoadedModel, source: WeightSource) -> ReviewReader:
    encoder = engine.encoder(model.name)
    terms = read_terms(source.folder / TERMS_FILE)
    return ReviewReader(encoder, tried_heads(encoder, source), terms)


def _name_tagger(engine: Engine, model: LoadedModel, source: WeightSource) -> NameTagger:
    del source
    return NameTagger(TextTagger(engine, model.name))


def _intent_reader(engine: Engine, model: LoadedModel, source: WeightSource) -> IntentReader:
    encoder = engine.encoder(model.name)
    return IntentReader(encoder, tried_heads(encoder, source), read_terms(source.folder / TERMS_FILE))


ROLES: Final[Mapping[str, Role]] = {
    role.name: role
    for role in (
        Role(REVIEWS, "embed", _review_reader),
        Role(TAGGER, "tag", _name_tagger),
        Role(INTENT, "embed", _intent_reader),
    )
}


def sources_of(settings: ModelSettings) -> dict[str, str]:
    """The models that settings name, by role; of those roles that they fill."""
    named = {REVIEWS: settings.reviews, TAGGER: settings.tagger, INTENT: settings.intent}
    named |= {f"{IN_LANGUAGE}{language}": source for language, source in settings.reviews_in.items()}
    return {role: source for role, source in named.items() if source}


def role_named(name: str) -> Role:
    """The role of that name.

    Raises:
        ReleaseRefused: nothing is released into it; the text says what to do instead.
    """
    if name == RETRIEVAL:
        raise ReleaseRefused(
            "another retrieval encoder puts texts into another space, so it needs view topics of its own: set"
            " SHOPSTREAM_MODELS__RETRIEVAL_ENCODER, create the topics and restart the workers, which embed the"
            " catalogue anew"
        )
    if language_of(name):
        return replace(ROLES[REVIEWS], name=name)
    try:
        return ROLES[name]
    except KeyError:
        known = ", ".join((*ROLES, f"{IN_LANGUAGE}en, likewise for other languages"))
        raise ReleaseRefused(f"no role is called {name}; there are: {known}") from None


def language_of(role: str) -> str:
    """The language whose reviews alone are read in a role; empty where it is for all, or for no reviews."""
    language = role.removeprefix(IN_LANGUAGE)
    return language if language != role and re.fullmatch(LANGUAGE, language) else ""


def setting_of(role: str) -> str:
    """The setting that names a role's model."""
    if language := language_of(role):
        return f"SHOPSTREAM_MODELS__REVIEWS_IN__{language.upper()}"
    return f"SHOPSTREAM_MODELS__{role.upper()}"
