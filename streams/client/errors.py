"""What can go wrong for those who send events and wait for answers.

ClientError
├── NotSetUp       no broker is named, it can't be reached, or a topic is missing: nothing was sent
├── NotDelivered   Kafka did not take an event, or stopped giving results
├── EventRefused   the event became a dead letter, which the error carries
└── NoAnswer       (a TimeoutError, too) no answer came in time

An event that its contract does not allow raises `streams.contracts.ContractViolation` before it is sent.
No message holds event data.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError

from streams.contracts.dead_letters import DeadLetter
from streams.settings import Settings


class ClientError(Exception):
    """Base of all errors of this room."""


class NotSetUp(ClientError):
    """There is no broker, or not what is needed on it; the message says what to do."""


class NotDelivered(ClientError):
    """Kafka did not take an event, or stopped giving results."""


class EventRefused(ClientError):
    """The event was put aside.

    Args:
        letter: its dead letter: reason code, field, and the sealed original.
    """

    def __init__(self, letter: DeadLetter) -> None:
        place = f" at {letter.field}" if letter.field else ""
        super().__init__(f"{letter.reason.value}{place}: {letter.detail} (dead letter {letter.id})")
        self.letter = letter


class NoAnswer(ClientError, TimeoutError):
    """Neither a result nor a dead letter came in time. The event is in Kafka and can still be answered."""


@contextmanager
def reaching(settings: Settings) -> Iterator[None]:
    """Turns failures to connect into `NotSetUp`."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise NotSetUp(
            f"no answer from Kafka at {settings.kafka.bootstrap} ({type(error).__name__}): check that"
            " it runs, and the address and security options in the SHOPSTREAM_KAFKA__… settings"
        ) from error


@contextmanager
def delivering(what: str) -> Iterator[None]:
    """Turns Kafka's failures in running work into `NotDelivered`."""
    try:
        yield
    except KafkaError as error:
        raise NotDelivered(f"{what} ({type(error).__name__}); check the broker and try again") from error
