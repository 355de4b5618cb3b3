"""A model of transformers with all that a task needs inside: token types, pooling, length 1."""

from typing import TYPE_CHECKING

from models.engine.backend import Task
from models.engine.folder import EncoderFacts

if TYPE_CHECKING:
    import torch


def wrapped(model: "torch.nn.Module", facts: EncoderFacts, task: Task) -> "torch.nn.Module":
    """A module of tensors only, which can be exported.

    Args:
        model: see `models.engine.backends.torch_loading.load_module`.
        facts: pooling, and whether the model has token types.
        task: all but `generate`.

    Returns:
        Its arguments are ids, mask and, for `score` where the model has token types, these; all int64 [rows, tokens].
        For other tasks all tokens are of the first type.
    """
    import torch

    class Wrapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self, ids: "torch.Tensor", mask: "torch.Tensor", types: "torch.Tensor | None" = None
        ) -> "torch.Tensor":
            asked = {"input_ids": ids, "attention_mask": mask}
            if facts.token_types:
                asked["token_type_ids"] = torch.zeros_like(ids) if types is None else types
            output = self.model(**asked)
            if task != "embed":
                logits: torch.Tensor = output.logits
                return logits
            hidden: torch.Tensor = output.last_hidden_state
            if facts.pooling == "cls":
                pooled = hidden[:, 0]
            else:
                weights = mask.unsqueeze(-1).to(hidden.dtype)
                pooled = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
            return torch.nn.functional.normalize(pooled, dim=1)

    return Wrapped().eval()
