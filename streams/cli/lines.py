"""Reads lines of JSON from a file or standard input without stopping the event loop."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

import click

LONGEST_LINE = 16 << 20
"""Bytes; above every topic's limit."""


async def numbered_lines(file: Path) -> AsyncIterator[tuple[int, bytes]]:
    """Number, from 1, and content of each line that is not blank; `-` is standard input.

    Raises:
        click.ClickException: a line is longer than `LONGEST_LINE`, so this is no file of JSON lines.
    """
    number = 0
    with click.open_file(str(file), "rb") as stream:
        lines = _from_pipe(stream) if _may_block(stream) else _from_file(stream)
        async for line in lines:
            number += 1
            if len(line) > LONGEST_LINE:
                raise _too_long(number)
            if stripped := line.strip():
                yield number, stripped


def size_of(file: Path) -> int | None:
    """Bytes of a regular file; None of standard input."""
    return file.stat().st_size if str(file) != "-" and file.is_file() else None


def _may_block(stream: IO[bytes]) -> bool:
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # not an operating system's file: in memory
        return False


async def _from_file(stream: IO[bytes]) -> AsyncIterator[bytes]:
    while line := stream.readline(LONGEST_LINE + 2):
        yield line


async def _from_pipe(stream: IO[bytes]) -> AsyncIterator[bytes]:
    """Lines as they come, so that Ctrl-C ends the wait for the next one."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE + 1)
    pipe = stream if stream is not sys.stdin.buffer else os.fdopen(os.dup(stream.fileno()), "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        while True:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                if end.partial:
                    yield end.partial
                return
            except asyncio.LimitOverrunError:
                yield b" " * (LONGEST_LINE + 1)
                return
            yield line
    finally:
        transport.close()


def _too_long(number: int) -> click.ClickException:
    return click.ClickException(
        f"line {number} has more than {LONGEST_LINE >> 20} MiB: is this a file of one JSON object a line?"
    )
