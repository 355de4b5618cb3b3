"""A house of real parts around a stand-in encoder; where a part would need a broker, something with its attributes."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from models.catalogue.catalogue import Catalogue
from models.catalogue.text import product_text
from models.engine.backend import Vectors
from models.engine.requests import Priority
from models.errors import DeadlineExceeded
from models.recommend import Associations, Recommender
from models.recommend.history import History
from models.search import Searcher
from models.support import Responder, SupportMemory, source_text
from models.support.memory import Source
from streams.contracts.codec import encode, encode_event
from streams.contracts.events import CatalogItem, Event
from streams.contracts.partitioning import partition_for
from streams.contracts.results import Coverage, Result
from streams.contracts.topics import Topic
from streams.delivery.dead_letters import DeadLetterOffice
from streams.delivery.encoding import CAUSE_HEADER, Encoder, source_of
from streams.delivery.processing import StageProcessor
from streams.delivery.records import Outgoing, Verdict
from streams.delivery.stage import AnyStage
from streams.health import Health
from streams.releases.serving import reference
from streams.review_readers import ReviewReaders
from streams.views.products import to_product
from streams.views.terms import CatalogueTerms
from tests.delivery.fakes import MemoryResends, record
from tests.standins.encoder import WIDTH, StandInEncoder
from tests.standins.house import Behaviour, StandInReader, serving
from tests.standins.keys import local_guard

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
PARTITIONS = 4


class CountingEncoder(StandInEncoder):
    """Remembers what it was asked to embed, and for whom; may be too busy for what has to be done in time."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.told: list[str] = []
        self.priorities: set[Priority] = set()
        self.busy = False

    async def queries(
        self, texts: Sequence[str], priority: Priority = Priority.QUERY, timeout: float | None = None
    ) -> Vectors:
        if self.busy and timeout is not None:
            raise DeadlineExceeded
        self.asked += texts
        self.priorities.add(priority)
        return await super().queries(texts, priority, timeout)

    async def passages(self, texts: Sequence[str], priority: Priority = Priority.BACKFILL) -> Vectors:
        self.told += texts
        self.priorities.add(priority)
        return await super().passages(texts, priority)


class FixedCoverage:
    """An index that is whole, or as a test has it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.complete = True

    def degraded(self) -> list[str]:
        return [] if self.complete else [self.name]

    def coverage(self) -> Coverage:
        return Coverage(indexed=6, expected=6 if self.complete else 10)


class KnownUsers:
    """User state without Redis."""

    def __init__(self) -> None:
        self.known: dict[str, History] = {}

    async def histories(self, tokens: Collection[str]) -> dict[str, History]:
        return {token: self.known.get(token, History()) for token in tokens}


class SmallHouse:
    """What the stages use of a `House`."""

    def __init__(self, folder: Path) -> None:
        self.retriever = CountingEncoder()
        self.retrieval_models = [reference(self.retriever.identity)]
        self.recommend_models = self.retrieval_models
        self.intent_reader: Any = None
        self.name_tagger: Any = None
        self.query_timeout = 1.0
        self.review_readers = ReviewReaders(serving(StandInReader(Behaviour())))
        self.catalogue = Catalogue(WIDTH)
        self.catalogue_coverage = FixedCoverage("catalogue")
        self.guard = local_guard(folder / "kek.json", terms=CatalogueTerms(self.catalogue))
        self.searcher = Searcher(self.catalogue, self.retriever.identity.digest)
        self.associations = Associations()
        self.recommender = Recommender(self.catalogue, self.associations)
        self.memory = SupportMemory(WIDTH)
        self.memory_coverage = FixedCoverage("support-memory")
        self.responder = Responder(self.memory)
        self.users: Any = KnownUsers()
        self.standings: Any = None
        self.lacks: list[str] = []

    def clock(self) -> datetime:
        return NOW

    def lacking(self) -> list[str]:
        return self.lacks

    async def stock(self, *items: CatalogItem) -> None:
        """Puts products into the index, as the view of it does."""
        products = [to_product(item) for item in items]
        vectors = await StandInEncoder().passages([product_text(product) for product in products])
        self.catalogue.upsert(products, vectors)
        self.catalogue.commit()

    async def teach(self, *sources: Source) -> None:
        """Puts sources into support's memory, as the view of it does."""
        self.memory.upsert(sources, await StandInEncoder().queries([source_text(one) for one in sources]))


def item(product_id: str, title: str, *, hours: float = 0, **fields: Any) -> CatalogItem:
    """A product, some hours after `NOW`."""
    given = {"id": f"{product_id}-at-{hours}", "product_id": product_id, "title": title, **fields}
    return CatalogItem.model_validate({"time": NOW + timedelta(hours=hours), **given})


def event(topic: Topic[Any], event_id: str, **fields: Any) -> Any:
    """An event of an input topic, at `NOW` unless told."""
    return topic.model.model_validate({"id": event_id, "time": NOW, **fields})


def put(topic: Topic[Any], events: Iterable[Event | Result | str]) -> list[ConsumerRecord]:
    """The records of events, each next in the partition of its key; a text is a key to delete."""
    records: list[ConsumerRecord] = []
    for one in events:
        key = (one if isinstance(one, str) else topic.key(one)).encode()
        value = None if isinstance(one, str) else encode_event(one) if isinstance(one, Event) else encode(one)
        partition = partition_for(key, PARTITIONS)
        offset = sum(before.partition == partition for before in records)
        records.append(record(offset, value, partition=partition, topic=f"t-{topic.name}", key=key))
    return records


async def results_of(stage: AnyStage, house: Any, *events: Any) -> list[Any]:
    """What a stage says of some events."""
    return (await stage(events, house)).all


async def decide(stage: AnyStage, house: Any, records: Sequence[ConsumerRecord]) -> list[Verdict]:
    """What a worker would write: one verdict for each record."""
    encoder = Encoder("t-{}".format, source_of(stage.consumes.name), defaultdict(lambda: PARTITIONS))
    processor = StageProcessor(
        stage,
        house,
        encoder=encoder,
        dead_letters=DeadLetterOffice(stage.consumes.name, house.guard, encoder),
        resends=MemoryResends(),
        health=Health(),
        attempts=1,
        max_future=timedelta(days=36_500),
    )
    return await processor.decide(records)


def each_in_one(stage: AnyStage, records: Sequence[ConsumerRecord], verdicts: Sequence[Verdict]) -> bool:
    """Whether each record is a cause of exactly one result of the first output topic, in a transaction of its own
    partition, and all results of the other topics are allowed ones.
    """
    partitions: dict[str, set[int]] = defaultdict(set)
    for one in records:
        partitions[cause_of(one)].add(one.partition)
    found: Counter[str] = Counter()
    for one, verdict in zip(records, verdicts, strict=True):
        for outgoing in verdict.outgoing:
            assert outgoing.topic in {f"t-{topic.name}" for topic in stage.emits}, outgoing.topic
            assert all(one.partition in partitions[cause] for cause in causes(outgoing))
            if outgoing.topic == f"t-{stage.emits[0].name}":
                found.update(causes(outgoing))
    return found == Counter(map(cause_of, records))


def cause_of(one: ConsumerRecord) -> str:
    """The id of a record's event, or the place of a deletion."""
    if one.value is None:
        return f"{one.topic}/{one.partition}/{one.offset}"
    return str(orjson.loads(one.value)["id"])


def causes(outgoing: Outgoing) -> list[str]:
    """Those that a record of an output topic names."""
    if outgoing.value is None:
        return list(orjson.loads(dict(outgoing.headers)[CAUSE_HEADER]))
    return list(orjson.loads(outgoing.value)["causes"])


def of_type(kind: type[Any], results: Iterable[Any]) -> list[Any]:
    """The results of one topic."""
    return [result for result in results if isinstance(result, kind)]


def written(results: Iterable[Result]) -> str:
    """All bytes that results leave on their topics, as text."""
    return "\n".join(encode(result).decode() for result in results)
