"""What can go wrong on an event's way, and who is to blame.

DeliveryError
├── DependencyUnavailable   a service is away: wait, nothing is wrong with the event
├── StageDefect             a stage broke its promise (an event without an answer): the event fails, with this reason
└── WorkerDefect            the process can't go on: it exits with code 70 and its supervisor starts another

Everything else that a stage raises counts as a failure of the batch: it is split until the culprit is alone.
"""

EXIT_SOFTWARE = 70
"""sysexits.h EX_SOFTWARE: a lane was fenced or a defect was met; start the worker again."""

EXIT_STUCK = 75
"""sysexits.h EX_TEMPFAIL: there was work and nothing was decided for too long; start the worker again."""

EXIT_CONFIG = 78
"""sysexits.h EX_CONFIG: the worker can't run like this; starting it again does not help."""


class DeliveryError(Exception):
    """Base of all errors of this room."""


class DependencyUnavailable(DeliveryError):
    """A service that the stage needs can't be reached; the batch waits and is tried again.

    Args:
        name: the dependency, as the health report names it ("redis", "catalogue").
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class StageDefect(DeliveryError):
    """A stage gave back something that can't be published; the text holds no event data."""


class WorkerDefect(DeliveryError):
    """The worker has to end; the text says what to do."""
