"""A folder as transformers saves it becomes a torch module that is ready to run one task."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.engine.backend import Precision, Task
from models.errors import BackendUnusable, WeightsUnusable

if TYPE_CHECKING:
    import torch


def load_module(folder: Path, task: Task) -> "torch.nn.Module":
    """The model of a folder, in float32 on the CPU, in evaluation mode, without gradients.

    Attention is torch's own (SDPA), or plain where the model has no such.

    Raises:
        WeightsUnusable: transformers can't load it, or weights that the task needs are missing.
    """
    import torch
    from safetensors import SafetensorError

    kind = _auto_class(folder, task)
    try:
        with _quiet_transformers():
            model, info = kind.from_pretrained(
                folder,
                dtype=torch.float32,
                attn_implementation=_attention(folder, kind),
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsUnusable(f"transformers can't load the model in {folder} for {task}: {error}") from error
    # Whatever has no weights got random ones. `embed` uses no pooler, and folders often leave it out.
    missing = sorted(
        name for name in info["missing_keys"] if not (task == "embed" and name.startswith("pooler."))
    )
    if missing:
        raise WeightsUnusable(
            f"the model in {folder} lacks {len(missing)} weights that {task} needs, {missing[0]} among them; "
            "name a model that was trained for it"
        )
    module: torch.nn.Module = model.eval().requires_grad_(requires_grad=False)
    return module


def set_precision(module: "torch.nn.Module", precision: Precision, task: Task) -> None:
    """Give a float32 module the number format of a backend, in place.

    Heads stay in float32: they are a thousandth of the work, and bfloat16 has 8 bits, too few to tell logits apart.

    Raises:
        BackendUnusable: torch's backends don't compute in this format.
    """
    import torch

    formats = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if precision not in formats:
        raise BackendUnusable(f"the torch backends have no {precision}; choose one of {', '.join(formats)}")
    if precision == "float32":
        return
    heads = _heads(module) if task in ("score", "classify", "tag") else []
    kept = {id(parameter) for head in heads for parameter in head.parameters()}
    for parameter in module.parameters():
        # Not `module.to`: buffers stay, because those of rotary positions need all their digits.
        if id(parameter) not in kept:
            parameter.data = parameter.data.to(formats[precision])
    for head in heads:
        head.register_forward_pre_hook(_in_float32)


def weight_bytes(module: "torch.nn.Module") -> int:
    """What a module's parameters and buffers take, in bytes. Shared ones count once."""
    tensors = {tensor.data_ptr(): tensor for tensor in (*module.parameters(), *module.buffers())}
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def _auto_class(folder: Path, task: Task) -> Any:  # noqa: ANN401 - transformers' auto classes share no type
    import transformers

    if task == "generate":
        config = _config(folder)
        return (
            transformers.AutoModelForSeq2SeqLM
            if config.is_encoder_decoder
            else transformers.AutoModelForCausalLM
        )
    kinds = {
        "embed": transformers.AutoModel,
        "score": transformers.AutoModelForSequenceClassification,
        "classify": transformers.AutoModelForSequenceClassification,
        "tag": transformers.AutoModelForTokenClassification,
    }
    return kinds[task]


def _config(folder: Path) -> Any:  # noqa: ANN401 - each kind of model has its own
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsUnusable(f"transformers can't read the config.json in {folder}: {error}") from error


def _attention(folder: Path, kind: Any) -> str:  # noqa: ANN401 - as above
    """`sdpa`, or `eager` for a few old kinds of models (DeBERTa) that transformers refuses to run with it."""
    mapping = kind._model_mapping  # noqa: SLF001 - transformers has no public way from a config to its class
    model = mapping.get(type(_config(folder)), None)
    return "sdpa" if getattr(model, "_supports_sdpa", True) else "eager"


def _heads(module: "torch.nn.Module") -> "list[torch.nn.Module]":
    """What comes after the encoder: all that the model has beside it, and the encoder's own pooler."""
    encoder: torch.nn.Module = module.base_model  # type: ignore[assignment] # transformers' models have one
    heads = [child for child in module.children() if child is not encoder]
    pooler = getattr(encoder, "pooler", None)
    return heads if pooler is None else [pooler, *heads]


def _in_float32(module: "torch.nn.Module", arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    del module
    return tuple(
        argument.float() if getattr(argument, "is_floating_point", bool)() else argument
        for argument in arguments
    )


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """A worker's error stream is for its logs: no progress bar, and no table of weights, which are checked here."""
    from transformers.utils import logging

    shown, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if shown:
            logging.enable_progress_bar()
