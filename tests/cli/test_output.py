"""How far a long work is, where there is no terminal to draw a bar on."""

import pytest

from streams.cli import output


def test_a_log_is_told_how_far_a_work_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with output.progress("reading", 2_000) as done, output.progress("looking", None) as looked:
        done(1)
        now += output.SECONDS_A_LINE
        done(1_500)
        done(1_600)
        looked(7)
    with output.stages() as advance:
        advance("training", 1, 9)
        now += output.SECONDS_A_LINE
        advance("training", 2, 9)
        advance("test", 1, 3)
    assert capsys.readouterr().err.splitlines() == [
        "reading: 1,500 of 2,000",
        "looking: 7",
        "training: 2 of 9",
    ]
