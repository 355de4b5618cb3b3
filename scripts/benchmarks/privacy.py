"""What privacy costs: the review stage from Kafka to Kafka, with and without it, in turn over the same backlog.

Without it, texts go out as they came: nothing is looked for, masked, sealed or tokenised. Both are run without a model,
where all that is left is delivery, contract and privacy, and with the model that ships. A share of the reviews holds
an e-mail address and a telephone number, so that it is masked and its original sealed.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from scripts.benchmarks._reviews import review_events
from scripts.benchmarks.stream import environment_of, run
from streams.local import LocalStack

PAIRS = {"without a model": ("contract", "bare"), "with the model": ("model", "bare-model")}


def personal_events(count: int, share: float) -> Iterator[tuple[bytes, bytes]]:
    """Review events, a share of them with personal data, evenly spread."""
    for number, (key, value) in enumerate(review_events(count)):
        if int((number + 1) * share) == int(number * share):
            yield key, value
            continue
        event = orjson.loads(value)
        event["text"] += f" Write to ada{number}@example.org or call +44 7911 {100_000 + number % 900_000}."
        yield key, orjson.dumps(event)


async def compare(
    counts: dict[str, int], share: float, rounds: int, stack: LocalStack, folder: Path
) -> dict[str, Any]:
    """Both pairs, some rounds; the order within a pair changes from round to round."""
    rates: dict[str, list[float]] = {kind: [] for pair in PAIRS.values() for kind in pair}
    stage: dict[str, float] = {}
    for number in range(rounds):
        for name, pair in PAIRS.items():
            for kind in pair if number % 2 else reversed(pair):
                prefix = f"bench-{number}-{kind}-{int(share * 100)}-"
                environment = environment_of(stack, prefix, folder)
                events = personal_events(counts[name], share)
                result = await run(kind, events, environment, stack.endpoints.bootstrap, prefix, within=300)
                rates[kind].append(result["rate"])
                stage[kind] = (result.get("phases") or {}).get("stage", 0.0)
                print(f"round {number + 1}: {kind:<10} {result['rate']:>9,.0f} events/s", file=sys.stderr)
    return {
        name: {
            "events": counts[name],
            "with_privacy": round(statistics.median(rates[guarded])),
            "without": round(statistics.median(rates[bare])),
            "ratio": round(statistics.median(a / b for a, b in zip(rates[guarded], rates[bare], strict=True)), 3),
            "ratios": [round(a / b, 3) for a, b in zip(rates[guarded], rates[bare], strict=True)],
            "stage_seconds": {"with_privacy": stage[guarded], "without": stage[bare]},
        }
        for name, (guarded, bare) in PAIRS.items()
    }  # fmt: skip


def main() -> None:
    """Prints the medians, and the ratio of each round's pair."""
    parser = argparse.ArgumentParser(prog="scripts/bench privacy", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=60_000, help="backlog without a model; a tenth with it")
    parser.add_argument(
        "--share", type=float, nargs="+", default=[0.05], help="of reviews with personal data"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    counts = {"without a model": options.events, "with the model": options.events // 10}
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="shopstream-bench-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=lambda what: print(what, file=sys.stderr)) as stack:
            for share in options.share:
                report[f"{share:.0%}"] = asyncio.run(compare(counts, share, options.rounds, stack, folder))
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for share, figures in report.items():
        print(f"{share} of the reviews hold personal data")
        for name, one in figures.items():
            print(
                f"  {name:<16} with privacy {one['with_privacy']:>8,} events/s, without {one['without']:>8,}: "
                f"{one['ratio']} x ({', '.join(map(str, one['ratios']))})"
            )


if __name__ == "__main__":
    main()
