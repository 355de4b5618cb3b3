"""A text and what somebody marked in it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Annotation:
    """One entity: code points `start` to `end` (exclusive), and the data set's own label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text and the entities in it; the template that it was made from, where the data names one."""

    text: str = field(repr=False)
    annotations: tuple[Annotation, ...]
    template: object = None
