"""Tickets: answered where the memory is sure, with what it rests on; handed to a person where not."""

from typing import Any

import pytest

from models.support import Intent, Source
from models.support.intents import IntentReading
from streams.agents.support_tickets import intent, reply_to_tickets
from streams.contracts.events import SupportTicket
from streams.contracts.records import UserChange
from streams.contracts.results import ModelRef, SupportReply
from streams.contracts.topics import SUPPORT_TICKETS
from streams.releases.serving import Serving, Version
from tests.agents.small_house import (
    NOW,
    SmallHouse,
    decide,
    each_in_one,
    event,
    of_type,
    put,
    results_of,
    written,
)

PARCEL = "where is my parcel"
ANSWER = "Open the link in the dispatch e-mail."


@pytest.fixture
async def desk(house: SmallHouse) -> SmallHouse:
    """A memory of two questions, and an article."""
    await house.teach(
        Source("t1", "ticket", ANSWER, question=PARCEL, tags=("delivery",), language="en"),
        Source("t2", "ticket", "Dear [PERSON_1], we paid 20 to [IBAN_1].", question="where is my refund"),
        Source("a1", "article", "Within 30 days.", title="Returns", url="https://shop.example/returns"),
    )
    return house


def ticket(text: str, event_id: str = "t9", **fields: Any) -> SupportTicket:
    one: SupportTicket = event(SUPPORT_TICKETS, event_id, text=text, **fields)
    return one


async def reply(house: SmallHouse, text: str, **fields: Any) -> SupportReply:
    (result,) = of_type(SupportReply, await results_of(reply_to_tickets, house, ticket(text, **fields)))
    assert isinstance(result, SupportReply)
    return result


async def test_every_ticket_is_in_one_reply(desk: SmallHouse) -> None:
    tickets = [
        ticket(PARCEL, "a"),
        ticket("something else", "b", user_id="u1"),
        ticket("let me talk to a human", "c"),
    ]
    records = put(SUPPORT_TICKETS, tickets)
    verdicts = await decide(reply_to_tickets, desk, records)
    assert each_in_one(reply_to_tickets, records, verdicts)


async def test_two_tickets_of_one_id_are_both_answered(desk: SmallHouse) -> None:
    """Of one key, but not of one partition, as when partitions were added in between."""
    first, second = put(SUPPORT_TICKETS, [ticket(PARCEL, "a"), ticket(PARCEL, "a")])
    second.partition = (first.partition + 1) % 4
    verdicts = await decide(reply_to_tickets, desk, [first, second])
    assert each_in_one(reply_to_tickets, [first, second], verdicts)


async def test_a_known_question_gets_its_answer_and_where_it_is_from(desk: SmallHouse) -> None:
    known = await reply(desk, PARCEL, language="en")
    assert (known.reply, known.handoff) == (ANSWER, None)
    assert known.confidence >= desk.responder.threshold
    (cited,) = known.citations
    assert (cited.source_id, cited.kind, cited.quote) == ("t1", "ticket", ANSWER)
    assert cited.score == pytest.approx(1, abs=1e-3)
    assert known.intent is not None
    assert known.intent.label == "delivery"
    assert (known.ticket_id, known.causes, known.time, known.language) == ("t9", ["t9"], NOW, "en")
    assert known.model == desk.retrieval_models


async def test_below_the_threshold_a_person_gets_a_draft(desk: SmallHouse) -> None:
    unsure = await reply(desk, "is my parcel blue")
    assert unsure.reply is None
    assert unsure.handoff is not None
    assert (unsure.handoff.reason, bool(unsure.handoff.draft)) == ("low_confidence", True)
    assert unsure.confidence < desk.responder.threshold
    desk.responder.threshold = 0.0
    assert (await reply(desk, "is my parcel blue")).reply == unsure.handoff.draft


async def test_who_asks_for_a_person_gets_one_with_the_answer_as_a_draft(desk: SmallHouse) -> None:
    asked = await reply(desk, PARCEL, subject="I want to talk to a human")
    assert asked.reply is None
    assert asked.handoff is not None
    assert asked.handoff.reason == "asked_for_person"


async def test_an_answer_with_another_customers_data_is_not_given(desk: SmallHouse) -> None:
    about_another = await reply(desk, "where is my refund")
    assert about_another.reply is None
    assert about_another.handoff is not None
    assert about_another.handoff.reason == "personal_answer"
    assert about_another.citations[0].quote is None


async def test_an_empty_memory_hands_everything_over(house: SmallHouse) -> None:
    nothing = await reply(house, PARCEL, user_id="u1")
    assert (nothing.reply, nothing.citations, nothing.confidence, nothing.intent) == (None, [], 0.0, None)
    assert nothing.handoff is not None
    assert (nothing.handoff.reason, nothing.handoff.draft) == ("no_source", None)


async def test_people_are_masked_before_anything_is_looked_for(desk: SmallHouse) -> None:
    given = ticket(f"{PARCEL} mia@example.com", subject="mia@example.com again", user_id="mia@example.com")
    results = await results_of(reply_to_tickets, desk, given)
    (answer,) = of_type(SupportReply, results)
    assert (answer.subject, answer.text) == ("[EMAIL_1] again", f"{PARCEL} [EMAIL_1]")
    assert answer.sealed.keys() == {"subject", "text"}
    assert "mia" not in written(results)
    assert desk.retriever.asked == [f"[EMAIL_1] again\n{PARCEL} [EMAIL_1]"]


async def test_what_the_memory_lacks_is_said(desk: SmallHouse) -> None:
    desk.memory_coverage.complete = False
    answer = await reply(desk, PARCEL)
    assert answer.degraded == ["support-memory"]
    assert answer.coverage == desk.memory_coverage.coverage()


async def test_only_a_users_ticket_is_a_change_of_a_user(desk: SmallHouse) -> None:
    tickets = [ticket(PARCEL, "a"), ticket(PARCEL, "b", user_id="u1", product_id="boots")]
    (asked,) = of_type(UserChange, await results_of(reply_to_tickets, desk, *tickets))
    assert (asked.user, asked.kind, asked.product_id, asked.text) == ("u1", "asked", "boots", None)
    assert asked.causes == ["b"]


def test_shares_that_add_up_to_a_hair_above_one_are_still_an_intent() -> None:
    found = intent(Intent("delivery", 1.0000000000000007))
    assert (found.label, found.confidence) == ("delivery", 1.0)


async def test_a_model_of_its_own_tells_what_a_ticket_is_about(desk: SmallHouse) -> None:
    class Reader:
        async def read(self, texts: list[str]) -> list[IntentReading]:
            assert texts == [PARCEL]
            return [IntentReading("where_is_it", 0.75)]

    made = ModelRef(id="intents", version="1", digest="sha256:0")
    desk.intent_reader = Serving(Version(Reader(), [made]))
    known = await reply(desk, PARCEL)
    assert known.intent is not None
    assert (known.intent.label, known.intent.confidence) == ("where_is_it", 0.75)
    assert known.model == [*desk.retrieval_models, made]
    assert known.reply == ANSWER
