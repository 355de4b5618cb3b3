"""Kafka to Kafka, one worker, from a backlog: Shopstream's delivery beside a plain Faust agent with `send`.

Each round runs the three workers in turn on the same broker and the same input, so that a ratio holds although the
machine's speed drifts. Rates are taken from the group's first committed events to its last, without start-up.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from scripts.benchmarks._reviews import review_events
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.local import LocalStack
from streams.settings import KafkaSettings, Settings
from streams.topic_admin import create_topics
from tests.chaos.events import produce

KINDS = ("plain", "opaque", "contract")
PARTITIONS = 4


class Watch:
    """Reads how far a worker is: by committed offsets, or by the output's end for the peer that commits seldom."""

    def __init__(self, bootstrap: str, prefix: str, kind: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=prefix + "shopstream", enable_auto_commit=False
        )
        name = REVIEW_INSIGHTS.name if kind == "plain" else REVIEWS.name
        self._partitions = [TopicPartition(prefix + name, number) for number in range(PARTITIONS)]
        self._kind = kind

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def done(self) -> int:
        """Events answered so far."""
        if self._kind == "plain":
            return sum((await self._consumer.end_offsets(self._partitions)).values())
        return sum([await self._consumer.committed(tp) or 0 for tp in self._partitions])

    async def rate(self, total: int, within: float) -> float:
        """Events a second from the first to the last."""
        first: tuple[float, int] | None = None
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            done, now = await self.done(), time.perf_counter()
            if done and first is None:
                first = now, done
            if done >= total and first:
                return (total - first[1]) / max(now - first[0], 1e-9)
            await asyncio.sleep(0.02)
        raise SystemExit(f"{self._kind}: only {await self.done()} of {total} events in {within:.0f} s")


async def run(
    kind: str,
    events: Iterator[tuple[bytes, bytes]],
    environment: Mapping[str, str],
    bootstrap: str,
    prefix: str,
    within: float = 120,
) -> dict[str, Any]:
    """One worker over one backlog of review events, given as keys and values."""
    settings = Settings(kafka=KafkaSettings(bootstrap=bootstrap, topic_prefix=prefix, partitions=PARTITIONS))
    await create_topics(settings)
    total = await produce(bootstrap, prefix + REVIEWS.name, events)
    command = [sys.executable, "-m", "scripts.benchmarks._stream_workers", kind]
    worker = await asyncio.to_thread(
        subprocess.Popen, command, env=os.environ | environment, stdout=subprocess.PIPE
    )
    try:
        async with Watch(bootstrap, prefix, kind) as watch:
            rate = await watch.rate(total, within)
    finally:
        worker.send_signal(signal.SIGTERM)
    output, _ = await asyncio.to_thread(worker.communicate)
    _, found, report = output.rpartition(b'{"phases"')  # Faust writes to the same stream
    return {"rate": rate, **(json.loads(found + report.splitlines()[0]) if found else {})}


def environment_of(stack: LocalStack, prefix: str, folder: Path) -> dict[str, str]:
    """Puts a worker on the servers of a stack, with topics of its own."""
    return {
        "SHOPSTREAM_KAFKA__BOOTSTRAP": stack.endpoints.bootstrap,
        "SHOPSTREAM_KAFKA__TOPIC_PREFIX": prefix,
        "SHOPSTREAM_REDIS__URL": stack.endpoints.redis_url,
        "SHOPSTREAM_KEYS__URL": stack.endpoints.keys_url,
        "SHOPSTREAM_DATA_DIR": str(folder / "data"),
        "SHOPSTREAM_WEB__PORT": "0",
    }


async def compare(counts: Mapping[str, int], rounds: int, stack: LocalStack, folder: Path) -> dict[str, Any]:
    """All workers in turn, some rounds."""
    runs: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind in KINDS:
            prefix = f"bench-{number}-{kind}-"
            environment = environment_of(stack, prefix, folder) | {
                "SHOPSTREAM_WORKER__BATCH_EVENTS": "1024" if kind == "opaque" else "256",
                "SHOPSTREAM_WORKER__BATCH_BYTES": str(4 << 20),
                "SHOPSTREAM_WORKER__TRANSACTION_EVENTS": "4096",
            }
            events = review_events(counts[kind])
            result = await run(kind, events, environment, stack.endpoints.bootstrap, prefix)
            runs[kind].append(result)
            print(
                f"round {number + 1}: {kind:<9} {result['rate']:>9,.0f} events/s", file=sys.stderr, flush=True
            )
    return {
        kind: {
            "events_per_second": round(statistics.median(one["rate"] for one in runs[kind])),
            "runs": [round(one["rate"]) for one in runs[kind]],
            "ratio_to_plain": round(
                statistics.median(
                    one["rate"] / peer["rate"] for one, peer in zip(runs[kind], runs["plain"], strict=True)
                ),
                2,
            ),
            "phases_seconds": runs[kind][-1].get("phases"),
            "cpu_seconds": runs[kind][-1].get("cpu"),
            "events": counts[kind],
        }
        for kind in KINDS
    }


def main() -> None:
    """Prints the medians and the ratios to the peer of the same round."""
    parser = argparse.ArgumentParser(prog="scripts/bench stream", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=100_000, help="backlog of the faster workers")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    counts = {"plain": options.events // 4, "opaque": options.events * 4, "contract": options.events}
    with tempfile.TemporaryDirectory(prefix="shopstream-bench-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=lambda what: print(what, file=sys.stderr)) as stack:
            report = asyncio.run(compare(counts, options.rounds, stack, folder))
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for kind, figures in report.items():
        print(
            f"{kind:<9} {figures['events_per_second']:>9,} events/s  {figures['ratio_to_plain']:>6} x plain Faust"
        )
        if figures["phases_seconds"]:
            print(
                "          "
                + "  ".join(f"{phase} {took} s" for phase, took in figures["phases_seconds"].items())
            )


if __name__ == "__main__":
    main()
