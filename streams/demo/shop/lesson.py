"""A theme that no article knows, and the answer from which the service learns it."""

from datetime import datetime
from typing import Final, NamedTuple

from privacy.plaintext import Plaintext
from streams.contracts.events import Resolution, SupportTicket

QUESTION: Final = "Can you engrave a name on the blade of a kitchen knife? It is a wedding present."
ANSWER: Final = (
    "Yes, we engrave kitchen knives and pans. Write the words, up to 20 letters, into the field Engraving when you "
    "put the product into the cart. It costs 8 euros and takes three more days; engraved products can't be returned."
)
SIMILAR: Final = (
    "I would like my father's initials engraved on a knife. Do you do engravings, and what do they cost?"
)


class Lesson(NamedTuple):
    """Events in the order in which they are to be sent.

    Attributes:
        before: a ticket that nothing known answers.
        resolution: an agent's answer to it.
        after: another customer's ticket on the same theme.
    """

    before: SupportTicket
    resolution: Resolution
    after: SupportTicket


def lesson(run: str, moment: datetime) -> Lesson:
    """The lesson of a run: all three at one moment of event time."""
    before = SupportTicket(
        id=f"{run}-lesson-1",
        time=moment,
        subject=Plaintext("Engraving"),
        text=Plaintext(QUESTION),
        channel="email",
        language="en",
    )
    resolution = Resolution(
        id=f"{run}-lesson-2",
        time=moment,
        kind="ticket",
        source_id=before.id,
        question=Plaintext(QUESTION),
        answer=Plaintext(ANSWER),
        language="en",
        tags=["engraving"],
    )
    after = SupportTicket(
        id=f"{run}-lesson-3", time=moment, text=Plaintext(SIMILAR), channel="chat", language="en"
    )
    return Lesson(before, resolution, after)
