import asyncio
import signal

import pytest

from streams.cli.session import run


@pytest.mark.usefixtures("process_as_before")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_another_task_runs_reaches_the_work(by: signal.Signals) -> None:
    """A client's own tasks run beside the work: what the signal hits must not be left to chance."""
    ends: list[str] = []

    async def beside() -> None:
        signal.raise_signal(by)

    async def work() -> None:
        other = asyncio.create_task(beside())
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await other
            ends.append("the work was told, and could still wait")
            raise

    with pytest.raises(KeyboardInterrupt):
        run(work())
    assert ends == ["the work was told, and could still wait"]
