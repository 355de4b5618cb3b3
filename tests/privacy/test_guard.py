"""The guard, with real keys."""

from datetime import date
from pathlib import Path

import pytest

from privacy import (
    DerivedKeys,
    FieldRule,
    Guard,
    KeyMaterial,
    NotAuthentic,
    Original,
    Plaintext,
    Policy,
    Protected,
    Sensitive,
    Tokeniser,
)

MATERIAL = KeyMaterial.generate()


def guard(**changes: object) -> Guard:
    parts: dict[str, object] = {
        "tenant": "t",
        "keys": DerivedKeys(MATERIAL, today=lambda: date(2025, 1, 31)),
        "tokeniser": Tokeniser(MATERIAL.token_key),
    }
    return Guard(**(parts | changes))  # type: ignore[arg-type]


def sensitive(topic: str = "reviews", subject: str | None = "user-1", **fields: str) -> Sensitive:
    return Sensitive(topic, "e-1", subject, {name: Plaintext(text) for name, text in fields.items()})


def protect(guarding: Guard, item: Sensitive) -> Protected:
    (protected,) = guarding.protect([item])
    return protected


def test_a_batch_is_masked_and_sealed_in_order() -> None:
    one, two, three = guard().protect(
        [
            sensitive(text="mail anna@example.org", title="fine"),
            sensitive(text="nothing here", title=""),
            sensitive(title="4111111111111111"),
        ]
    )
    assert one.masked == {"text": "mail [EMAIL_1]", "title": "fine"}
    assert list(one.sealed) == ["text"]
    assert one.kinds == {"EMAIL": 1}
    assert (two.masked, two.sealed, two.kinds) == ({"text": "nothing here", "title": ""}, {}, {})
    assert three.masked == {"title": "[CARD_1]"}
    assert guard().protect([]) == []


def test_an_original_opens_at_its_place_only() -> None:
    guarding = guard()
    protected = protect(guarding, sensitive(text="mail anna@example.org \ud800"))
    place = {"topic": "reviews", "event_id": "e-1", "subject": protected.subject, "field_name": "text"}
    opened = guarding.open_bytes(protected.sealed["text"], **place)  # type: ignore[arg-type]
    assert opened.decode("utf-8", "surrogatepass") == "mail anna@example.org \ud800"
    for part in place:
        with pytest.raises(NotAuthentic):
            guarding.open_bytes(protected.sealed["text"], **(place | {part: "other"}))  # type: ignore[arg-type]


def test_numbering_and_echoes_go_across_the_fields_of_an_event_but_not_further() -> None:
    first, second = guard().protect(
        [sensitive(title="785 8949", text="call me: 785 8949"), sensitive(text="785 8949, bob@x.com")]
    )
    assert first.masked == {"title": "[PHONE_1]", "text": "call me: [PHONE_1]"}
    assert set(first.sealed) == {"title", "text"}
    assert first.kinds == {"PHONE": 2}
    assert second.masked == {"text": "785 8949, [EMAIL_1]"}


def test_an_e_mail_address_as_user_id_leaves_as_a_token() -> None:
    protected = protect(guard(), sensitive(subject="anna@example.org", text="bob@x.com"))
    assert protected.subject == guard().user_token("anna@example.org")
    assert str(protected.subject).startswith("tok_")
    assert "anna" not in repr(protected)


def test_without_a_subject_originals_are_sealed_under_the_key_of_the_day() -> None:
    guarding = guard()
    protected = protect(guarding, sensitive(subject=None, text="bob@x.com"))
    assert protected.subject is None
    assert protected.sealed["text"].key == f"{MATERIAL.id}/2025-01-31"
    opened = guarding.open_bytes(
        protected.sealed["text"], topic="reviews", event_id="e-1", subject=None, field_name="text"
    )
    assert opened == b"bob@x.com"


def test_whole_events_are_sealed_as_bytes() -> None:
    guarding = guard()
    for subject in ("user-1", None):
        envelope = guarding.seal_bytes(b"\xff{", topic="reviews", event_id="reviews/0/17", subject=subject)
        opened = guarding.open_bytes(envelope, topic="reviews", event_id="reviews/0/17", subject=subject)
        assert opened == b"\xff{"


class Catalogue:
    def is_term(self, text: str) -> bool:
        return text == "4111111111111111"


def test_queries_lose_structured_kinds_keep_catalogue_terms_and_drop_originals() -> None:
    guarding = guard(terms=Catalogue())
    item = sensitive("queries", text="4111111111111111 for bob@x.com")
    protected = protect(guarding, item)
    assert protected.masked == {"text": "4111111111111111 for [EMAIL_1]"}
    assert protected.sealed == {}
    assert protect(guard(), item).masked == {"text": "[CARD_1] for [EMAIL_1]"}
    review = protect(guarding, sensitive(text="4111111111111111"))
    assert review.masked == {"text": "[CARD_1]"}


def test_a_fields_rule_goes_before_its_topics() -> None:
    policy = Policy(
        fields={("reviews", "title"): FieldRule(kinds=frozenset())},
        topics={"reviews": FieldRule(original=Original.DROP)},
    )
    protected = protect(guard(policy=policy), sensitive(title="bob@x.com", text="anna@x.com"))
    assert protected.masked == {"title": "bob@x.com", "text": "[EMAIL_1]"}
    assert protected.sealed == {}


def test_a_local_guard_keeps_its_keys_in_the_file(tmp_path: Path) -> None:
    first = Guard.local(tmp_path / "keys.json", tenant="t")
    second = Guard.local(tmp_path / "keys.json", tenant="t")
    envelope = first.seal_bytes(b"x", topic="a", event_id="b", subject=None)
    assert second.open_bytes(envelope, topic="a", event_id="b", subject=None) == b"x"
    assert first.digest(b"x") == second.digest(b"x") != guard().digest(b"x")


def test_another_tenant_cannot_open() -> None:
    envelope = guard().seal_bytes(b"x", topic="a", event_id="b", subject=None)
    with pytest.raises(NotAuthentic):
        guard(tenant="other").open_bytes(envelope, topic="a", event_id="b", subject=None)
