"""Results as clients read them: what they can't understand is skipped, with a warning."""

import logging
from typing import TypeVar

from aiokafka import ConsumerRecord

from streams.contracts.codec import decode_result
from streams.contracts.results import Written
from streams.contracts.topics import Topic
from streams.contracts.violation import ContractViolation

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Written)


def read_result(topic: Topic[R], record: ConsumerRecord) -> R | None:
    """The result in a record of `topic`, or None if it follows a contract that this client does not know."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    try:
        return decode_result(topic, record.value or b"")
    except ContractViolation as violation:
        log.warning(
            "a result is skipped: it follows no contract that this version knows",
            extra={"place": place, "reason": violation.reason.value, "field": violation.field},
        )
        return None
