"""A ciphertext that was moved is refused, wherever it was moved to."""

import pytest

from privacy import (
    Guard,
    KeyFile,
    Keyring,
    LocalKms,
    NotAuthentic,
    Plaintext,
    SealedEnvelope,
    Sensitive,
    Tokeniser,
    UnknownKey,
)
from tests.standins.keys import MemoryRecords, sealed_whole

PLACE = {"topic": "reviews", "event_id": "e-1", "subject": "mia", "field_name": "text"}
TEXT = "mail anna@example.org"


@pytest.fixture(scope="module")
def guards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Guard]:
    """Two tenants that share key file and key store."""
    file = KeyFile(tmp_path_factory.mktemp("keys") / "kek.json")
    tokeniser, records = Tokeniser(file.load_or_create().token_key), MemoryRecords()
    return {
        tenant: Guard(
            tenant=tenant, keys=Keyring(LocalKms(file), records, tenant=tenant), tokeniser=tokeniser
        )
        for tenant in ("ours", "theirs")
    }


@pytest.fixture
def guard(guards: dict[str, Guard]) -> Guard:
    return guards["ours"]


async def sealed(guard: Guard, **place: str) -> SealedEnvelope:
    """The original of a field that was sealed for that place."""
    at = PLACE | place
    item = Sensitive(at["topic"], at["event_id"], at["subject"], {at["field_name"]: Plaintext(TEXT)})
    (protected,) = await guard.protect([item])
    return protected.sealed[at["field_name"]]


async def opened(guard: Guard, envelope: SealedEnvelope, **place: str) -> str:
    return (await guard.open_bytes(envelope, **(PLACE | place))).decode()


async def test_at_its_own_place_it_opens(guard: Guard) -> None:
    assert await opened(guard, await sealed(guard)) == TEXT


async def test_swapped_between_users_it_is_refused(guard: Guard) -> None:
    mias, toms = await sealed(guard), await sealed(guard, subject="tom")
    with pytest.raises(UnknownKey):
        await opened(guard, mias, subject="tom")
    with pytest.raises(UnknownKey):
        await opened(guard, toms)


async def test_swapped_between_users_under_the_name_of_the_others_key_it_is_refused(guard: Guard) -> None:
    mias, toms = await sealed(guard), await sealed(guard, subject="tom")
    forged = SealedEnvelope(key=toms.key, nonce=mias.nonce, ciphertext=mias.ciphertext)
    with pytest.raises(NotAuthentic):
        await opened(guard, forged, subject="tom")


async def test_swapped_between_fields_it_is_refused(guard: Guard) -> None:
    with pytest.raises(NotAuthentic):
        await opened(guard, await sealed(guard, field_name="title"))


async def test_swapped_between_events_it_is_refused(guard: Guard) -> None:
    with pytest.raises(NotAuthentic):
        await opened(guard, await sealed(guard, event_id="e-2"))


async def test_swapped_between_topics_it_is_refused(guard: Guard) -> None:
    with pytest.raises(NotAuthentic):
        await opened(guard, await sealed(guard, topic="support-tickets"))


async def test_swapped_between_tenants_it_is_refused_though_they_share_their_keys(
    guards: dict[str, Guard],
) -> None:
    with pytest.raises(NotAuthentic):
        await opened(guards["theirs"], await sealed(guards["ours"]))


async def test_swapped_between_a_field_and_its_whole_event_it_is_refused(guard: Guard) -> None:
    whole = await sealed_whole(guard, TEXT.encode(), topic="reviews", event_id="e-1", subject="mia")
    with pytest.raises(NotAuthentic):
        await opened(guard, whole)
