"""Reviews from Kafka to insights by one real worker, beside (a) a bare encoder and (b) a pipeline built by hand.

The worker decodes, validates, masks, seals, encodes, reads, changes state and commits, all of it exactly once. (a) is
sentence-transformers' `encode` as it comes (float32, batches of 32) on the same texts, with nothing around it. (b) is a
plain Faust agent with Presidio and spaCy, sentence-transformers, scikit-learn and `send`; Presidio looks for names as
well, as it does by default, which is most of its time. The worker does so by its tagger; a second one, `untagged`, is
the same without (`--tagger both`). In each of four parts all take turns, the others idle meanwhile; (a) and (b) get the
first texts of the part, since they take longer.
A rate counts from the moment when the first review is sent to when the broker has the last insight. Then the worker
runs once more under a profiler, and a `read_committed` reader checks the count equation of all that it answered.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from models.engine.cpu_features import usable_cores
from models.sources import resolve
from scripts.benchmarks._engine_rounds import rate, say
from scripts.benchmarks._engine_systems import System, sentence_transformers, without_network
from scripts.benchmarks._engine_texts import origin, review_events
from scripts.benchmarks._pipeline_by_hand import labelled
from scripts.benchmarks._pipeline_job import Job, job, texts_of
from scripts.benchmarks._pipeline_profile import spent_between
from scripts.benchmarks._pipeline_workers import UNTAGGED, jobs, workers_of
from scripts.benchmarks._reviews import DATA
from streams.cli.session import quiet
from streams.contracts.events import Review
from streams.contracts.topics import REVIEWS
from streams.counting import count
from streams.demo.workers import worker_command
from streams.local import LocalStack
from streams.settings import KafkaSettings, KeySettings, RedisSettings, Settings

PARTS = 4
BARE_SHARE = 6
"""The bare encoder gets one sixth of a part."""
BY_HAND_SHARE = 16
QUIET_SECONDS = 1.0
"""Between two measurements, for threads that spin after their work."""
SNAPSHOT_SECONDS = 1.2
"""In which the profiler has surely written once more."""
PROFILED = 2_000
TRAINED_ON = 256
FEWEST = 512
"""Fewer would leave parts whose rate says nothing."""
FEWEST_BY_HAND = 128
"""Texts of a part, where a quarter of it has as many, so that its consumer's start and linger do not weigh."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    Attributes:
        parts: reviews of each part.
        warm: reviews before the first part: one alone loads the models, the others warm them.
        profiled: reviews under the profiler; none where it can't run.
        training: texts and stars for the head of the pipeline built by hand.
    """

    parts: Sequence[Sequence[Review]]
    warm: Sequence[Review]
    profiled: Sequence[Review]
    training: Sequence[Review]

    @classmethod
    def of(cls, events: Sequence[Review], reviews: int, profiled: int) -> "Plan":
        """That many reviews in parts, others for the rest.

        Raises:
            SystemExit: there are too few.
        """
        warm = max(1, reviews // 20)
        wanted = reviews + profiled + warm
        if len(events) < wanted:
            raise SystemExit(
                f"{len(events)} reviews are too few, {wanted} are needed; name fewer by --reviews"
            )
        size = reviews // PARTS
        rest = events[size * PARTS :]
        return cls(
            [events[number * size : (number + 1) * size] for number in range(PARTS)],
            rest[:warm],
            rest[warm : warm + profiled],
            events[-TRAINED_ON:],
        )


async def measure(
    workers: Mapping[str, Job], bare: System, by_hand: Job, parts: Sequence[Sequence[Review]]
) -> list[dict[str, float]]:
    """The rates of all, part by part; each part begins with another one."""
    turns, rates = [*workers, "bare", "by_hand"], []
    for number, part in enumerate(parts):
        found = {}
        first = number % len(turns)
        for turn in turns[first:] + turns[:first]:
            await asyncio.sleep(QUIET_SECONDS)
            if turn == "bare":
                texts = texts_of(part[: max(1, len(part) // BARE_SHARE)])
                found[turn] = await asyncio.to_thread(rate, bare, texts)
            elif turn in workers:
                found[turn] = await workers[turn].rate(part)
            else:
                fewest = min(FEWEST_BY_HAND, len(part) // 4)
                found[turn] = await by_hand.rate(part[: max(1, fewest, len(part) // BY_HAND_SHARE)])
        rates.append(found)
        told = ", ".join(f"{turn} {found[turn]:,.0f}" for turn in turns)
        say(f"part {number + 1} of {len(parts)}, texts/s: {told}")
    return rates


async def compare(settings: Settings, plan: Plan, folder: Path, tagger: str) -> dict[str, Any]:
    """All of them on a broker that is up; the figures."""
    wanted = workers_of(settings, folder, tagger)
    bare = await asyncio.to_thread(sentence_transformers, resolve(settings.models.reviews).folder, None)
    training = folder / "training.json"
    training.write_bytes(labelled(texts_of(plan.training), [one.rating for one in plan.training]))
    program = [sys.executable, "-m", "scripts.benchmarks._pipeline_by_hand", str(training)]
    apart = settings.model_copy(
        update={"kafka": settings.kafka.model_copy(update={"topic_prefix": "by-hand-"})}
    )
    async with (
        jobs(wanted, folder) as workers,
        job("by hand", program, apart, folder / "by-hand.log") as by_hand,
    ):
        say("all load their models")
        await asyncio.gather(*(one.rate(plan.warm[:1]) for one in (*workers.values(), by_hand)))
        await asyncio.to_thread(bare.encode, ["warm"] * 64)
        if len(plan.warm) > 1:
            for worker in workers.values():
                await worker.rate(plan.warm[1:])
            await by_hand.rate(plan.warm[: FEWEST_BY_HAND // 4])
        rates = await measure(workers, bare, by_hand, plan.parts)
    report = figures(rates) | {
        "bare": bare.about,
        "worker": runs_on(folder / "worker.log"),
        "tagger": wanted["worker"].models.tagger,
    }
    if plan.profiled:
        say("the worker once more, profiled")
        report["profile"] = await profile(wanted["worker"], plan.profiled, folder)
    say("counting")
    counts = {name: (await count(one, REVIEWS)).document() for name, one in wanted.items()}
    report["counts"] = counts.pop("worker")
    if counts:
        report["counts_untagged"] = counts[UNTAGGED]
    return report


async def profile(settings: Settings, events: Sequence[Review], folder: Path) -> dict[str, Any]:
    """Where the CPU time of a fresh worker goes, start-up and the first reviews left out."""
    snapshots = folder / "profile.json"
    _, *rest = worker_command(1)
    place = rest.index("worker")
    command = [sys.executable, "-m", "scripts.benchmarks._pipeline_profile", str(snapshots), *rest[place:]]
    warm = max(1, len(events) // 4)
    async with job("worker, profiled", command, settings, folder / "profiled.log") as worker:
        await worker.rate(events[:1])
        if warm > 1:
            await worker.rate(events[1:warm])
        await asyncio.sleep(SNAPSHOT_SECONDS)
        before = orjson.loads(snapshots.read_bytes())
        speed = await worker.rate(events[warm:])
        await asyncio.sleep(SNAPSHOT_SECONDS)
        after = orjson.loads(snapshots.read_bytes())
    return spent_between(before, after, len(events) - warm) | {"texts_per_second": round(speed, 1)}


def figures(rates: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The result, for programs."""
    names = list(rates[0])
    peers = [name for name in names if name != "worker"]
    ratios = {peer: [one["worker"] / one[peer] for one in rates] for peer in peers}
    return {
        "texts_per_second": {
            name: {
                "median": round(statistics.median(one[name] for one in rates), 1),
                "parts": [round(one[name], 1) for one in rates],
            }
            for name in names
        },
        "ratios": {
            peer: {"median": round(statistics.median(found), 2), "parts": [round(one, 2) for one in found]}
            for peer, found in ratios.items()
        },
        "cores": usable_cores(),
    }


def runs_on(log: Path) -> str | None:
    """Backend, device and number format of the worker, as it says in its log."""
    for line in log.read_bytes().splitlines():
        if b'"runs_on"' in line:
            told: str = orjson.loads(line)["runs_on"]
            return told
    return None


def show(report: Mapping[str, Any]) -> None:
    """The result, for people."""
    counts, speeds, ratios = report["counts"], report["texts_per_second"], report["ratios"]
    print(
        f"{counts['inputs']:,} reviews in, {counts['answered']:,} insights, {counts['dead_letters']:,} dead letters, "
        f"{counts['lost']} lost, {counts['doubled']} doubled, {counts['strange']} strange: "
        f"the count equation {'holds' if counts['holds'] else 'DOES NOT HOLD'}"
    )
    with_tagger = f"tagger {report['tagger']}" if report["tagger"] else "no tagger"
    print(f"worker       {speeds['worker']['median']:>8,.1f} texts/s  ({report['worker']}; {with_tagger})")
    if UNTAGGED in ratios:
        print(
            f"untagged     {speeds[UNTAGGED]['median']:>8,.1f} texts/s  with the tagger it is "
            f"{ratios[UNTAGGED]['median']:.2f} times as fast, parts {ratios[UNTAGGED]['parts']}"
        )
    for peer, name, about in (
        ("bare", "bare encode", report["bare"]),
        ("by_hand", "by hand", "plain Faust agent, Presidio and spaCy, sentence-transformers, scikit-learn"),
    ):
        print(
            f"{name:<12} {speeds[peer]['median']:>8,.1f} texts/s  worker is {ratios[peer]['median']:.2f} times as "
            f"fast, parts {ratios[peer]['parts']}  ({about})"
        )
    if profile := report.get("profile"):
        print(f"CPU time a text under the profiler, {profile['texts_per_second']:,.0f} texts/s:")
        for stage, spent in profile["microseconds_per_text"].items():
            print(f"  {stage:<20} {spent:>8,.1f} µs")
        print(
            f"  everything but the models is {profile['everything_else_per_encoder']:.1%} of the models' "
            f"{profile['encoder_microseconds']:,.0f} µs"
        )
    print(f"reviews from {report['reviews_from']}; {report['cores']} cores")


def main() -> int:
    """Exit 0 if every review was answered exactly once, else 1."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench pipeline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="CSV of reviews, also gzipped; without it, the made-up shop's [default: %(default)s]",
    )
    parser.add_argument(
        "--reviews", type=int, help="for the worker, in four parts [default: 10,000 at most]", metavar="N"
    )
    parser.add_argument(
        "--tagger",
        choices=("on", "off", "both"),
        default="both",
        help="whether the worker looks for names; both: a second one without, in turns with it [default: both]",
    )
    parser.add_argument("--no-profile", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.reviews is not None and options.reviews < FEWEST:
        parser.error(f"--reviews must be at least {FEWEST}")
    if options.data != DATA and not options.data.is_file():
        parser.error(f"there is no {options.data}")
    quiet()
    without_network()
    events = list(islice(review_events(options.data), 20_000))
    profiled = 0 if options.no_profile or sys.platform != "linux" else min(PROFILED, len(events) // 5)
    if options.reviews is not None:
        profiled = min(profiled, options.reviews)
    reviews = options.reviews or min(10_000, int((len(events) - profiled) * 0.95))
    plan = Plan.of(events, reviews, profiled)
    with tempfile.TemporaryDirectory(prefix="shopstream-bench-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=say) as stack:
            settings = Settings(
                data_dir=folder / "data",
                kafka=KafkaSettings(bootstrap=stack.endpoints.bootstrap),
                redis=RedisSettings(url=SecretStr(stack.endpoints.redis_url)),
                keys=KeySettings(url=SecretStr(stack.endpoints.keys_url)),
            )
            report = asyncio.run(compare(settings, plan, folder, options.tagger))
    report["reviews_from"] = origin(options.data)
    print(json.dumps(report, indent=2)) if options.json else show(report)
    held = [report[name]["holds"] for name in ("counts", "counts_untagged") if name in report]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
