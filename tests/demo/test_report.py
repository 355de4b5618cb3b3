"""The report passes only if everything holds that the demo promises."""

from dataclasses import replace

import pytest

from streams.counting import Balance
from streams.demo.report import Privacy, Report, summary

SOUND = Report(
    run="demo-1",
    balance=Balance(inputs=10, answered=9, dead={"not_json": 1}),
    malformed={"not_json": 1},
    privacy=Privacy(planted=4, in_inputs=4, in_outputs=0, masked={"EMAIL": 2}, sealed=2),
    sentiment={"positive": 7, "negative": 2},
    examples=[],
    models=["m 1"],
    per_second=12.0,
    sent_per_second=12.0,
    clean=True,
    seconds=9.0,
)


def test_a_sound_run_passes() -> None:
    assert SOUND.passed
    assert SOUND.document()["passed"]
    assert next(summary(SOUND)).startswith("Passed")


@pytest.mark.parametrize(
    "broken",
    [
        replace(SOUND, balance=Balance(inputs=10, answered=8, dead={"not_json": 1}, lost=("demo-1-000001",))),
        replace(SOUND, balance=Balance(inputs=10, answered=8, dead={"not_json": 2})),
        replace(SOUND, malformed={"wrong_type": 1}),
        replace(SOUND, privacy=Privacy(planted=4, in_inputs=4, in_outputs=1)),
        replace(SOUND, privacy=Privacy(planted=4, in_inputs=3, in_outputs=0)),
        replace(SOUND, clean=False),
    ],
    ids=["lost", "a good review is dead", "dead for another reason", "leak", "blind search", "killed"],
)
def test_a_run_that_is_not_sound_fails_and_says_so(broken: Report) -> None:
    assert not broken.passed
    assert not broken.document()["passed"]
    said = list(summary(broken))
    assert said[0].startswith("FAILED")
    assert set(said[1:]) - set(summary(SOUND))
