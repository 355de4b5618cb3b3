"""The torch backend: a transformers encoder with SDPA attention on CPU or CUDA."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.engine import device as devices
from models.engine.backend import TokenList, Vectors
from models.engine.folder import EncoderFacts, read_facts
from models.engine.pipeline import encode
from models.errors import WeightsUnusable
from models.sources import TOKENIZER_FILE

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

CPU_TOKENS_PER_THREAD = 1_024
"""What a core's caches hold: batches four times as large cost 8 % more in bfloat16, and 25 % in float32."""
CUDA_TOKEN_BUDGET = 65_536
PAD_TO = 8
"""Rows are padded to a multiple of this. What was compiled for a shape is kept: fewer shapes, hundreds of MB less."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """One batch's vectors on the host, complete once `ready` (if there is one) has happened."""

    vectors: "torch.Tensor"
    ready: "torch.cuda.Event | None"


class TorchBackend:
    """One encoder on one device.

    Args:
        folder: an encoder folder (see `models.sources`).
        device: `auto`, `cpu`, `cuda`, `cuda:N`.
        dtype: `auto`, `float32`, `bfloat16`, `float16`. What `auto` picks is checked against float32 on a few
            texts, and given up where it doesn't hold; what is named is taken as it is.
        threads: threads of one forward; 0 is every core of the process. It holds for the whole process: of several
            backends, the last one's counts for all that have not run yet.
        max_tokens: where texts are cut, if before the encoder's own limit; 0 is that limit.

    Raises:
        WeightsUnusable: the folder, device or format can't be used.
    """

    name = "torch"

    def __init__(
        self,
        folder: Path,
        device: str = "auto",
        dtype: str = "auto",
        threads: int = 0,
        max_tokens: int = 0,
    ) -> None:
        import torch

        self._torch = torch
        self.threads = devices.choose_threads(threads)
        torch.set_num_threads(self.threads)
        # Rayon, which tokenises, reads this once, before its first use.
        os.environ.setdefault("RAYON_NUM_THREADS", str(self.threads))
        facts = read_facts(folder)
        self._facts = replace(facts, max_tokens=min(facts.max_tokens, max_tokens or facts.max_tokens))
        self._device = devices.choose_device(device)
        self._tokenizer = _load_tokenizer(folder, self._facts)
        self._model = _load_model(folder, self._device)
        self._settle_dtype(folder, dtype)

    @property
    def device(self) -> str:
        """`cpu` or `cuda:N`."""
        return str(self._device)

    @property
    def dtype(self) -> str:
        """The weights' number format."""
        return str(self._model.dtype).removeprefix("torch.")

    @property
    def width(self) -> int:
        """Numbers in one vector."""
        return self._facts.width

    @property
    def token_budget(self) -> int:
        """Most padded tokens in one batch: what fits a CPU's caches, or fills a GPU."""
        return CUDA_TOKEN_BUDGET if self._device.type == "cuda" else CPU_TOKENS_PER_THREAD * self.threads

    def encode_pre(self, texts: Sequence[str]) -> list[TokenList]:
        """Tokenise in Rust, without the interpreter's lock. Lone surrogates count as U+FFFD."""
        try:
            encodings = self._tokenizer.encode_batch_fast(list(texts))
        except TypeError:  # a str that is not Unicode text can't cross into Rust
            encodings = self._tokenizer.encode_batch_fast([_without_lone_surrogates(text) for text in texts])
        return [encoding.ids for encoding in encodings]

    def encode_core(self, tokens: Sequence[TokenList]) -> Pooled:
        """Pad, copy to the device, run the encoder, pool and normalise."""
        torch = self._torch
        with torch.inference_mode():
            ids, mask = self._padded(tokens)
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            vectors = torch.nn.functional.normalize(self._pool(hidden, mask).float(), dim=1)
            if self._device.type != "cuda":
                return Pooled(vectors, None)
            host = torch.empty(vectors.shape, dtype=torch.float32, pin_memory=True)
            host.copy_(vectors, non_blocking=True)
            ready = torch.cuda.Event()
            ready.record(torch.cuda.current_stream(self._device))
            return Pooled(host, ready)

    def encode_post(self, pooled: Pooled) -> Vectors:
        """Wait for the batch; float32 [rows, width]."""
        if pooled.ready is not None:
            pooled.ready.synchronize()
        return pooled.vectors.numpy()

    def close(self) -> None:
        """Drop the weights, and the device's cached memory."""
        del self._model
        if self._device.type == "cuda":
            with suppress(RuntimeError):
                self._torch.cuda.empty_cache()

    def _padded(self, tokens: Sequence[TokenList]) -> "tuple[torch.Tensor, torch.Tensor]":
        torch = self._torch
        longest = min(self._facts.max_tokens, -(-max(len(ids) for ids in tokens) // PAD_TO) * PAD_TO)
        pad = self._facts.pad_id
        on_gpu = self._device.type == "cuda"
        ids = torch.tensor([row + [pad] * (longest - len(row)) for row in tokens], dtype=torch.long)
        lengths = torch.tensor([len(row) for row in tokens])
        mask = (torch.arange(longest) < lengths[:, None]).long()
        if on_gpu:  # only pinned memory is copied while the host goes on
            return (
                ids.pin_memory().to(self._device, non_blocking=True),
                mask.pin_memory().to(self._device, non_blocking=True),
            )
        return ids, mask

    def _pool(self, hidden: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        if self._facts.pooling == "cls":
            return hidden[:, 0]
        weights = mask.unsqueeze(-1).float()
        return (hidden.float() * weights).sum(dim=1) / weights.sum(dim=1)

    def _settle_dtype(self, folder: Path, wanted: str) -> None:
        """Convert the float32 weights to the chosen format; come back where `auto` fails its self-test."""
        torch = self._torch
        chosen = devices.choose_dtype(wanted, self._device)
        if chosen is torch.float32:
            return
        if wanted != "auto":
            self._model = self._model.to(chosen)
            return
        reference = encode(self, devices.PROBES)
        self._model = self._model.to(chosen)
        if not devices.agrees(reference, lambda: encode(self, devices.PROBES)):
            self._model = _load_model(folder, self._device)


def _load_tokenizer(folder: Path, facts: EncoderFacts) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(facts.max_tokens)
    return tokenizer


def _load_model(folder: Path, device: "torch.device") -> "torch.nn.Module":
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModel

    try:
        with _quiet_transformers():
            model, info = AutoModel.from_pretrained(
                folder,
                dtype=torch.float32,
                attn_implementation="sdpa",
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsUnusable(f"transformers can't load the encoder in {folder}: {error}") from error
    # Whatever has no weights got random ones. A pooler is not used here, and often left out.
    missing = sorted(name for name in info["missing_keys"] if not name.startswith("pooler."))
    if missing:
        raise WeightsUnusable(
            f"the encoder in {folder} lacks {len(missing)} weights, {missing[0]} among them"
        )
    module: torch.nn.Module = model.to(device).eval()
    return module


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


def _without_lone_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
