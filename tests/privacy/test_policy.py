"""What the policy makes of findings, without keys."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from privacy import DEFAULT_POLICY, AllowList, Detector, FieldRule, Policy, Span, Tokeniser, Treatment
from privacy.detect import KINDS
from privacy.masker import MaskedField, Masker, Stays, kinds
from privacy.placeholders import DROPPED
from privacy.policy import NAMES, STRUCTURED, ProtectedTerms
from privacy.tagging import NO_TAGGER, Tagging
from streams.contracts.results import MaskedKinds

CARD = "4111111111111111"


class Tagger:
    """Finds the given words wherever they stand."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        return [sorted(self._in(text), key=lambda span: span.start) for text in texts]

    def _in(self, text: str) -> list[Span]:
        return [
            Span(text.index(word), text.index(word) + len(word), label, 0.99, "tagger")
            for word, label in self._words.items()
            if word in text
        ]


class Terms:
    def __init__(self, *terms: str) -> None:
        self._terms = terms

    def is_term(self, text: str) -> bool:
        return text in self._terms


def fields(
    policy: Policy = DEFAULT_POLICY,
    topic: str = "reviews",
    *,
    tagged: Mapping[str, str] | None = None,
    terms: ProtectedTerms | None = None,
    **texts: str,
) -> dict[str, MaskedField]:
    events = [(topic, texts)]
    found = asyncio.run(Tagging(policy, Tagger(tagged)).tagged(events)) if tagged else NO_TAGGER
    (result,) = Masker(Detector(), policy, Tokeniser(bytes(32)), terms).masked(events, found)
    return result


def left(*args: object, **options: object) -> dict[str, str]:
    return {name: one.text for name, one in fields(*args, **options).items()}  # type: ignore[arg-type]


def of_text(rule: FieldRule, **more: ProtectedTerms) -> Policy:
    return Policy({("reviews", "text"): rule}, **more)  # type: ignore[arg-type]


def test_by_default_all_is_masked_and_sealed_but_in_queries() -> None:
    assert DEFAULT_POLICY.rule("reviews", "text") == FieldRule()
    assert FieldRule().seals
    assert DEFAULT_POLICY.rule("queries", "text").kinds == frozenset(KINDS) == STRUCTURED
    assert not DEFAULT_POLICY.rule("queries", "text").seals


def test_a_fields_rule_goes_before_its_topics() -> None:
    policy = Policy(
        fields={("reviews", "title"): FieldRule(kinds=frozenset())},
        topics={"reviews": FieldRule(Treatment.DROP)},
    )
    assert left(policy, title="bob@x.com", text="anna@x.com") == {"title": "bob@x.com", "text": DROPPED}


def test_numbering_and_echoes_go_across_the_fields_of_an_event() -> None:
    found = fields(title="785 8949", text="call me: 785 8949, bob@x.com")
    assert {name: one.text for name, one in found.items()} == {
        "title": "[PHONE_1]",
        "text": "call me: [PHONE_1], [EMAIL_1]",
    }
    assert kinds(found.values()) == {"PHONE": 2, "EMAIL": 1}


def test_an_echo_is_left_alone_where_the_field_does_not_mask_its_kind_or_is_kept_or_dropped() -> None:
    text = "call me: 785 8949"
    for rule, title in (
        (FieldRule(kinds=frozenset({"EMAIL"})), "785 8949"),
        (FieldRule(Treatment.KEEP), "785 8949"),
        (FieldRule(Treatment.DROP), DROPPED),
    ):
        policy = Policy({("reviews", "title"): rule})
        assert left(policy, title="785 8949", text=text) == {"title": title, "text": "call me: [PHONE_1]"}


def test_an_echo_is_written_as_its_field_is_treated_and_tokens_use_up_no_numbers() -> None:
    policy = Policy({("reviews", "title"): FieldRule(Treatment.TOKENISE)})
    found = left(policy, title="7858949 785 8949 mail bob@x.com", text="tel 785 8949, eve@x.com")
    assert found["title"].startswith("7858949 [PHONE:tok_")
    assert "[EMAIL:tok_" in found["title"]
    assert found["text"] == "tel [PHONE_1], [EMAIL_1]"


def test_a_kind_that_does_not_count_hides_none_that_does() -> None:
    """A tagger that takes an address for a name, more surely than the pattern, must not save it."""
    tagged = {"anna@example.org and": "PERSON"}
    places = of_text(FieldRule(kinds=STRUCTURED | {"LOCATION"}))
    assert left(places, text="anna@example.org and you", tagged=tagged) == {"text": "[EMAIL_1] and you"}
    assert left(text="anna@example.org and you", tagged=tagged) == {"text": "[PERSON_1] you"}


@pytest.mark.parametrize("label", sorted(NAMES))
def test_catalogue_terms_are_nobodys_names_in_any_field(label: str) -> None:
    text = "Stephen King by Stephen Hand"
    tagged = {"Stephen King": label, "Stephen Hand": label}
    found = fields(text=text, tagged=tagged, terms=Terms("Stephen King"))["text"]
    assert found.text == f"Stephen King by [{label}_1]"
    assert [text[span.start : span.end] for span in found.kept] == ["Stephen King"]


def test_structured_kinds_that_are_catalogue_terms_stay_in_queries_only() -> None:
    terms = Terms(CARD)
    assert left(topic="queries", text=f"{CARD} bob@x.com", terms=terms) == {"text": f"{CARD} [EMAIL_1]"}
    assert left(topic="queries", text=CARD) == {"text": "[CARD_1]"}
    assert left(text=CARD, terms=terms) == {"text": "[CARD_1]"}
    assert left(of_text(FieldRule(keep_terms=True)), text=CARD, terms=terms) == {"text": CARD}


def test_what_is_on_the_allow_list_stays_in_every_field_in_any_spelling() -> None:
    policy = Policy(
        topics=DEFAULT_POLICY.topics, allow=AllowList(["Help@Shop.example", "4111-1111-1111-1111"])
    )
    text = f"help@shop.example {CARD} bob@x.com"
    for topic in ("reviews", "queries"):
        assert left(policy, topic, text=text) == {"text": f"help@shop.example {CARD} [EMAIL_1]"}
    found = fields(policy, text=text)["text"]
    masker = Masker(Detector(), policy, Tokeniser(bytes(32)))
    assert {masker.why_stays(found.rule, span.label, text[span.start : span.end]) for span in found.kept} == {
        Stays.ALLOWED
    }


def test_an_empty_allow_list_allows_nothing() -> None:
    assert not AllowList().is_term("")
    assert not AllowList(["a"]).is_term("b")


def test_every_label_that_leaves_is_one_of_the_contract() -> None:
    contract = TypeAdapter(MaskedKinds)
    own = "X" * 40
    found = fields(of_text(FieldRule()), text="a bob@x.com", tagged={"a": own})
    assert set(contract.validate_python(kinds(found.values()))) == {own, "EMAIL"}
    dropped = fields(of_text(FieldRule(Treatment.DROP)), text="a")
    assert contract.validate_python(kinds(dropped.values())) == {"DROPPED": 1}
    assert contract.validate_python(dict.fromkeys([*STRUCTURED, *NAMES], 1))


@given(st.lists(st.sampled_from(["bob@x.com", "tel 785 8949", "785 8949", CARD, " ", "x", "é", "\u200b"])))
def test_what_was_replaced_accounts_for_every_change(parts: list[str]) -> None:
    text = " ".join(parts)
    (found,) = fields(text=text).values()
    position, rebuilt = 0, ""
    for span in found.replaced:
        assert found.placeholders is not None
        stands = found.placeholders.of(span.label, text[span.start : span.end])
        rebuilt += text[position : span.start] + stands
        position = span.end
    assert rebuilt + text[position:] == found.text
