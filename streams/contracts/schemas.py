"""JSON Schema (2020-12) of every topic's value, for producers and consumers in any language.

A schema says what is accepted: defaults may be left out, unknown fields may be there. What it can't say is in
the codec's documentation (NUL, time ahead of the clock, other major versions, what is in sealed texts).
"""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from streams.contracts.events import CONTRACT
from streams.contracts.topics import TOPICS, Topic

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(topic: Topic[Any]) -> dict[str, Any]:
    """Return the JSON Schema of the values of ``topic``, whole in itself."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:shopstream:contract:{topic.name}:{CONTRACT}",
        **topic.model.model_json_schema(mode="validation"),
    }


def shared_schemas(reference: str) -> dict[str, Any]:
    """Return the schemas of all topics' values and their parts by name.

    Args:
        reference: how to refer to a schema, e.g. ``#/components/schemas/{model}``.
    """
    models = [(topic.model, "validation") for topic in TOPICS.values()]
    _, document = models_json_schema(models, ref_template=reference)  # type: ignore[arg-type] # a literal in a tuple
    schemas: dict[str, Any] = document["$defs"]
    return schemas
