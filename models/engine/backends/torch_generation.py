"""Text to text by greedy decoding: the likeliest next token, until the model ends or the bound is reached."""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from models.engine.backend import Output, Row
from models.engine.folder import MOST_NEW_TOKENS, EncoderFacts

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig


def set_greedy(module: "torch.nn.Module") -> None:
    """Have a model decode greedily, one answer a text, whatever its folder says of sampling, beams and lengths.

    What the folder says of repetition and of its special tokens holds. Set once, in the model itself: settings that are
    handed to transformers with a call have their gaps filled from the model's.
    """
    from transformers import GenerationConfig

    settings = copy.deepcopy(_settings(module))
    plain = GenerationConfig()
    for field in (
        *("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"),
        *("early_stopping", "length_penalty", "num_return_sequences", "max_length"),
    ):
        setattr(settings, field, getattr(plain, field, None))
    settings.do_sample = False
    settings.num_beams = 1
    settings.max_new_tokens = MOST_NEW_TOKENS
    if settings.pad_token_id is None:  # answers that end early are filled up with it, and cut again
        settings.pad_token_id = next(iter(_ends(settings)), 0)
    module.generation_config = settings  # type: ignore[assignment] # see _settings


def generate(module: "torch.nn.Module", rows: Sequence[Row], facts: EncoderFacts) -> list[Output]:
    """Answer a batch where the module lies, and wait for it.

    Args:
        module: a causal model, or one of sequence to sequence, after `set_greedy`.
        rows: the texts.
        facts: the padding token.

    Returns:
        For each row the ids of its new tokens, int64, without the one that ends them. At most `MOST_NEW_TOKENS`, and
        for a causal model at most what its window has left beside the batch's longest text.
    """
    import torch

    config = module.config  # every model of transformers has one
    encoder_decoder = bool(getattr(config, "is_encoder_decoder", False))
    longest = max(len(row.ids) for row in rows)
    padding = [[facts.pad_id] * (longest - len(row.ids)) for row in rows]
    device = next(module.parameters()).device
    # A causal model's answer has to follow its text directly; an encoder counts positions from the first token.
    padded = [
        row.ids + missing if encoder_decoder else missing + row.ids
        for row, missing in zip(rows, padding, strict=True)
    ]
    seen = [[1] * len(row.ids) + [0] * len(missing) for row, missing in zip(rows, padding, strict=True)]
    ids = torch.tensor(padded, device=device)
    mask = torch.tensor(seen if encoder_decoder else [one[::-1] for one in seen], device=device)
    room = MOST_NEW_TOKENS
    window = getattr(config, "max_position_embeddings", None)
    if window and not encoder_decoder:
        room = max(1, min(room, window - longest))
    with torch.inference_mode():
        answers = module.generate(input_ids=ids, attention_mask=mask, max_new_tokens=room)  # type: ignore[operator] # mypy takes it for a tensor
    begin = 1 if encoder_decoder else longest  # the decoder's start token, or the text
    ends = _ends(_settings(module))
    return [_until(answer, ends) for answer in answers[:, begin:].cpu().numpy()]


def _settings(module: "torch.nn.Module") -> "GenerationConfig":
    settings: GenerationConfig = module.generation_config  # type: ignore[assignment] # every generator has one
    return settings


def _ends(settings: "GenerationConfig") -> list[int]:
    ends = settings.eos_token_id
    if ends is None:
        return []
    return [int(ends)] if isinstance(ends, int) else [int(end) for end in ends]


def _until(answer: Output, ends: Sequence[int]) -> Output:
    """The answer up to its first ending token; what follows is padding."""
    found = np.flatnonzero(np.isin(answer, ends))
    return answer[: found[0]].copy() if len(found) else answer
