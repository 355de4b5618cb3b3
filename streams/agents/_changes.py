"""What agents tell about users: one change for each event that a known user caused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.contracts.ids import result_id
from streams.contracts.records import UserChange
from streams.contracts.topics import USER_CHANGES

if TYPE_CHECKING:
    from streams.contracts.events import Event
    from streams.contracts.topics import Topic


def change(topic: Topic[Any], event: Event, *, user: str, kind: str, **told: Any) -> UserChange:
    """The change that an event of an input topic tells.

    Its id names the topic as well, because event ids are unique within a topic only.

    Args:
        topic: the input topic.
        event: of that topic.
        user: the user's token.
        kind: one of the contract's.
        told: further fields of the contract.
    """
    return UserChange(
        id=result_id(USER_CHANGES.name, [f"{topic.name}/{event.id}"]),
        causes=[event.id],
        time=event.time,
        user=user,
        kind=kind,  # type: ignore[arg-type]  # validated here
        **told,
    )
