"""What users took one after the other, as trainings of recommendations read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Journey:
    """What a user took, oldest first, and when (Unix seconds, or positions)."""

    user: str
    products: tuple[str, ...]
    times: tuple[float, ...]
