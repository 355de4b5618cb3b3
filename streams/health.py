"""What a worker says about itself: alive, ready, and why not."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Health:
    """The state that `/livez` and `/readyz` report; written by delivery, read by the web room.

    Attributes:
        joined: whether the worker ever joined its group.
        assigned: whether it has its partitions and opened their lanes.
        partitions: how many input partitions it owns.
        waiting: what it waits for, by name, with the monotonic time since when; it decides nothing meanwhile.
        held: by input topic, what its events wait for; the others are decided meanwhile.
        missed: by input topic, the monotonic time when that was last found missing.
        degraded: what it does without, by name; it still decides.
        refused: by role, why the model that was released last is not taken; the one before serves on.
        beat: monotonic time of the event loop's last sign of life.
    """

    joined: bool = False
    assigned: bool = False
    partitions: int = 0
    waiting: dict[str, float] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    missed: dict[str, float] = field(default_factory=dict)
    degraded: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    beat: float = field(default_factory=time.monotonic)

    def wait_for(self, name: str) -> None:
        """The worker decides nothing until it has this."""
        self.waiting.setdefault(name, time.monotonic())

    def go_on(self, name: str) -> None:
        """It waits no more."""
        self.waiting.pop(name, None)

    def hold(self, topic: str, name: str) -> None:
        """Events of this topic (its name on the broker) wait for something, which was just found missing."""
        self.held[topic] = name
        self.missed[topic] = time.monotonic()

    def release(self, topic: str) -> None:
        """They wait no more; others of the same topic that still do will say so again."""
        self.held.pop(topic, None)

    def without(self, name: str) -> None:
        """The worker goes on without this."""
        self.degraded.setdefault(name, time.monotonic())

    def restored(self, name: str) -> None:
        """It is back."""
        self.degraded.pop(name, None)

    def not_ready(self) -> list[str]:
        """Why the worker is not ready, in words; empty when it is."""
        reasons = [] if self.assigned else ["no partitions assigned yet"]
        return reasons + [f"waiting for {name}" for name in sorted(self.waiting)]
