"""Writes changes into an epoch of user and product state, each of them once.

All of a batch goes into one transaction that holds only while the watermarks, and the epoch in use, are what the writer
knows them to be (Redis's WATCH). So it never adds to a Redis that was restarted meanwhile and lost the changes before
these, nor to an epoch that was replaced: WATCH ends with the connection, and the writer has to look again. The scripts
keep the highest offset applied by user and by product besides, and leave out what is not above it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError, WatchError

from streams.contracts.records import UserChange
from streams.contracts.topics import USER_CHANGES
from streams.delivery.stage import Placed
from streams.settings import Settings
from streams.state import scripts
from streams.state.changes import (
    BUCKETS,
    BUCKETS_PER_HALF_LIFE,
    Argument,
    Picture,
    picture,
    product_arguments,
    user_arguments,
)
from streams.state.keys import EpochKeys, pointer

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

TOPIC: Final = USER_CHANGES.name

OFFSETS_KEPT: Final = 86_400
"""Seconds for which a forgotten user's highest offsets stay, under their token and with nothing else."""

Changes = Sequence[Placed[UserChange]]


class Moved(Exception):
    """Epoch or watermarks are not what the writer knew, or the connection was lost on the way: look again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept.

    Attributes:
        actions: of a user, the latest by event time.
        bought: products that a user bought, the latest by event time.
        popular: products in the list of the most popular.
        review_days: of a product, back from its newest review, that have sums of their own.
    """

    actions: int = 256
    bought: int = 2_000
    popular: int = 1_000
    review_days: int = 365

    @classmethod
    def by(cls, settings: Settings) -> "Bounds":
        """As the settings have them."""
        return cls(review_days=settings.products.lateness_days)


@dataclass(frozen=True, slots=True)
class Watermarks:
    """How far an epoch is.

    Attributes:
        epoch: its number.
        next: of partitions, the next offset: all changes below are applied; None where none was.
    """

    epoch: int
    next: Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction left.

    Attributes:
        marks: of the partitions that it was about.
        pictures: what is known of each user now; empty unless it was asked for.
        new_users: how many were not known before.
    """

    marks: Watermarks
    pictures: dict[str, Picture] = field(default_factory=dict)
    new_users: int = 0


async def current_epoch(client: Redis, group_id: str) -> int:
    """The number of the epoch in use."""
    return int(await client.get(pointer(group_id)) or 1)


async def watermarks(client: Redis, group_id: str, partitions: Iterable[int]) -> Watermarks:
    """How far the epoch in use is."""
    epoch, wanted = await current_epoch(client, group_id), list(partitions)
    keys = EpochKeys(group_id, epoch)
    found = await client.mget([keys.watermark(one) for one in wanted]) if wanted else []
    return Watermarks(epoch, dict(zip(wanted, map(_offset, found), strict=True)))


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes state of one consumer group.

    Attributes:
        group_id: the consumer group.
        bounds: how much is kept.
        building: whether it writes an epoch that is not in use yet.
        answering: whether what is known of the users afterwards is wanted.
    """

    group_id: str
    bounds: Bounds = Bounds()
    building: bool = False
    answering: bool = True

    async def write(
        self, client: Redis, known: Watermarks, changes: Changes, upto: Mapping[int, int] | None = None
    ) -> Written:
        """Applies changes and moves the watermarks of the partitions in `known`: all of it, or nothing.

        Args:
            client: of the server.
            known: the epoch and watermarks that have to be there, of each partition of the changes.
            changes: of each partition in the order of offsets, without a gap behind its watermark.
            upto: next offsets to which watermarks move besides.

        Raises:
            Moved: epoch or watermarks are other ones, or the connection was lost on the way.
            RedisError: Redis is away, or refuses.
        """
        keys = EpochKeys(self.group_id, known.epoch)
        marks = {partition: keys.watermark(partition) for partition in known.next}
        moved = {partition: offset or 0 for partition, offset in known.next.items()}
        for partition, offset in [
            *(upto or {}).items(),
            *((one.partition, one.offset + 1) for one in changes),
        ]:
            moved[partition] = max(moved[partition], offset)
        users = _by_user(changes)
        while True:
            try:
                async with client.pipeline() as pipe:
                    await self._watch(pipe, known, list(marks.values()))
                    pipe.multi()  # type: ignore[no-untyped-call]
                    self._queue(pipe, keys, users, changes)
                    _call(
                        pipe, scripts.WATERMARK, [marks[one] for one in marks], [moved[one] for one in marks]
                    )
                    answers = await pipe.execute(raise_on_error=False)
            except WatchError:
                raise Moved from None
            if not _scripts_missing(answers):
                break
            await scripts.load(client)
        return Written(Watermarks(known.epoch, moved), *_answered(users, answers))

    async def _watch(self, pipe: "Pipeline", known: Watermarks, marks: list[str]) -> None:
        """Makes the transaction depend on epoch and watermarks, which have to be the known ones."""
        watched = [*marks, pointer(self.group_id)]
        await pipe.watch(*watched)
        *found, epoch = await pipe.mget(watched)
        if list(map(_offset, found)) != list(known.next.values()):
            raise Moved
        if not self.building and int(epoch or 1) != known.epoch:
            raise Moved

    def _queue(
        self,
        pipe: "Pipeline",
        keys: EpochKeys,
        users: Mapping[tuple[str, int], Changes],
        changes: Changes,
    ) -> None:
        bounds = self.bounds
        for (token, partition), theirs in users.items():
            head: list[Argument] = [
                f"{TOPIC}/{partition}",
                bounds.actions,
                bounds.bought,
                int(self.answering),
                OFFSETS_KEPT,
            ]
            _call(pipe, scripts.USERS, keys.user(token), head + user_arguments(theirs))
        products = _by_product(changes)
        arguments: list[Argument] = [BUCKETS_PER_HALF_LIFE, BUCKETS, bounds.popular, bounds.review_days]
        for product_id, its in products.items():
            arguments += product_arguments(product_id, its, TOPIC)
        if products:
            names = [name for one in products for name in (keys.product(one), keys.reviews(one))]
            _call(pipe, scripts.PRODUCTS, [keys.popular, *names], arguments)


def _by_user(changes: Changes) -> dict[tuple[str, int], Changes]:
    users: defaultdict[tuple[str, int], list[Placed[UserChange]]] = defaultdict(list)
    for one in changes:
        users[one.event.user, one.partition].append(one)
    return dict(users)


def _by_product(changes: Changes) -> dict[str, Changes]:
    products: defaultdict[str, list[Placed[UserChange]]] = defaultdict(list)
    for one in changes:
        if one.event.product_id:
            products[one.event.product_id].append(one)
    return dict(products)


def _call(
    pipe: "Pipeline", script: scripts.Script, keys: Sequence[str], arguments: Sequence[Argument]
) -> None:
    pipe.evalsha(script.digest, len(keys), *keys, *arguments)


def _scripts_missing(answers: Sequence[Any]) -> bool:
    """Whether the server has forgotten the scripts, so that no watermark moved; other errors are raised."""
    errors = [one for one in answers if isinstance(one, ResponseError)]
    if errors and not all(isinstance(one, NoScriptError) for one in errors):
        raise next(one for one in errors if not isinstance(one, NoScriptError))
    return bool(errors)


def _answered(
    users: Mapping[tuple[str, int], Changes], answers: Sequence[Any]
) -> tuple[dict[str, Picture], int]:
    """What is known of each user, and how many are new."""
    pictures: dict[str, Picture] = {}
    new = 0
    for (token, _), (is_new, *known) in zip(users, answers, strict=False):  # products and watermarks follow
        new += is_new
        if known:
            pictures[token] = picture(*known)
    return pictures, new


def _offset(found: bytes | str | None) -> int | None:
    return None if found is None else int(found)
