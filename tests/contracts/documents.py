"""The examples' documents, changed; and what the codec refuses of them."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from streams.contracts import ContractViolation, Topic, decode
from streams.contracts.examples import example_document

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def refused(topic: Topic[Any], value: bytes | None) -> ContractViolation:
    with pytest.raises(ContractViolation) as caught:
        decode(topic, value, now=NOW)
    return caught.value


def changed(topic: Topic[Any], **fields: object) -> bytes:
    return orjson.dumps(example_document(topic.name) | fields)


def without(topic: Topic[Any], field: str) -> bytes:
    document = example_document(topic.name)
    del document[field]
    return orjson.dumps(document)
