"""Which model made something: name, version and the content of its weights."""

from typing import NamedTuple


class ModelIdentity(NamedTuple):
    """Name, version and SHA-256 (hex) of a model's weights.

    Two models with equal digests are the same; names and versions are for people.
    """

    id: str
    version: str
    digest: str
