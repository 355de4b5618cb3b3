"""Reads a run's topics anew when all is done: what a `read_committed` reader finds, searched and summed up."""

import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiokafka import ConsumerRecord

from streams.client.results import read_result
from streams.contracts.results import ReviewInsight
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS, TOPICS, Topic
from streams.counting import Offsets, Scope, committed_records, count
from streams.demo.leaks import LeakSearch
from streams.demo.report import EXAMPLES, Privacy, Report
from streams.demo.reviews import source_of
from streams.settings import Settings

WRITTEN: Final[tuple[Topic[Any], ...]] = tuple(topic for topic in TOPICS.values() if topic.direction != "in")
"""All that workers write."""


@dataclass(slots=True)
class Sent:
    """What a run sent.

    Attributes:
        run: its name.
        since: where topics ended before it.
        opener: id of the review that was sent ahead of the others and does not count for the speed.
        per_second: its pace.
        planted: personal values.
        malformed: malformed reviews, by reason.
    """

    run: str
    since: Offsets
    opener: str = ""
    per_second: float = 0.0
    planted: set[str] = field(default_factory=set)
    malformed: Counter[str] = field(default_factory=Counter)

    def wrote(self, record: ConsumerRecord) -> bool:
        """Whether an input record is of this run."""
        return ("ce_source", source_of(self.run).encode()) in record.headers


@dataclass(slots=True)
class Findings:
    """What a run's insights say.

    Attributes:
        sentiment: insights by label.
        masked: placeholders by kind.
        sealed: sealed originals.
        models: `id version` of what made them.
        examples: insights by what is masked in them.
        times: when the broker got them, in ms since 1970.
    """

    sentiment: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    sealed: int = 0
    models: set[str] = field(default_factory=set)
    examples: dict[str, ReviewInsight] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)

    def add(self, insight: ReviewInsight) -> None:
        """One more insight of the run."""
        self.sentiment[insight.sentiment.label] += 1
        self.masked.update(insight.masked)
        self.sealed += len(insight.sealed)
        self.models |= {f"{model.id} {model.version}" for model in insight.model}
        kinds = " ".join(sorted(insight.masked))
        if kinds and len(self.examples) < EXAMPLES:
            self.examples.setdefault(kinds, insight)

    def per_second(self) -> float:
        """Insights a second, from the first to the last; those that came with the first one don't count."""
        if not self.times:
            return 0.0
        first, last = min(self.times), max(self.times)
        return sum(moment > first for moment in self.times) * 1000 / max(1, last - first)


async def examine(settings: Settings, sent: Sent, log: Path, *, clean: bool, seconds: float) -> Report:
    """The report on a run that is over, its workers gone.

    Args:
        settings: with the broker's address.
        sent: what was sent.
        log: what the workers wrote.
        clean: whether they ended in good order.
        seconds: how long the run took.

    Raises:
        ClientError: Kafka can't be reached or stops giving records.
    """
    scope = Scope(sent.since, sent.wrote, lambda name: name.startswith(sent.run))
    balance = await count(settings, REVIEWS, scope)
    inside, outside = LeakSearch(sent.planted), LeakSearch(sent.planted)
    await _search_inputs(settings, sent, inside)
    findings = await _search_outputs(settings, sent, outside)
    outside.look(await asyncio.to_thread(log.read_bytes))
    return Report(
        run=sent.run,
        balance=balance,
        malformed=dict(sorted(sent.malformed.items())),
        privacy=Privacy(
            planted=len(sent.planted),
            in_inputs=len(inside.found),
            in_outputs=len(outside.found),
            masked=dict(findings.masked),
            sealed=findings.sealed,
        ),
        sentiment=dict(findings.sentiment),
        examples=list(findings.examples.values()),
        models=sorted(findings.models),
        per_second=findings.per_second(),
        sent_per_second=sent.per_second,
        clean=clean,
        seconds=seconds,
    )


async def _search_inputs(settings: Settings, sent: Sent, search: LeakSearch) -> None:
    async with aclosing(committed_records(settings, [REVIEWS], sent.since)) as records:
        async for record in records:
            if sent.wrote(record):
                search.look(record.key, record.value)


async def _search_outputs(settings: Settings, sent: Sent, search: LeakSearch) -> Findings:
    findings = Findings()
    insights = settings.wire_topic(REVIEW_INSIGHTS.name)
    async with aclosing(committed_records(settings, WRITTEN, sent.since)) as records:
        async for record in records:
            search.look(record.key, record.value, *(value for _, value in record.headers))
            if record.topic != insights:
                continue
            insight = read_result(REVIEW_INSIGHTS, record)
            if insight and insight.causes[0].startswith(sent.run):
                findings.add(insight)
                if insight.causes != [sent.opener]:
                    findings.times.append(record.timestamp)
    return findings
