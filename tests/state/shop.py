"""Changes of a small shop, made by a seed."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.contracts.partitioning import partition_for
from streams.contracts.records import UserChange
from streams.contracts.results import AspectOpinion, Probabilities, Sentiment
from streams.delivery.stage import Placed

PARTITIONS = 3
START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("viewed", "clicked", "carted", "bought", "removed", "dismissed", "reviewed", "searched", "asked")


def change(
    number: int,
    user: str = "u1",
    kind: str = "viewed",
    product: str | None = "p1",
    *,
    day: float = 0,
    **more: Any,
) -> UserChange:
    """The change with that number, some days after the start."""
    return UserChange.model_validate(
        {
            "id": f"change-{number}",
            "causes": [f"event-{number}"],
            "time": START + timedelta(days=day),
            "user": user,
            "kind": kind,
            "product_id": product,
            **more,
        }
    )


def feeling(positive: float, negative: float) -> Sentiment:
    """A sentiment with these probabilities."""
    probabilities = Probabilities(negative=negative, neutral=1 - positive - negative, positive=positive)
    return Sentiment(label="positive" if positive > negative else "negative", probabilities=probabilities)


def opinion(aspect: str, sentiment: str) -> AspectOpinion:
    """What a review says about one aspect."""
    return AspectOpinion.model_validate({"aspect": aspect, "sentiment": sentiment, "probability": 0.9})


def opinions(rng: random.Random) -> list[AspectOpinion]:
    """On some aspects."""
    return [
        opinion(aspect, rng.choice(("negative", "mixed", "positive")))
        for aspect in rng.sample(("fit", "quality", "price"), rng.randrange(3))
    ]


def changes(seed: int, count: int, users: int = 5, products: int = 8, *, first: int = 0) -> list[UserChange]:
    """Changes of all kinds, their event times in no order."""
    rng = random.Random(seed)

    def made(number: int) -> UserChange:
        kind = rng.choice(KINDS)
        words = kind in ("searched", "asked")
        return change(
            number,
            f"u{rng.randrange(users)}",
            kind,
            None if words else f"p{rng.randrange(products)}",
            day=rng.randrange(100_000) / 100,
            text="where is my [PERSON_1] parcel" if words else None,
            rating=rng.randint(1, 5) if kind == "reviewed" else None,
            sentiment=feeling(rng.randrange(50) / 100, rng.randrange(50) / 100)
            if kind == "reviewed"
            else None,
            stars=rng.randrange(1_000, 5_001) / 1_000 if kind == "reviewed" else None,
            aspects=opinions(rng) if kind == "reviewed" else [],
        )

    return [made(number) for number in range(first, first + count)]


def placed(all_of_them: Iterable[UserChange], start: int = 0) -> list[Placed[UserChange]]:
    """The changes where their keys put them, with gaps in the offsets as commit markers leave."""
    ends: Counter[int] = Counter(dict.fromkeys(range(PARTITIONS), start))
    result = []
    for one in all_of_them:
        partition = partition_for(one.user.encode(), PARTITIONS)
        result.append(Placed(one, partition, ends[partition]))
        ends[partition] += 1 + (ends[partition] % 3 == 0)
    return result


def in_batches(rng: random.Random, every: Sequence[Placed[UserChange]]) -> list[list[Placed[UserChange]]]:
    """The partitions' changes woven into each other anew, and cut anew."""
    queues = [[one for one in every if one.partition == partition] for partition in range(PARTITIONS)]
    batches: list[list[Placed[UserChange]]] = [[]]
    while any(queues):
        queue = rng.choice([one for one in queues if one])
        batches[-1].append(queue.pop(0))
        if rng.random() < 0.2:
            batches.append([])
    return batches
