"""Times as people give them to commands."""

import re
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

import click

UNITS: Final = MappingProxyType({"m": "minutes", "h": "hours", "d": "days", "w": "weeks"})


def moment(given: str) -> datetime:
    """A date or a time in ISO 8601; in UTC, if it does not say otherwise.

    Raises:
        ValueError: it is neither.
    """
    time = datetime.fromisoformat(given)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def span(given: str) -> timedelta | None:
    """A span of minutes, hours, days or weeks, such as `7d`; None where it is not written as one."""
    found = re.fullmatch(r"([0-9]{1,6})([mhdw])", given)
    return None if found is None else timedelta(**{UNITS[found[2]]: int(found[1])})


def span_of(given: str, option: str) -> timedelta:
    """The same of an option; ends the command where it is no span."""
    found = span(given)
    if found is None:
        raise click.BadParameter("not a span such as 30d, 12h or 4w", param_hint=option)
    return found


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
