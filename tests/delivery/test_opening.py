"""A worker opens what producers sealed: in memory, each event on its own, and puts aside what does not open."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from privacy.guard import Guard
from privacy.hpke import PublicKey
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from privacy.plaintext import Plaintext
from privacy.sealed_text import SealedText
from streams.contracts.codec import encode_event
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.events import Review
from streams.contracts.ids import result_id
from streams.contracts.results import Probabilities, ReviewInsight, Sentiment
from streams.contracts.sealing import context_of, sealed_event
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.delivery.dead_letters import DeadLetterOffice
from streams.delivery.encoding import Encoder
from streams.delivery.processing import StageProcessor
from streams.delivery.records import Verdict
from streams.delivery.stage import AnyStage, Results, Stage
from streams.health import Health
from tests.delivery.fakes import MemoryResends, record
from tests.standins.keys import local_guard

WORDS = "write to anna@secret.example"


class House:
    """A guard, and a stage that remembers what it was given."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.seen: list[str] = []

    async def understand(self, reviews: Sequence[Review], _: Any) -> Results:
        self.seen += [one.text.reveal() for one in reviews]
        sentiment = Sentiment(
            label="neutral", probabilities=Probabilities(negative=0.0, neutral=1.0, positive=0.0)
        )
        return Results(
            ReviewInsight(
                id=result_id(REVIEW_INSIGHTS.name, [one.id]),
                causes=[one.id],
                time=one.time,
                product_id=one.product_id,
                text="masked",
                sentiment=sentiment,
            )
            for one in reviews
        )

    def processor(self, opening: Any) -> StageProcessor:
        """Of this stage and dead letters; what producers sealed is opened by another house, or the same."""
        stage: AnyStage = Stage(REVIEWS, (REVIEW_INSIGHTS,), self.understand)
        encoder = Encoder("t-{}".format, "/shopstream/reviews", {"t-review-insights": 4, "t-dead-letters": 4})
        return StageProcessor(
            stage,
            opening,
            encoder=encoder,
            dead_letters=DeadLetterOffice(REVIEWS.name, self.guard, encoder),
            resends=MemoryResends(),
            health=Health(),
            attempts=2,
            max_future=timedelta(days=1),
        )

    async def decide(self, *values: bytes) -> list[Verdict]:
        return await self.processor(self).decide(
            [record(offset, value) for offset, value in enumerate(values)]
        )


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "kek.json")
    made.create(KeyMaterial.generate())
    return made


@pytest.fixture
def house(file: KeyFile) -> House:
    return House(local_guard(file.path))


@pytest.fixture
def public(file: KeyFile) -> PublicKey:
    return PublicKey.of(file.load().intake[-1], "default")


def review(event_id: str, text: str = WORDS) -> Review:
    return Review(id=event_id, time=datetime.now(UTC), product_id="p1", user_id="u1", text=Plaintext(text))


def letter(verdict: Verdict) -> DeadLetter:
    (outgoing,) = verdict.outgoing
    assert verdict.outcome == "dead_letter"
    return DeadLetter.model_validate_json(outgoing.value or b"")


def of(sealed: SealedText, event: Review) -> bytes:
    return encode_event(event.model_copy(update={"text": Plaintext(sealed)}))


async def test_the_stage_gets_the_text_and_does_not_see_whether_it_was_sealed(
    house: House, public: PublicKey
) -> None:
    plain, sealed = review("r1"), sealed_event(review("r2"), public)
    verdicts = await house.decide(encode_event(plain), encode_event(sealed))
    assert [one.outcome for one in verdicts] == ["answered", "answered"]
    assert house.seen == [WORDS, WORDS]


async def test_what_does_not_open_is_put_aside_alone_as_it_came(house: House, public: PublicKey) -> None:
    stranger = PublicKey.of(KeyMaterial.generate().intake[0], "default")
    other_tenant = PublicKey("another", public.id, public.key)
    one = review("r1")

    def seal(text: str, key: PublicKey = public, event: Review = one, field: str = "text") -> bytes:
        return of(key.seal(text, context_of(event, field)), one)

    bad = {
        "sealed_unknown_key": [seal(WORDS, stranger)],
        "sealed_not_authentic": [
            seal(WORDS, event=review("r2")),
            seal(WORDS, event=one.model_copy(update={"user_id": "u2"})),
            seal(WORDS, field="title"),
            seal(WORDS, other_tenant),
        ],
        "sealed_malformed": [
            orjson.dumps(
                {**orjson.loads(seal(WORDS)), "text": {"sealed": {"v": 1, "alg": "a b", "key": 1}}}
            ).replace(b"a b", b"HPKE-Base-X25519-HKDF-SHA256-AES-256-GCM")
        ],
        "too_long": [seal("x" * 20_001)],
        "empty_value": [seal("")],
        "invalid_value": [seal("a\0b")],
    }
    values = [(reason, value) for reason, several in bad.items() for value in several]
    good = encode_event(sealed_event(review("good"), public))
    first, *verdicts, last = await house.decide(good, *[value for _, value in values], good)
    assert (first.outcome, last.outcome, house.seen) == ("answered", "resend", [WORDS])
    for (reason, value), verdict in zip(values, verdicts, strict=True):
        found = letter(verdict)
        assert (found.reason, found.field, found.causes, found.user) == (reason, "/text", ["r1"], "u1")
        assert found.sealed is not None
        kept = await house.guard.open_bytes(found.sealed, topic="reviews", event_id="r1", subject=found.user)
        assert kept == value
        assert "anna" not in found.model_dump_json()


async def test_an_event_that_ended_the_worker_is_put_aside_without_being_opened(
    house: House, public: PublicKey
) -> None:
    value = encode_event(sealed_event(review("r1"), public))
    processor = house.processor(SimpleNamespace(guard=None))  # which can open nothing
    found = letter(await processor.condemn(record(0, value), 3))
    assert (found.reason, found.causes, found.user) == ("crashed_worker", ["r1"], "u1")
