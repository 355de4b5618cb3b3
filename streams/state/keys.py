"""Names of the keys of user and product state.

Every key carries the number of its epoch, so that state can be built anew beside the one in use. Keys that one script
touches share a hash tag, the part in braces, so that Redis Cluster would keep them in one slot; all products have one
tag, because the list of popular ones changes with each of them.
"""

from dataclasses import dataclass


def pointer(group_id: str) -> str:
    """The key that holds the number of the epoch in use."""
    return f"{group_id}:epoch"


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """Keys of one epoch of a consumer group's state.

    Attributes:
        group_id: the consumer group; without braces or colons.
        epoch: from 1.
    """

    group_id: str
    epoch: int

    @property
    def prefix(self) -> str:
        """What all of them begin with."""
        return f"{self.group_id}:e{self.epoch}:"

    @property
    def popular(self) -> str:
        """Products by popularity."""
        return f"{self.prefix}popular:{{products}}"

    def product(self, product_id: str) -> str:
        """A product's aggregates."""
        return f"{self.prefix}product:{{products}}:{product_id}"

    def reviews(self, product_id: str) -> str:
        """Sums of a product's reviews by the days that they are of."""
        return f"{self.prefix}reviews:{{products}}:{product_id}"

    def user(self, token: str) -> tuple[str, str, str]:
        """A user's latest actions, bought products, and highest offsets applied."""
        stem = f"{self.prefix}user:{_tag(token)}"
        return f"{stem}:actions", f"{stem}:bought", f"{stem}:applied"

    def watermark(self, partition: int) -> str:
        """The next offset of a partition of `user-changes`."""
        return f"{self.prefix}next:{{watermarks}}:{partition}"


def epoch_of(key: str, group_id: str) -> int | None:
    """The epoch of a group's key; None of a key that belongs to none."""
    number, colon, _ = key.removeprefix(f"{group_id}:e").partition(":")
    return int(number) if key.startswith(f"{group_id}:e") and colon and number.isdecimal() else None


def token_of(tag: str) -> str:
    """The token that a user's hash tag, braces included, stands for."""
    return tag[1:-1].replace("%7D", "}").replace("%7B", "{").replace("%25", "%")


def _tag(token: str) -> str:
    """The hash tag of a user's keys. A brace in the token would end it early."""
    return "{" + token.replace("%", "%25").replace("{", "%7B").replace("}", "%7D") + "}"
