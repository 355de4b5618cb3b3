"""What the commands that speak to Kafka share: settings, the event loop, and errors as exit codes."""

import asyncio
import logging
import logging.config
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from pydantic import ValidationError

from streams.log import configuration
from streams.settings import LogSettings, Settings

OK = 0
BAD_DATA = 1
"""Something was wrong with the data, or with the result."""
DENIED = 77
"""sysexits.h EX_NOPERM: the caller did not prove who they are, or may not do this."""
SETTINGS = 78
"""sysexits.h EX_CONFIG: the settings are wrong, or what they name is not there."""

T = TypeVar("T")


def load_settings() -> Settings:
    """The effective settings; ends the command where there are none."""
    named = os.environ.get("SHOPSTREAM_CONFIG")
    if named and not Path(named).is_file():
        fail(SETTINGS, "SHOPSTREAM_CONFIG names a file that is not there: correct it, or unset it")
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        fail(SETTINGS, "the settings are not valid:\n" + "\n".join(lines))
    except ValueError as error:  # TOML that can't be read, or JSON in an environment variable
        fail(SETTINGS, f"the settings can't be read ({type(error).__name__}): {_where(error)}")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work; SIGTERM ends it as Ctrl-C does, and errors end it with their exit code."""
    from models.errors import ModelError
    from privacy.access import AccessDenied
    from privacy.errors import PrivacyError
    from streams.client.errors import ClientError, NotSetUp
    from streams.contracts.violation import ContractViolation

    quiet()
    try:
        return asyncio.run(_cancellable(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except AccessDenied as error:
        fail(DENIED, str(error))
    except (ModelError, NotSetUp, PrivacyError) as error:
        fail(SETTINGS, str(error))
    except (ClientError, ContractViolation) as error:
        fail(BAD_DATA, str(error))


def quiet() -> None:
    """Logs our own warnings to standard error; nothing of Kafka's client, whose failures become errors."""
    logging.config.dictConfig(configuration(LogSettings(format="text"), "WARNING"))
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def fail(code: int, message: str) -> NoReturn:
    """Ends the command with a message on standard error."""
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(code)


async def _cancellable(work: Coroutine[Any, Any, T]) -> T:
    """SIGTERM cancels the work, as Ctrl-C does in asyncio; an exception out of a handler would hit any task."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run makes one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def _where(error: ValueError) -> str:
    """The place of a syntax error; never the text around it, which may be a secret."""
    message = str(error)
    place = message[message.find("(at ") :] if "(at " in message else ""
    return place or "check shopstream.toml and the SHOPSTREAM_… variables"
