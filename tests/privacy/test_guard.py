"""The guard, with real keys."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from privacy import (
    FieldRule,
    Guard,
    KeyFile,
    Keyring,
    LocalKms,
    Original,
    Plaintext,
    Policy,
    Protected,
    Sensitive,
    Tokeniser,
    Treatment,
)
from privacy.canonical import canonical
from privacy.placeholders import DROPPED
from tests.standins.keys import MemoryRecords, sealed_whole

NOON = datetime(2025, 1, 31, 12, tzinfo=UTC)


class Installation:
    """One key file and key store, and guards over them."""

    def __init__(self, folder: Path) -> None:
        file = KeyFile(folder / "kek.json")
        self.tokeniser = Tokeniser(file.load_or_create().token_key)
        self.kms, self.records = LocalKms(file), MemoryRecords()

    def guard(self, tenant: str = "t", **parts: object) -> Guard:
        keys = Keyring(self.kms, self.records, tenant=tenant, clock=NOON.timestamp)
        return Guard(tenant=tenant, keys=keys, tokeniser=self.tokeniser, **parts)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def guard(installation: Installation) -> Guard:
    return installation.guard()


def sensitive(topic: str = "reviews", subject: str | None = "user-1", **fields: str) -> Sensitive:
    return Sensitive(topic, "e-1", subject, {name: Plaintext(text) for name, text in fields.items()})


async def protect(guard: Guard, item: Sensitive) -> Protected:
    (protected,) = await guard.protect([item])
    return protected


async def test_a_batch_is_masked_and_sealed_in_order(guard: Guard) -> None:
    one, two, three = await guard.protect(
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
    assert await guard.protect([]) == []


async def test_an_original_opens_at_its_place(guard: Guard) -> None:
    protected = await protect(guard, sensitive(text="mail anna@example.org \ud800"))
    opened = await guard.open_bytes(
        protected.sealed["text"], topic="reviews", event_id="e-1", subject="user-1", field_name="text"
    )
    assert opened.decode("utf-8", "surrogatepass") == "mail anna@example.org \ud800"


async def test_an_e_mail_address_as_user_id_leaves_as_a_token(guard: Guard) -> None:
    protected = await protect(guard, sensitive(subject="anna@example.org", text="bob@x.com"))
    assert protected.subject == guard.user_token("anna@example.org")
    assert str(protected.subject).startswith("tok_")
    assert "anna" not in repr(protected)


async def test_without_a_subject_originals_are_sealed_under_the_key_of_the_day(guard: Guard) -> None:
    protected = await protect(guard, sensitive(subject=None, text="bob@x.com"))
    assert protected.subject is None
    assert protected.sealed["text"].key.startswith("2025-01-31")
    opened = await guard.open_bytes(
        protected.sealed["text"], topic="reviews", event_id="e-1", subject=None, field_name="text"
    )
    assert opened == b"bob@x.com"


async def test_whole_events_are_sealed_as_bytes(guard: Guard) -> None:
    place = {"topic": "reviews", "event_id": "reviews/0/17"}
    for subject in ("user-1", None):
        envelope = await sealed_whole(guard, b"\xff{", **place, subject=subject)
        assert await guard.open_bytes(envelope, **place, subject=subject) == b"\xff{"


async def test_what_is_dropped_tokenised_or_kept_has_no_original_that_the_policy_does_not_want(
    installation: Installation,
) -> None:
    policy = Policy(
        fields={
            ("reviews", "title"): FieldRule(Treatment.KEEP),
            ("resolutions", "title"): FieldRule(Treatment.DROP),
            ("resolutions", "question"): FieldRule(Treatment.TOKENISE, original=Original.DROP),
            ("resolutions", "answer"): FieldRule(Treatment.TOKENISE),
        }
    )
    guard = installation.guard(policy=policy)
    review = await protect(guard, sensitive(title="bob@x.com", text="bob@x.com"))
    assert review.masked == {"title": "bob@x.com", "text": "[EMAIL_1]"}
    assert list(review.sealed) == ["text"]
    given = sensitive("resolutions", title="bob@x.com", question="bob@x.com?", answer="Bob@x.com!")
    resolution = await protect(guard, given)
    token = installation.tokeniser.token("value EMAIL", canonical("bob@x.com"))
    assert resolution.masked == {
        "title": DROPPED,
        "question": f"[EMAIL:{token}]?",
        "answer": f"[EMAIL:{token}]!",
    }
    assert list(resolution.sealed) == ["answer"]
    assert resolution.kinds == {"EMAIL": 2, "DROPPED": 1}
