"""The tagger is asked once a batch, for what the policy wants of it; and nothing passes where it was not asked."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from privacy import (
    DEFAULT_POLICY,
    Detector,
    FieldRule,
    Plaintext,
    Policy,
    Sensitive,
    Span,
    Tokeniser,
    Treatment,
)
from privacy.detect import TaggerDefect
from privacy.dry_run import DryRun
from privacy.masker import Masker
from privacy.policy import STRUCTURED
from privacy.tagging import Tagged, Tagging
from tests.standins.keys import local_guard

ANNA = "Anna Petrova"


class Asked:
    """Knows one name, and remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], set[str]]] = []

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        self.calls.append((list(texts), set(topics)))
        return [
            [Span(at, at + len(ANNA), "PERSON", 0.9, "asked")] if (at := text.find(ANNA)) >= 0 else []
            for text in texts
        ]


class Down:
    """A tagger that fails."""

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        raise RuntimeError("the device is gone")


def sensitive(topic: str, event_id: str = "e-1", **texts: str) -> Sensitive:
    return Sensitive(topic, event_id, "u-1", {name: Plaintext(text) for name, text in texts.items()})


async def test_a_batch_is_one_call_with_each_text_once_and_none_that_is_blank(tmp_path: Path) -> None:
    tagger = Asked()
    guard = local_guard(tmp_path / "kek.json", tagger=tagger)
    one, two, three = await guard.protect(
        [
            sensitive("reviews", "e-1", title="fine", text=f"says {ANNA}, anna@example.org"),
            sensitive("reviews", "e-2", title="fine", text=" "),
            sensitive("reviews", "e-3", title="", text=ANNA),
        ]
    )
    assert tagger.calls == [(["fine", f"says {ANNA}, anna@example.org", ANNA], {"reviews"})]
    assert one.masked == {"title": "fine", "text": "says [PERSON_1], [EMAIL_1]"}
    assert one.kinds == {"PERSON": 1, "EMAIL": 1}
    assert (list(one.sealed), two.masked, three.masked) == (
        ["text"],
        {"title": "fine", "text": " "},
        {"title": "", "text": "[PERSON_1]"},
    )


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        (FieldRule(), True),
        (FieldRule(kinds=frozenset({"PERSON"})), True),
        (FieldRule(Treatment.TOKENISE), True),
        (FieldRule(kinds=STRUCTURED), False),
        (FieldRule(Treatment.KEEP), False),
        (FieldRule(Treatment.DROP), False),
    ],
)
async def test_it_is_asked_where_names_are_masked(rule: FieldRule, asked: bool) -> None:
    tagger = Asked()
    policy = Policy({("reviews", "text"): rule})
    await Tagging(policy, tagger).tagged([("reviews", {"text": ANNA})])
    assert tagger.calls == ([([ANNA], {"reviews"})] if asked else [])


async def test_queries_are_not_given_to_it(tmp_path: Path) -> None:
    tagger = Asked()
    guard = local_guard(tmp_path / "kek.json", tagger=tagger)
    (query,) = await guard.protect([sensitive("queries", text=ANNA)])
    assert (query.masked, tagger.calls) == ({"text": ANNA}, [])
    assert await guard.protect([]) == []


async def test_where_it_fails_nothing_leaves(tmp_path: Path) -> None:
    guard = local_guard(tmp_path / "kek.json", tagger=Down())
    with pytest.raises(RuntimeError, match="device"):
        await guard.protect([sensitive("reviews", text="fine")])


def test_a_text_that_it_was_not_asked_for_is_refused_without_being_shown() -> None:
    masker = Masker(Detector(), DEFAULT_POLICY, Tokeniser(bytes(32)))
    tagged = Tagged({"another": []})
    with pytest.raises(TaggerDefect) as raised:
        masker.masked([("reviews", {"text": ANNA})], tagged)
    assert ANNA not in str(raised.value)
    assert ANNA not in repr(Tagged({ANNA: []}))
    ((query,),) = masker.masked([("queries", {"text": ANNA})], tagged)
    assert query == "text"


async def test_a_dry_run_tells_what_it_says() -> None:
    tagger = Asked()
    dry = DryRun(Detector(thresholds={"PERSON": 0.95}), DEFAULT_POLICY, tagger=tagger)
    ((report,),) = await dry.report([("reviews", {"text": Plaintext(ANNA)})], explain=True)
    assert [(one.verdict.value, one.span.recognizer) for one in report.candidates] == [
        ("below threshold", "asked")
    ]
    assert (report.replaced, len(tagger.calls)) == (0, 1)
