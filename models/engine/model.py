"""A loaded model: what tokenises for it, what runs it, and which one it is."""

from dataclasses import dataclass, field

from models.engine.backend import Backend, Task
from models.engine.tokenising import Tokeniser
from models.identity import ModelIdentity


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """One model, ready to run.

    Attributes:
        name: what callers call it: `reviews`, `retrieval`.
        task: what it does.
        identity: name, version and digest of the weights.
        tokeniser: texts to rows.
        backend: rows to outputs; whoever has the model closes it.
        width: numbers in one output: the vector's width, or the number of classes; 0 for `generate`.
        labels: names of the classes, for `classify` and `tag`.
        outside: added to a token's logit of `O` in the number format that it runs in, for `tag`.
        vector_id: what its vectors depend on besides weights and texts: tokenizer, pooling, backend, conversion.
        notes: what a start-up line says besides: why this backend, what was given up and why.
    """

    name: str
    task: Task
    identity: ModelIdentity
    tokeniser: Tokeniser
    backend: Backend
    width: int
    labels: tuple[str, ...] = ()
    outside: float = 0.0
    vector_id: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def runs_on(self) -> str:
        """Backend, device and format, for a start-up line: `openvino cpu int8`."""
        return f"{self.backend.name} {self.backend.device} {self.backend.precision}"
