"""Where results have sealed originals, and of which event each is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from privacy.envelope import SealedEnvelope
from privacy.guard import WHOLE_EVENT
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.topics import DEAD_LETTERS, EACH_IN_ONE, Topic, inputs
from streams.privacy_rules import written_fields
from streams.settings import Settings

RESULTS: Final[Mapping[str, Topic[Any]]] = MappingProxyType(
    {topic.name: EACH_IN_ONE[topic.name] for topic in inputs() if written_fields(topic)}
)
"""By input topic whose events hold what people wrote, the topic of the results that have it sealed."""

ALL: Final = (*RESULTS.values(), DEAD_LETTERS)
"""Topics with sealed originals."""

_ORIGINS: Final = MappingProxyType({result.name: name for name, result in RESULTS.items()})


@dataclass(frozen=True, slots=True)
class Originals:
    """What is sealed in a result.

    Attributes:
        topic: the input topic of the event; None: of another installation.
        event_id: of the event.
        user: its user's token, where it is known.
        fields: by field of the event; of a dead letter, the whole event.
    """

    topic: str | None
    event_id: str
    user: str | None
    fields: dict[str, SealedEnvelope] = field(default_factory=dict)


def originals_of(settings: Settings, topic: Topic[Any], result: Any) -> Originals:  # noqa: ANN401 - of the topic
    """The sealed originals of a result.

    Args:
        settings: of the installation.
        topic: one of `ALL`.
        result: read from it.
    """
    cause = result.causes[0]
    if isinstance(result, DeadLetter):
        whole = {WHOLE_EVENT: result.sealed} if result.sealed is not None else {}
        return Originals(origin_of(settings, result), cause, result.user, whole)
    return Originals(_ORIGINS[topic.name], cause, result.user, dict(result.sealed))


def origin_of(settings: Settings, letter: DeadLetter) -> str | None:
    """The input topic of a dead letter, by its name in the contracts; None: of another installation."""
    prefix, name = settings.kafka.topic_prefix, letter.origin.topic
    return name.removeprefix(prefix) if name.startswith(prefix) else None
