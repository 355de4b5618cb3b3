"""Dead letters: named by place, sealed, without plaintext, and written whatever the record is like."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.guard import Guard
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.reasons import Reason
from streams.contracts.topics import DEAD_LETTERS, REVIEWS
from streams.delivery.dead_letters import LARGEST_SEALED, Aside, DeadLetterOffice
from streams.delivery.encoding import Encoder
from streams.delivery.records import Outgoing
from tests.delivery.fakes import record
from tests.standins.keys import local_guard

MAIL = "anna@secret.example"


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return local_guard(tmp_path_factory.mktemp("keys") / "kek.json")


@pytest.fixture(scope="module")
def office(guard: Guard) -> DeadLetterOffice:
    return DeadLetterOffice(
        REVIEWS.name, guard, Encoder("t-{}".format, "/shopstream/reviews", {"t-dead-letters": 4})
    )


async def written(office: DeadLetterOffice, *args: Any, **options: Any) -> tuple[Outgoing, DeadLetter]:
    (verdict,) = await office.letters([Aside(*args, **options)])
    (outgoing,) = verdict.outgoing
    assert outgoing.value is not None
    return outgoing, DeadLetter.model_validate_json(outgoing.value)


async def test_each_bad_record_has_a_letter_of_its_own_also_with_one_id(office: DeadLetterOffice) -> None:
    letters = [
        (await written(office, record(offset), Reason.NOT_JSON, event_id="same"))[1] for offset in (4, 5, 4)
    ]
    assert letters[0].id != letters[1].id
    assert letters[0].id == letters[2].id  # delivered again, it is the same letter
    assert [one.causes for one in letters] == [["same"]] * 3


async def test_without_an_id_the_place_is_the_cause(office: DeadLetterOffice) -> None:
    _, letter = await written(office, record(9, partition=2), Reason.NOT_JSON)
    assert letter.causes == ["t-reviews/2/9"]
    assert letter.origin.reference == "t-reviews/2/9"


async def test_the_original_opens_for_its_subject_and_place(office: DeadLetterOffice, guard: Guard) -> None:
    value = f'{{"text": "{MAIL}"}}'.encode()
    outgoing, letter = await written(
        office, record(1, value, key=MAIL.encode()), Reason.MISSING_FIELD, event_id="r1", subject=MAIL
    )
    assert letter.sealed is not None
    opened = await guard.open_bytes(letter.sealed, topic=REVIEWS.name, event_id="r1", subject=letter.user)
    assert opened == value
    assert letter.user == guard.user_token(MAIL) != MAIL
    assert MAIL.encode() not in b"".join([outgoing.key or b"", outgoing.value or b""])


async def test_a_huge_original_is_a_pointer_and_a_digest(office: DeadLetterOffice) -> None:
    outgoing, letter = await written(office, record(1, b"x" * (LARGEST_SEALED + 1)), Reason.TOO_LONG)
    assert letter.sealed is None
    assert letter.size == LARGEST_SEALED + 1
    assert letter.digest
    assert len(outgoing.value or b"") < 2_000


async def test_the_largest_sealed_original_fits_into_its_topic(office: DeadLetterOffice) -> None:
    outgoing, _ = await written(office, record(1, b"x" * LARGEST_SEALED), Reason.NOT_JSON, event_id="i" * 200)
    assert len(outgoing.value or b"") < DEAD_LETTERS.max_message_bytes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(st.none(), st.binary(max_size=200)),
    st.one_of(st.none(), st.binary(max_size=200)),
    st.integers(-1, 2**63 - 1),
    st.integers(0, 2**63 - 1),
)
async def test_any_record_can_be_put_aside(
    office: DeadLetterOffice, value: bytes | None, key: bytes | None, timestamp: int, offset: int
) -> None:
    """A letter that could not be written would end the worker at each try. Producers set the timestamp, if the topic's
    configuration lets them."""
    made = record(offset, value, key=key, timestamp=timestamp)
    _, letter = await written(office, made, Reason.NOT_JSON)
    assert letter.size == len(value or b"")
    assert letter.origin.timestamp == timestamp
