"""Logs: one JSON object a line, or text for people; never with event data.

Records carry a constant message and, in `extra`, facts such as places, counts and names of error types.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from streams.settings import LogSettings

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""Attributes that every record has; what else is there came by `extra`."""


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """What a record carries besides its message."""
    return {
        name: value
        for name, value in record.__dict__.items()
        if name not in STANDARD and not name.startswith("_") and value is not None
    }


def fault(record: logging.LogRecord) -> str | None:
    """Type and frames of a logged exception; its message is left out, since it could quote an event."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    places = []
    trace = record.exc_info[2]
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return f"{record.exc_info[0].__name__} at {' > '.join(places[-12:])}"


class JsonFormatter(logging.Formatter):
    """One line of JSON a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **facts(record),
        }
        if error := fault(record):
            line["exception"] = error
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextFormatter(logging.Formatter):
    """For a terminal: time, level, message, facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        parts = [f"{time} {record.levelname.lower():<8} {record.getMessage()}"]
        parts += [f"{name}={value}" for name, value in facts(record).items()]
        if error := fault(record):
            parts.append(error)
        return "  ".join(parts)


def configuration(settings: LogSettings, level: str | int = "INFO") -> dict[str, Any]:
    """For `logging.config.dictConfig`, also within Faust: everything to standard error, libraries at warnings."""
    formatter = JsonFormatter if settings.format == "json" else TextFormatter
    quiet = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": dict.fromkeys(("aiokafka", "faust", "mode", "transformers", "jgo"), quiet),
    }
