"""Policy and detector as the settings say; every mistake in them is told, each with its setting."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

from privacy.detect.detector import Detector
from privacy.detect.own import OwnPattern, OwnRecognizer, PatternError
from privacy.detect.table import DEFAULT
from privacy.errors import PrivacyError
from privacy.plaintext import Plaintext
from privacy.policy import (
    DEFAULT_POLICY,
    EVERYTHING_SEALED,
    NAMES,
    STRUCTURED,
    AllowList,
    FieldRule,
    Original,
    Policy,
    Treatment,
)
from streams.contracts.topics import Topic, inputs
from streams.settings import FieldSettings, PatternSettings, PrivacySettings, Settings


class RulesError(PrivacyError):
    """The privacy settings can't be used; a line for each mistake, beginning with the setting."""


def written_fields(topic: Topic[Any]) -> tuple[str, ...]:
    """The fields of a topic's events that hold what people wrote."""
    fields = topic.model.model_fields.items()
    return tuple(name for name, info in fields if _holds_plaintext(info.annotation))


def policy_of(settings: Settings) -> Policy:
    """The policy that the settings describe; without any, the default one.

    Raises:
        RulesError: they name topics, fields or kinds that are not there.
    """
    given = settings.privacy
    mistakes = list(_mistakes(given))
    if mistakes:
        raise RulesError("\n".join(mistakes))
    structured = STRUCTURED | {pattern.label for pattern in given.patterns}
    topics = {name: _widened(rule, structured) for name, rule in DEFAULT_POLICY.topics.items()}
    for name, changes in given.topics.items():
        topics[name] = _changed(topics.get(name, EVERYTHING_SEALED), changes, structured)
    fields = {}
    for path, changes in given.fields.items():
        topic, name = path.split(".")
        fields[topic, name] = _changed(topics.get(topic, EVERYTHING_SEALED), changes, structured)
    return Policy(fields, topics, AllowList(given.allow))


def detector_of(settings: Settings) -> Detector:
    """The detector that the settings describe: their patterns and thresholds beside those that ship.

    Raises:
        RulesError: a pattern can't be used, or a threshold is for no kind, or not in 0..1.
    """
    given = settings.privacy
    mistakes = list(_mistakes(given))
    if mistakes:
        raise RulesError("\n".join(mistakes))
    own = [OwnRecognizer(_own(pattern)) for pattern in given.patterns]
    thresholds = {label.upper(): value for label, value in given.thresholds.items()}
    return Detector([*DEFAULT, *own], thresholds=thresholds)


def _changed(rule: FieldRule, changes: FieldSettings, structured: frozenset[str]) -> FieldRule:
    """`rule` with what is set of `changes`."""
    if changes.treatment is not None:
        rule = replace(rule, treatment=Treatment(changes.treatment))
    if changes.original is not None:
        rule = replace(rule, original=Original(changes.original))
    if changes.keep_terms is not None:
        rule = replace(rule, keep_terms=changes.keep_terms)
    if changes.kinds is not None:
        rule = replace(rule, kinds=_kinds(changes.kinds, structured))
    return rule


def _kinds(given: str | tuple[str, ...], structured: frozenset[str]) -> frozenset[str] | None:
    if isinstance(given, tuple):
        return frozenset(label.upper() for label in given)
    return structured if given == "structured" else None


def _widened(rule: FieldRule, structured: frozenset[str]) -> FieldRule:
    """A default rule for structured kinds counts those of the shop's own patterns, too."""
    return replace(rule, kinds=structured) if rule.kinds == STRUCTURED else rule


def _mistakes(given: PrivacySettings) -> Iterator[str]:
    kinds = STRUCTURED | NAMES | {pattern.label for pattern in given.patterns}
    yield from _misplaced(given)
    named = {f"privacy.topics.{name}": rule for name, rule in given.topics.items()}
    named |= {f'privacy.fields."{path}"': rule for path, rule in given.fields.items()}
    for setting, rule in named.items():
        for label in rule.kinds if isinstance(rule.kinds, tuple) else ():
            if label.upper() not in kinds:
                yield f"{setting}.kinds: no kind {label!r}; there are {_listed(kinds)}"
    for label, value in given.thresholds.items():
        if label.upper() not in kinds:
            yield f"privacy.thresholds.{label}: no such kind; there are {_listed(kinds)}"
        if not 0 <= value <= 1:
            yield f"privacy.thresholds.{label}: {value} is not in 0..1"
    for number, pattern in enumerate(given.patterns):
        try:
            OwnRecognizer(_own(pattern))
        except PatternError as error:
            yield f"privacy.patterns[{number}]: {error}"
    if not all(term.strip() for term in given.allow):
        yield "privacy.allow: a term is empty; leave it out"


def _misplaced(given: PrivacySettings) -> Iterator[str]:
    """Rules for topics and fields that are not there."""
    topics = {topic.name: names for topic in inputs() if (names := written_fields(topic))}
    for name in given.topics:
        if name not in topics:
            yield f"privacy.topics.{name}: no such topic, or none with texts; there are {_listed(topics)}"
    for path in given.fields:
        topic, _, name = path.partition(".")
        if topic not in topics:
            yield (
                f'privacy.fields."{path}": not TOPIC.FIELD of a topic with texts; there are {_listed(topics)}'
            )
        elif name not in topics[topic]:
            yield f'privacy.fields."{path}": no such field of text; {topic} has {_listed(topics[topic])}'


def _own(pattern: PatternSettings) -> OwnPattern:
    return OwnPattern(pattern.label, pattern.regex, pattern.context, pattern.score, pattern.checksum)


def _holds_plaintext(annotation: object) -> bool:
    return annotation is Plaintext or any(map(_holds_plaintext, get_args(annotation)))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
