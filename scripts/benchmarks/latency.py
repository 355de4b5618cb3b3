"""How long a search waits while reviews and catalogue back-fill keep the same engine busy.

Searches arrive at random (Poisson), 20 a second; reviews in batches of 256, two in flight, at a share of what the
engine manages of them alone; products of a back-fill trickle. A search's time runs from its arrival to its vector. It
stands beside searches one after the other on an idle machine (a lone forward), and beside the same arrivals without
other load. The peer, in turn with it in this process, is sentence-transformers behind a thread pool, first come first
served, at the same share of *its own* capacity.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from models.engine.cpu_features import usable_cores
from scripts.benchmarks._engine_rounds import say
from scripts.benchmarks._engine_systems import without_network
from scripts.benchmarks._engine_texts import origin, products, queries, review_texts
from scripts.benchmarks._latency_load import (
    Load,
    Observed,
    Service,
    Texts,
    capacity,
    lone,
    milliseconds,
    observe,
)
from scripts.benchmarks._latency_services import OneEngine, ThreadPool
from scripts.benchmarks._plots import plot

GOAL = 3.0
"""p99 of searches, in lone forwards."""
CURVE = (0.4, 1.2)
"""Loads besides none and the one in question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a service is measured.

    Attributes:
        searches: a second.
        share: of the capacity that reviews take.
        products: of the back-fill, a second.
        lone: searches one after the other.
        seconds: of each point.
        rounds: of the point in question, in turn with the peer.
        curve: other loads, for the first service.
    """

    searches: float = 20.0
    share: float = 0.8
    products: float = 8.0
    lone: int = 100
    seconds: float = 12.0
    rounds: int = 2
    curve: Sequence[float] = CURVE


async def measure(services: Sequence[Service], texts: Texts, plan: Plan) -> list[dict[str, Any]]:
    """The figures of each service; the loaded rounds in turn."""
    reports: list[dict[str, Any]] = []
    capacities: list[float] = []
    for service in services:
        say(f"{service.name}: {service.about}")
        await lone(service, texts.queries, min(10, plan.lone))
        alone = await lone(service, texts.queries, plan.lone)
        rate = await capacity(service, texts.reviews, plan.seconds / 3)
        say(
            f"  a lone search takes {statistics.median(alone) * 1000:.1f} ms, reviews alone run at {rate:,.0f}/s"
        )
        idle = await observe(service, texts, Load(plan.searches), plan.seconds)
        capacities.append(rate)
        reports.append(
            {
                "about": service.about,
                "capacity_reviews_per_second": round(rate, 1),
                "lone": {"searches": len(alone), **milliseconds(alone)},
                "loads": {"0": idle.document()},
            }
        )
    loaded: list[list[Observed]] = [[] for _ in services]
    for number in range(plan.rounds):
        for service, rate, seen in zip(services, capacities, loaded, strict=True):
            load = Load(plan.searches, plan.share * rate, plan.products)
            seen.append(await observe(service, texts, load, plan.seconds, seed=number))
            say(f"  {service.name}, {plan.share:.0%}: {seen[-1].document()}")
    for report, seen in zip(reports, loaded, strict=True):
        report["loads"][f"{plan.share:g}"] = reduce(Observed.joined, seen).document()
    for share in plan.curve:
        load = Load(plan.searches, share * capacities[0], plan.products)
        seen_once = await observe(services[0], texts, load, plan.seconds)
        reports[0]["loads"][f"{share:g}"] = seen_once.document()
        say(f"  {services[0].name}, {share:.0%}: {seen_once.document()}")
    for report in reports:
        _judge(report, f"{plan.share:g}")
    return reports


def _judge(report: dict[str, Any], share: str) -> None:
    """Adds the ratios in question, and puts loads in order."""
    report["loads"] = dict(sorted(report["loads"].items(), key=lambda item: float(item[0])))
    loaded, median = report["loads"][share], report["lone"]["p50_ms"]
    report["p99_in_lone_forwards"] = round(loaded["p99_ms"] / median, 2)
    report["p50_in_lone_forwards"] = round(loaded["p50_ms"] / median, 2)
    idle = report["loads"]["0"]["p99_ms"]
    report["p99_beside_idle"] = round(loaded["p99_ms"] / idle, 2)


def draw(folder: Path, reports: Mapping[str, Any]) -> str:
    """p50 and p99 over load as a PNG file; its path."""
    return str(
        plot(
            folder / "latency.png",
            "Searches beside reviews and back-fill",
            "reviews, share of the capacity",
            "milliseconds from arrival to vector",
            {
                f"{name}, {figure[:3]}": [
                    (float(share), one[figure]) for share, one in report["loads"].items()
                ]
                for name, report in reports.items()
                for figure in ("p50_ms", "p99_ms")
            },
            log_y=True,
        )
    )


def show(report: Mapping[str, Any]) -> None:
    """The result, for people."""
    for name, one in report["services"].items():
        alone = one["lone"]
        print(f"{name}: {one['about']}")
        print(
            f"  lone search p50 {alone['p50_ms']:.1f} ms, p99 {alone['p99_ms']:.1f} ms; "
            f"reviews alone {one['capacity_reviews_per_second']:,.0f}/s"
        )
        for share, seen in one["loads"].items():
            print(
                f"  load {float(share):>4.0%}: searches p50 {seen['p50_ms']:>8.1f} ms, p99 {seen['p99_ms']:>8.1f} ms "
                f"({seen['searches']}, {seen['unanswered']} unanswered); "
                f"reviews {seen['reviews_per_second']:,.0f}/s of {seen['reviews_offered_per_second']:,.0f}, "
                f"products {seen['products_per_second']:.1f}/s of {seen['products_offered_per_second']:.1f}; "
                f"longest waits {seen['longest_wait_of_reviews_ms']} and {seen['longest_wait_of_products_ms']} ms"
            )
        print(
            f"  under load p99 is {one['p99_in_lone_forwards']:.1f} lone forwards (goal: {GOAL:g}), "
            f"and {one['p99_beside_idle']:.1f} times that of an idle machine"
        )


def main() -> int:
    """Exit 0."""
    plan = Plan()
    parser = argparse.ArgumentParser(
        prog="scripts/bench latency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seconds", type=float, default=plan.seconds, help="of each point [default: %(default)s]"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=plan.rounds,
        help="of the load in question, in turn [default: %(default)s]",
    )
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw the curve there")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.seconds <= 0 or options.rounds < 1:
        parser.error("--seconds must be above 0, --rounds at least 1")
    without_network()
    texts = Texts(queries(200), review_texts(4_096), products(2_000))
    with OneEngine() as ours, ThreadPool() as peer:
        plan = Plan(seconds=options.seconds, rounds=options.rounds)
        found = asyncio.run(measure([ours, peer], texts, plan))
    report: dict[str, Any] = {
        "services": dict(zip((ours.name, peer.name), found, strict=True)),
        "reviews_from": origin(),
        "cores": usable_cores(),
    }
    if options.plots:
        report["plot"] = draw(options.plots, report["services"])
    print(json.dumps(report, indent=2)) if options.json else show(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
