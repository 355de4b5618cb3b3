"""A worker that was asked to end ends, whatever it waits for."""

import subprocess
import sys

from streams.delivery.errors import EXIT_SOFTWARE

HANGS = """
import asyncio
from streams.delivery.ending import end_within

async def hang():
    await asyncio.Event().wait()

async def main():
    end_within(0.3)
    await hang()

asyncio.run(main())
"""


def test_past_the_bound_it_exits_and_says_where_it_stood() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == EXIT_SOFTWARE
    assert "not done after 0 s" in ended.stderr
    assert "main at <string>:" in ended.stderr
