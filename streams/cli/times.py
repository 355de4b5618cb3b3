"""Times as people give them to commands."""

from datetime import UTC, datetime

import click


def moment(given: str) -> datetime:
    """A date or a time in ISO 8601; in UTC, if it does not say otherwise.

    Raises:
        ValueError: it is neither.
    """
    time = datetime.fromisoformat(given)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def moment_of(given: str | None, option: str) -> datetime | None:
    """The same of an option that may be left out; ends the command where it is no time."""
    if given is None:
        return None
    try:
        return moment(given)
    except ValueError:
        raise click.BadParameter(
            "not a time as 2026-03-14 or 2026-03-14T09:26:53+01:00", param_hint=option
        ) from None
