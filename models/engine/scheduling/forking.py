"""What a forked child must know: of its parent's threads it has none, and locks that they held stay held for ever."""

import os
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_acts: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()


def in_forked_child(owner: T, act: Callable[[T], None]) -> None:
    """Have `act` called with `owner` in every child that this process forks, as long as `owner` lives.

    Args:
        owner: is not kept alive by this.
        act: takes no lock, and refers to `owner` by its argument only.
    """
    _acts[owner] = act


def _act() -> None:
    for owner, act in list(_acts.items()):
        act(owner)


if hasattr(os, "register_at_fork"):  # systems that fork
    os.register_at_fork(after_in_child=_act)
