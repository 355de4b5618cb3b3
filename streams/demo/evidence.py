"""Reads a run's topics anew when all is done: what a `read_committed` reader finds, searched and summed up."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from aiokafka import ConsumerRecord

from streams.client.results import read_result
from streams.contracts.results import Recommendations, Result, ReviewInsight, SearchRanking, SupportReply
from streams.contracts.topics import EACH_IN_ONE, TOPICS, USER_CHANGES, Topic
from streams.counting import Balance, Offsets, Scope, committed_records, count
from streams.demo.leaks import LeakSearch
from streams.demo.shop.plan import Plan
from streams.demo.shop.queries import Posed
from streams.demo.shop.support import Asked
from streams.demo.streaming import Sent
from streams.settings import Settings

WRITTEN: Final[tuple[Topic[Any], ...]] = tuple(topic for topic in TOPICS.values() if topic.direction != "in")
"""All that workers write."""
SERVED: Final[tuple[Topic[Any], ...]] = tuple(TOPICS[name] for name in EACH_IN_ONE)
"""All that workers answer."""
EXAMPLES: Final = 2


@dataclass(slots=True)
class Quality:
    """How many of the answers are what they should be.

    Attributes:
        right: answers that are, by kind of question.
        asked: questions by kind.
    """

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, *, right: bool) -> None:
        """One more answer."""
        self.asked[kind] += 1
        self.right[kind] += right

    def document(self) -> dict[str, Any]:
        """The figures, for programs."""
        return {
            "asked": self.asked.total(),
            "right": self.right.total(),
            "by_kind": {kind: [self.right[kind], self.asked[kind]] for kind in sorted(self.asked)},
        }


@dataclass(slots=True)
class Findings:
    """What a run's results say.

    Attributes:
        sentiment: insights by label.
        masked: placeholders by kind.
        sealed: sealed originals.
        models: `id version` of what made them, and of what masked their texts.
        search: queries whose first ten products have a right one.
        support: tickets that were answered, or handed off, as they should be.
        reasons: of recommended products, by kind.
        users: whom something was recommended to.
        examples: results to look at.
    """

    sentiment: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    sealed: int = 0
    models: set[str] = field(default_factory=set)
    search: Quality = field(default_factory=Quality)
    support: Quality = field(default_factory=Quality)
    reasons: Counter[str] = field(default_factory=Counter)
    users: set[str] = field(default_factory=set)
    examples: list[Result] = field(default_factory=list)

    def add(self, result: Result, about: Posed | Asked | None) -> None:
        """One more result of the run."""
        self.models |= {f"{model.id} {model.version}" for model in result.model}
        match result:
            case ReviewInsight() | SupportReply() if result.masked_by is not None:
                self.models.add(f"{result.masked_by.id} {result.masked_by.version}")
            case _:
                pass
        match result:
            case ReviewInsight() | SearchRanking() | SupportReply():
                self.masked.update(result.masked)
                self.sealed += len(result.sealed)
            case _:
                pass
        match result, about:
            case ReviewInsight(), _:
                self.sentiment[result.sentiment.label] += 1
                self._example(result, fit=bool(result.masked))
            case SearchRanking(), Posed():
                self._judge_ranking(result, about)
            case SupportReply(), Asked():
                self._judge_reply(result, about)
            case Recommendations(), _:
                self.users.add(result.user)
                self.reasons.update(reason.kind for item in result.items for reason in item.reasons)
                reasons = {reason.kind for item in result.items[:3] for reason in item.reasons}
                self._example(result, fit="taken_together" in reasons)
            case _:
                pass

    def _judge_ranking(self, ranking: SearchRanking, posed: Posed) -> None:
        shown = {item.product_id for item in ranking.items[:10]}
        if posed.kind == "expired":
            self.search.add(posed.kind, right=ranking.status == "expired")
        elif posed.expected_products:
            self.search.add(posed.kind, right=bool(shown & posed.expected_products))
        self._example(ranking, fit=posed.kind == "typo" and bool(shown & posed.expected_products))

    def _judge_reply(self, reply: SupportReply, asked: Asked) -> None:
        by_theme = reply.intent is not None and reply.intent.label == asked.theme
        right = reply.reply is not None and by_theme if asked.expects == "answer" else reply.reply is None
        self.support.add(asked.expects, right=right)
        self._example(reply, fit=reply.reply is not None and bool(reply.masked))

    def _example(self, result: Result, *, fit: bool) -> None:
        if fit and sum(type(one) is type(result) for one in self.examples) < EXAMPLES:
            self.examples.append(result)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found.

    Attributes:
        balances: the count equations by input topic.
        planted_in_inputs: planted values that the search finds where they were sent, as it should.
        planted_in_outputs: planted values that it finds in what workers wrote, as it should not.
        names_in_outputs: names and addresses that it finds there, which the tagger missed.
        findings: what the results say.
    """

    balances: dict[str, Balance]
    planted_in_inputs: int
    planted_in_outputs: int
    findings: Findings
    names_in_outputs: int = 0


async def examine(
    settings: Settings, sent: Sent, plan: Plan, since: Offsets, logs: Sequence[Path]
) -> Evidence:
    """Counts and searches what a run left.

    Args:
        settings: with the broker's address.
        sent: what was sent.
        plan: by which.
        since: where topics ended before it.
        logs: what the workers wrote beside.

    Raises:
        ClientError: Kafka can't be reached or stops giving records.
    """
    wrote = sender(sent)
    balances = {
        topic.name: await count(settings, topic, Scope(since, wrote(topic), _ours(sent, topic)))
        for topic in SERVED
    }
    inside, outside = LeakSearch(plan.planted), LeakSearch(plan.planted)
    names = LeakSearch(plan.census.unprotected)
    inputs = [topic for topic in SERVED if topic is not USER_CHANGES]
    async with aclosing(committed_records(settings, inputs, since)) as records:
        async for record in records:
            if ("ce_source", sent.source.encode()) in record.headers:
                inside.look(record.key, record.value)
    findings = await _search_outputs(settings, sent, since, [outside, names])
    for log in logs:
        said = await asyncio.to_thread(log.read_bytes)
        outside.look(said)
        names.look(said)
    return Evidence(balances, len(inside.found), len(outside.found), findings, len(names.found))


def sender(sent: Sent) -> Callable[[Topic[Any]], Callable[[ConsumerRecord], bool]]:
    """Tells, for an input topic, which of its records are the run's: by sender, and changes of users by their cause."""
    mine = ("ce_source", sent.source.encode())

    def caused(record: ConsumerRecord) -> bool:
        return bool(orjson.loads(record.value)["causes"][0].startswith(sent.run))

    return lambda topic: caused if topic is USER_CHANGES else lambda record: mine in record.headers


def _ours(sent: Sent, topic: Topic[Any]) -> Callable[[str], bool]:
    """Which ids in results are strange when no input has them; those of changes don't tell the run."""
    return lambda name: topic is not USER_CHANGES and name.startswith(sent.run)


async def _search_outputs(
    settings: Settings, sent: Sent, since: Offsets, searches: Sequence[LeakSearch]
) -> Findings:
    findings = Findings()
    tables = {settings.wire_topic(topic.name): topic for topic in EACH_IN_ONE.values()}
    async with aclosing(committed_records(settings, WRITTEN, since)) as records:
        async for record in records:
            for search in searches:
                search.look(record.key, record.value, *(value for _, value in record.headers))
            topic = tables.get(record.topic)
            result = read_result(topic, record) if topic is not None and record.value is not None else None
            if result is not None:
                findings.add(result, sent.about.get(result.causes[0]))
    return findings
