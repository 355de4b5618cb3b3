"""The report passes only if everything holds that the demo promises."""

from collections import Counter
from dataclasses import replace

import pytest

from streams.contracts.examples import example
from streams.counting import Balance
from streams.demo.evidence import Evidence, Findings
from streams.demo.report import Report, summary
from streams.demo.shop.plan import Census
from streams.demo.showing import shown
from streams.demo.streaming import Sent

BALANCES = {
    "reviews": Balance(inputs=10, answered=9, dead={"not_json": 1}),
    "user-changes": Balance(inputs=9, answered=9),
}
EVIDENCE = Evidence(
    BALANCES,
    planted_in_inputs=2,
    planted_in_outputs=0,
    findings=Findings(
        Counter(positive=7, negative=2), Counter(EMAIL=2), sealed=2, models={"m 1"}, users={"u1"}
    ),
)
SOUND = Report(
    sent=Sent("demo-1", streamed=(100, 4.0)),
    evidence=EVIDENCE,
    census=Census(malformed={"reviews": Counter(not_json=1)}, planted={"a@example.org", "b@example.org"}),
    clean=True,
    seconds=9.0,
)


def reviews(balance: Balance) -> Report:
    return replace(SOUND, evidence=replace(EVIDENCE, balances=BALANCES | {"reviews": balance}))


def test_a_sound_run_passes() -> None:
    assert SOUND.passed
    assert SOUND.document()["passed"]
    assert SOUND.per_second == 25
    assert next(summary(SOUND)).startswith("Passed")


def test_names_that_were_missed_are_told_and_fail_no_run() -> None:
    missed = replace(
        SOUND,
        evidence=replace(EVIDENCE, names_in_outputs=1),
        census=replace(SOUND.census, unprotected={"Ann Lee", "Bo Chen", "York"}),
    )
    assert missed.passed
    privacy = missed.document()["privacy"]
    assert (privacy["names_and_addresses"], privacy["names_and_addresses_in_outputs"]) == (3, 1)
    assert any("of 3 names and addresses 1 " in line for line in summary(missed))


@pytest.mark.parametrize(
    "broken",
    [
        reviews(Balance(inputs=10, answered=8, dead={"not_json": 1}, lost=("demo-1-000001",))),
        reviews(Balance(inputs=10, answered=8, dead={"not_json": 2})),
        reviews(Balance(inputs=10, answered=9, dead={"wrong_type": 1})),
        replace(SOUND, evidence=replace(EVIDENCE, planted_in_outputs=1)),
        replace(SOUND, evidence=replace(EVIDENCE, planted_in_inputs=1)),
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


@pytest.mark.parametrize(
    "topic", ["review-insights", "search-rankings", "support-replies", "recommendations", "dead-letters"]
)
def test_every_kind_of_result_can_be_looked_at(topic: str) -> None:
    result = example(topic)
    lines = list(shown(result))  # type: ignore[arg-type]
    assert len(lines) >= 1
    assert all(line.strip() for line in lines)
