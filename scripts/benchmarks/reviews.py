"""The main job: real reviews, Kafka to insights, by one real worker, beside sentence-transformers' bare `encode`.

Every row with text of the CSV becomes an event (scripts/reviews_from_csv.py); in ../shared/data those are all 18,210
rows, repeated texts included. The first review is sent alone, until the worker has its model; the others in quarters.
For each quarter the worker's rate (from its first to its last insight, by the broker's clock) stands beside the peer's
on the same texts, the other one idle meanwhile; who goes first alternates. At the end a `read_committed` reader checks
the count equation.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from models.reviews import review_text
from models.sources import resolve
from scripts.benchmarks._reviews import DATA
from scripts.reviews_from_csv import Form, NotAReview, reviews, rows_of
from streams.cli.session import quiet
from streams.client import Shopstream
from streams.client.reader import TopicReader
from streams.contracts.codec import encode_event
from streams.contracts.events import Review
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS
from streams.counting import Balance, count
from streams.demo.workers import Workers, worker_command, worker_environment, working
from streams.local import LocalStack
from streams.settings import KafkaSettings, KeySettings, RedisSettings, Settings
from streams.topic_admin import create_topics

PARTS = 4
FEWEST = 2_000
"""Fewer would leave quarters of a batch or two, whose rate says nothing."""
BATCH = 32
"""Of sentence-transformers' `encode`, by default."""
QUIET_SECONDS = 1.0
"""Between two measurements, for threads that spin after their work."""
PATIENCE_SECONDS = 120.0
SAID_EVERY_SECONDS = 5.0

WHERE = """there is no {path}.
Get Womens_Clothing_E-Commerce_Reviews.csv (CC0 1.0) from
kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews and name it, as .csv or .csv.gz, by --data FILE or
SHOPSTREAM_REVIEWS."""


def say(what: str) -> None:
    """Progress, beside the result."""
    print(what, file=sys.stderr, flush=True)


class Peer:
    """sentence-transformers as it comes: float32, batches of 32, nothing around it."""

    def __init__(self, folder: Path) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ModuleNotFoundError:
            raise SystemExit("the peer is missing: .venv/bin/uv pip install sentence-transformers") from None
        self._model = SentenceTransformer(str(folder))
        self._model.encode(["warm"] * BATCH)

    @property
    def device(self) -> str:
        """Where it runs."""
        return str(self._model.device)

    def rate(self, texts: Sequence[str]) -> float:
        """Texts a second."""
        started = time.perf_counter()
        self._model.encode(list(texts), batch_size=BATCH, show_progress_bar=sys.stderr.isatty())
        return len(texts) / (time.perf_counter() - started)


@dataclass
class Answers:
    """What has come back so far, by event id: when the broker got it; None for a dead letter."""

    times: dict[str, int | None] = field(default_factory=dict)

    async def hear(self, reader: TopicReader, insights: str) -> None:
        """Reads answers as they are committed."""
        while True:
            for record in await reader.take(0.2):
                moment = record.timestamp if record.topic == insights else None
                self.times |= dict.fromkeys(orjson.loads(record.value)["causes"], moment)

    def rate(self, part: Sequence[Review]) -> float:
        """Insights a second, from the part's first to its last; those that came with the first one don't count."""
        moments = [moment for review in part if (moment := self.times[review.id]) is not None]
        first, last = min(moments), max(moments)
        return sum(moment > first for moment in moments) * 1000 / max(1, last - first)


class Job:
    """The worker's side.

    Args:
        shop: sends.
        answers: come back.
        hearing: the task that reads them.
        workers: the worker.
    """

    def __init__(
        self, shop: Shopstream, answers: Answers, hearing: "asyncio.Task[None]", workers: Workers
    ) -> None:
        self._shop = shop
        self._answers = answers
        self._hearing = hearing
        self._workers = workers

    async def rate(self, part: Sequence[Review]) -> float:
        """Sends a part and waits for its answers.

        Raises:
            WorkersFailed: the worker ended, or gave no answer for two minutes.
        """
        await self._shop.produce_many(part)
        waiting = {review.id for review in part}
        moved = said = time.monotonic()
        while waiting:
            await asyncio.sleep(0.1)
            self._workers.check()
            if self._hearing.done():
                self._hearing.result()
            left = waiting - self._answers.times.keys()
            now = time.monotonic()
            if len(left) < len(waiting):
                waiting, moved = left, now
            if now - moved > PATIENCE_SECONDS:
                raise self._workers.failure(f"no answer for {PATIENCE_SECONDS:.0f} s")
            if now - said > SAID_EVERY_SECONDS and len(part) > 1:
                said = now
                say(f"  worker: {len(part) - len(left):,} of {len(part):,}")
        return self._answers.rate(part)


def texts_of(part: Sequence[Review]) -> list[str]:
    """What the worker reads of each review, unmasked: the peer's input."""
    sent = [orjson.loads(encode_event(review)) for review in part]
    return [review_text(one.get("title"), one["text"]) for one in sent]


def parts_of(events: Sequence[Review]) -> Iterator[Sequence[Review]]:
    """Quarters, in order."""
    size = -(-len(events) // PARTS)
    for start in range(0, len(events), size):
        yield events[start : start + size]


async def measure(job: Job, peer: Peer, parts: Sequence[Sequence[Review]]) -> list[tuple[float, float]]:
    """The worker's and the peer's rates, part by part."""
    rates = []
    for number, part in enumerate(parts, 1):
        texts = texts_of(part)
        worker = peers = 0.0
        for turn in ("worker", "peer") if number % 2 else ("peer", "worker"):
            await asyncio.sleep(QUIET_SECONDS)
            if turn == "worker":
                worker = await job.rate(part)
            else:
                say(f"  bare encode of {len(texts):,} texts")
                peers = await asyncio.to_thread(peer.rate, texts)
        rates.append((worker, peers))
        say(
            f"part {number} of {len(parts)}: worker {worker:,.0f} texts/s, bare encode {peers:,.0f}, "
            f"ratio {worker / peers:.2f}"
        )
    return rates


async def main_job(settings: Settings, events: Sequence[Review], log: Path) -> dict[str, Any]:
    """Everything on a broker that is up; the figures."""
    say("loading sentence-transformers")
    peer = await asyncio.to_thread(Peer, resolve(settings.models.encoder).folder)
    await create_topics(settings)
    answers, started = Answers(), time.monotonic()
    outputs = [REVIEW_INSIGHTS.name, DEAD_LETTERS.name]
    async with (
        working(worker_command(1), worker_environment(settings), log) as workers,
        Shopstream(settings) as shop,
        TopicReader(settings, outputs) as reader,
    ):
        await reader.to_beginning()
        hearing = asyncio.create_task(answers.hear(reader, settings.wire_topic(REVIEW_INSIGHTS.name)))
        job = Job(shop, answers, hearing, workers)
        try:
            say("the worker loads its model")
            await job.rate(events[:1])
            rates = await measure(job, peer, list(parts_of(events[1:])))
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])
    seconds = time.monotonic() - started
    say("counting")
    return figures(await count(settings, REVIEWS), rates, peer, seconds) | {"worker": runs_on(log)}


def figures(
    balance: Balance, rates: Sequence[tuple[float, float]], peer: Peer, seconds: float
) -> dict[str, Any]:
    """The result, for programs."""
    worker, peers = [one for one, _ in rates], [one for _, one in rates]
    return {
        "counts": balance.document(),
        "seconds": round(seconds, 1),
        "texts_per_second": round(statistics.median(worker), 1),
        "texts_per_second_parts": [round(one, 1) for one in worker],
        "peer_texts_per_second": round(statistics.median(peers), 1),
        "peer_texts_per_second_parts": [round(one, 1) for one in peers],
        "ratio": round(statistics.median(one / other for one, other in rates), 2),
        "ratio_parts": [round(one / other, 2) for one, other in rates],
        "peer": f"sentence-transformers {version('sentence-transformers')}, float32, batch {BATCH}, {peer.device}",
        "torch": version("torch"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


def runs_on(log: Path) -> str | None:
    """Backend, device and number format of the worker, as it says in its log."""
    for line in log.read_bytes().splitlines():
        if b'"runs_on"' in line:
            told: str = orjson.loads(line)["runs_on"]
            return told
    return None


def real_reviews(path: Path, limit: int | None) -> list[Review]:
    """All reviews of the CSV.

    Raises:
        SystemExit: there is none, or one that the contract refuses.
    """
    if not path.is_file():
        raise SystemExit(WHERE.format(path=path))
    form = Form()
    events = list(islice(reviews(rows_of(path, form), form), limit))
    if refused := [event for event in events if isinstance(event, NotAReview)]:
        raise SystemExit(f"{path}: {refused[0]}")
    if len(events) < FEWEST:
        raise SystemExit(f"{path}: {len(events)} reviews are too few, {FEWEST} are needed")
    return [event for event in events if isinstance(event, Review)]


def show(report: dict[str, Any]) -> None:
    """The result, for people."""
    counts = report["counts"]
    print(
        f"{counts['inputs']:,} reviews in, {counts['answered']:,} insights, {counts['dead_letters']:,} dead letters, "
        f"{counts['lost']} lost, {counts['doubled']} doubled, {counts['strange']} strange: "
        f"the count equation {'holds' if counts['holds'] else 'DOES NOT HOLD'}"
    )
    print(f"worker       {report['texts_per_second']:>8,.1f} texts/s  ({report['worker']})")
    print(f"bare encode  {report['peer_texts_per_second']:>8,.1f} texts/s  ({report['peer']})")
    print(f"ratio        {report['ratio']:>8.2f}          parts {report['ratio_parts']}")
    print(
        f"{report['seconds']:.0f} s in all, both sides, with loading the worker's model; {report['cores']} cores"
    )


def main() -> int:
    """Exit 0 if every review was answered exactly once, else 1."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench reviews",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=DATA, help="CSV, also gzipped [default: %(default)s]")
    parser.add_argument("--limit", type=int, help=f"only the first N reviews, at least {FEWEST}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    quiet()
    events = real_reviews(options.data, options.limit)
    say(f"{len(events):,} reviews from {options.data}")
    with tempfile.TemporaryDirectory(prefix="shopstream-bench-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=say) as stack:
            settings = Settings(
                data_dir=folder / "data",
                kafka=KafkaSettings(bootstrap=stack.endpoints.bootstrap),
                redis=RedisSettings(url=SecretStr(stack.endpoints.redis_url)),
                keys=KeySettings(url=SecretStr(stack.endpoints.keys_url)),
            )
            report = asyncio.run(main_job(settings, events, folder / "worker.log"))
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0 if report["counts"]["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
