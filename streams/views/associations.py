"""Which products the same people take, in this worker: changes of users, joined to the co-occurrence index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from pydantic import ValidationError

from models.recommend.associations import Associations
from models.recommend.history import Action, ActionKind
from models.recommend.profile import interest
from models.recommend.related import Related
from streams.contracts.events import CONTRACT, CONTRACT_MAJOR
from streams.contracts.fields import Contract, ContractVersion, Identifier, Slug, Time
from streams.contracts.results import Sentiment

MIDDLE_STARS: Final = 3
FORGOTTEN: Final = "forgotten"
ACTIONS: Final = frozenset(get_args(ActionKind))


class Deed(Contract):
    """What associations need of a `UserChange`; the rest of it, text and sealed values, is not looked at."""

    contract: ContractVersion = CONTRACT
    time: Time
    user: Identifier
    kind: Slug
    product_id: Identifier | None = None
    rating: int | None = None
    sentiment: Sentiment | None = None


@dataclass(frozen=True, slots=True)
class AssociationsDump:
    """The index in its own bytes."""

    count: int
    content: bytes

    def __len__(self) -> int:
        return self.count

    def chunks(self) -> Iterator[bytes]:
        """All of it."""
        yield self.content


class AssociationsView:
    """A `View` of `user-changes`. Its snapshots hold user tokens and product ids, and no text.

    Attributes:
        associations: the index; another one after `restore` and `clear`, so it is not to be kept.
    """

    layout: Final = "associations/1"

    def __init__(self) -> None:
        self.associations = Associations()

    def __len__(self) -> int:
        return len(self.associations)

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes changes in; `View.apply` says more. The topic deletes nothing by key."""
        del deleted
        unreadable = []
        for place, value in enumerate(upserted):
            try:
                deed = Deed.model_validate_json(value)
            except ValidationError:
                unreadable.append(place)
                continue
            if not deed.contract.startswith(f"{CONTRACT_MAJOR}."):
                unreadable.append(place)
                continue
            if deed.kind == FORGOTTEN:
                self.associations.forget(deed.user)
                continue
            action = action_of(deed)
            if action is not None and (said := interest(action)) > 0:
                self.associations.record(deed.user, action.product_id, action.at, said)
        return unreadable

    def related(self, sources: Sequence[tuple[str, float]]) -> Related:
        """What goes with some weighted products, by the index as it is now."""
        return self.associations.related(sources)

    def commit(self) -> None:
        """Nothing to do: what is recorded counts."""

    def dump(self) -> AssociationsDump:
        """The whole index."""
        return AssociationsDump(len(self.associations), self.associations.dump())

    def restore(self, payload: memoryview) -> None:
        """Replaces the index; `View.restore` says more."""
        self.associations = Associations.restore(bytes(payload))

    def clear(self) -> None:
        """Begins with an empty index."""
        self.associations = Associations()


def action_of(deed: Deed) -> Action | None:
    """What a change says that its user did with a product; None where it is about none.

    The opinion of a review is the probability of positive less that of negative, else it follows from its stars.
    """
    if deed.product_id is None or deed.kind not in ACTIONS:
        return None
    opinion = None
    if deed.sentiment is not None:
        opinion = deed.sentiment.probabilities.positive - deed.sentiment.probabilities.negative
    elif deed.rating is not None:
        opinion = (deed.rating - MIDDLE_STARS) / 2
    return Action(deed.product_id, cast("ActionKind", deed.kind), deed.time.timestamp(), opinion)
