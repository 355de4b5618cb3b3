from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.support import Calibration, Responder, Source, SupportMemory, Ticket
from models.support.person_wanted import asks_for_person
from models.support.personal import impersonal

WIDTH = 8
REFUND = "A refund takes five working days."
PARCEL = "You find your parcel's place under Orders."


def axis(*places: int) -> npt.NDArray[np.float32]:
    return np.eye(WIDTH, dtype=np.float32)[list(places)]


def responder(*sources: Source, at: tuple[int, ...]) -> tuple[Responder, SupportMemory]:
    memory = SupportMemory(WIDTH)
    memory.upsert(sources, axis(*at))
    return Responder(memory), memory


def source(key: str, answer: str, **fields: object) -> Source:
    return replace(Source(key, "ticket", answer, question="?", tags=("refund",)), **fields)  # type: ignore[arg-type]


def test_a_reply_is_a_sources_answer_and_cites_those_that_gave_it() -> None:
    asked, _ = responder(
        source("r1", REFUND), source("r2", REFUND), source("p", PARCEL, tags=("parcel",)), at=(0, 0, 1)
    )
    (answer,) = asked.respond([Ticket("When do I get my money back?")], axis(0))
    assert (answer.reply, answer.handoff, answer.draft) == (REFUND, None, None)
    assert [one.source.id for one in answer.citations] == ["r1", "r2"]
    assert [one.score for one in answer.citations] == [1.0, 1.0]
    assert answer.citations[0].quote == REFUND
    assert answer.intent is not None
    assert answer.intent.label == "refund"
    assert answer.intent.share == pytest.approx(1.0, abs=0.05)
    assert answer.confidence > 0.8


def test_at_most_three_sources_are_cited() -> None:
    asked, _ = responder(*(source(f"r{number}", REFUND) for number in range(6)), at=(0,) * 6)
    (answer,) = asked.respond([Ticket("?")], axis(0))
    assert len(answer.citations) == 3


def test_an_unsure_answer_becomes_a_draft() -> None:
    asked, _ = responder(source("r", REFUND), source("p", PARCEL, tags=("parcel",)), at=(0, 1))
    between = (axis(0) + axis(1)) / np.sqrt(2, dtype=np.float32)
    (answer,) = asked.respond([Ticket("?")], between)
    assert (answer.reply, answer.handoff) == (None, "low_confidence")
    assert answer.draft in (REFUND, PARCEL)
    assert answer.confidence < asked.threshold


def test_an_empty_memory_has_no_source() -> None:
    (answer,) = Responder(SupportMemory(WIDTH)).respond([Ticket("?")], axis(0))
    assert (answer.reply, answer.handoff, answer.draft) == (None, "no_source", None)
    assert (answer.citations, answer.confidence, answer.intent) == ((), 0.0, None)


def test_a_withdrawn_source_is_never_cited_again_and_a_new_one_at_once() -> None:
    asked, memory = responder(source("r1", REFUND), source("r2", REFUND), at=(0, 0))
    memory.delete(["r1"])
    (answer,) = asked.respond([Ticket("?")], axis(0))
    assert [one.source.id for one in answer.citations] == ["r2"]
    memory.delete(["r2"])
    assert asked.respond([Ticket("?")], axis(0))[0].handoff == "no_source"
    memory.upsert([source("p", PARCEL)], axis(0))
    assert asked.respond([Ticket("?")], axis(0))[0].reply == PARCEL


def test_who_asks_for_a_person_gets_one_with_a_draft() -> None:
    asked, _ = responder(source("r", REFUND), at=(0,))
    plain, wanting = asked.respond(
        [Ticket("Where is my refund?"), Ticket("Let me talk to a person", subject="Refund")], axis(0, 0)
    )
    assert plain.reply == REFUND
    assert (wanting.reply, wanting.handoff, wanting.draft) == (None, "asked_for_person", REFUND)


def test_an_answer_about_another_customer_is_only_a_draft() -> None:
    personal = "We sent it to [ADDRESS_1] again."
    asked, _ = responder(source("r", personal), at=(0,))
    (answer,) = asked.respond([Ticket("?")], axis(0))
    assert (answer.reply, answer.handoff, answer.draft) == (None, "personal_answer", personal)
    assert answer.citations[0].quote is None


def test_of_equal_answers_the_impersonal_one_is_given() -> None:
    asked, _ = responder(source("a", f"{REFUND} [EMAIL_1]"), source("b", REFUND), at=(0, 0))
    (answer,) = asked.respond([Ticket("?")], axis(0))
    assert answer.reply == REFUND
    assert [one.source.id for one in answer.citations] == ["b", "a"]


def test_of_equally_similar_sources_the_newest_is_quoted() -> None:
    asked, _ = responder(
        source("old", REFUND, updated=1.0), source("new", REFUND.upper(), updated=2.0), at=(0, 0)
    )
    assert asked.respond([Ticket("?")], axis(0))[0].reply == REFUND.upper()


def article(key: str, answer: str, language: str, **fields: object) -> Source:
    return source(key, answer, kind="article", question=None, title=key, language=language, **fields)


def test_an_article_of_the_topic_is_preferred_in_the_tickets_language_then_in_another() -> None:
    near = source("t", "We refunded yours today.", language="en")
    english, chinese = article("en", REFUND, "en"), article("zh", "退款需要五个工作日。", "zh-Hans")
    asked, memory = responder(near, chinese, english, at=(0, 0, 0))
    replies = [asked.respond([Ticket("?", language=one)], axis(0))[0] for one in ("en-GB", "zh", None)]
    assert [one.reply for one in replies] == [REFUND, chinese.answer, REFUND]
    assert [one.citations[0].source.id for one in replies] == ["en", "zh", "en"]
    assert all(len(one.citations) == 3 for one in replies)
    memory.delete(["en"])
    assert asked.respond([Ticket("?", language="en")], axis(0))[0].reply == chinese.answer
    memory.delete(["zh"])
    assert asked.respond([Ticket("?", language="zh")], axis(0))[0].reply == near.answer


def test_an_article_outside_the_neighbours_is_used_if_it_is_not_far_from_the_topic() -> None:
    near = [source(f"t{number}", "We paid it back.", language="en") for number in range(60)]
    related = (0.99 * axis(0) + np.sqrt(1 - 0.99**2) * axis(1)).astype(np.float32)
    for vector, worded in ((related, REFUND), (axis(1), near[0].answer)):
        asked, memory = responder(*near, at=(0,) * 60)
        asked.threshold = 0.0
        memory.upsert([article("a", REFUND, "en")], vector)
        memory.upsert([source("other", PARCEL, tags=("parcel",))], -axis(0))
        (answer,) = asked.respond([Ticket("?", language="en")], axis(0))
        assert answer.draft is None
        assert (answer.reply, answer.citations[0].source.answer) == (worded, worded)


def test_answers_that_differ_in_words_support_each_other_under_one_tag() -> None:
    answers = ("It is on its way.", "Please look at the link.", "包裹已经发出。", "Ask your neighbours.")
    rivals = [source(f"r{place}", f"Other {place}.", tags=(f"other{place}",)) for place in range(4)]
    vectors = np.concatenate([axis(0, 0, 0, 0), np.repeat(axis(0) * 0.9 + axis(1) * 0.43, 4, axis=0)])
    confidences = []
    for tags in (("parcel",), ()):
        memory = SupportMemory(WIDTH)
        told = [source(str(place), answer, tags=tags) for place, answer in enumerate(answers)]
        memory.upsert([*told, *rivals], vectors.astype(np.float32))
        confidences.append(Responder(memory).respond([Ticket("?")], axis(0))[0].confidence)
    assert confidences[0] > 0.8 > confidences[1]


def test_sources_that_say_the_same_with_other_numbers_are_for_a_person() -> None:
    text = "You can send everything back within {} days of delivery."
    asked, memory = responder(source("a", text.format(30)), source("b", text.format(14)), at=(0, 0))
    (answer,) = asked.respond([Ticket("?")], axis(0))
    assert (answer.reply, answer.handoff, answer.draft) == (None, "conflicting_sources", text.format(30))
    memory.upsert([article("c", text.format(14), "en")], axis(0))
    assert asked.respond([Ticket("?")], axis(0))[0].reply == text.format(14)


def test_answers_stand_in_the_order_of_their_tickets() -> None:
    asked, _ = responder(source("r", REFUND), source("p", PARCEL, tags=("parcel",)), at=(0, 1))
    answers = asked.respond([Ticket("a"), Ticket("b"), Ticket("c")], axis(1, 0, 1))
    assert [one.reply for one in answers] == [PARCEL, REFUND, PARCEL]
    assert asked.respond([], np.empty((0, WIDTH), np.float32)) == []


def test_calibration_is_due_after_a_share_of_the_memory_has_changed() -> None:
    memory = SupportMemory(WIDTH)
    asked = Responder(memory)
    seen = [asked.recalibration_due]
    memory.upsert([source(str(number), REFUND) for number in range(400)], axis(*([0] * 400)))
    seen.append(asked.recalibration_due)
    assert asked.recalibrate() == asked.calibration != Calibration()
    seen.append(asked.recalibration_due)
    memory.delete(map(str, range(70)))
    seen.append(asked.recalibration_due)
    assert seen == [False, True, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "I want to speak to an agent!",
        "can i talk with a real person please",
        "Connect me to customer service representative",
        "please transfer me to your manager",
        "HUMAN AGENT",
        "I don't know how to talk to a person",
        "need help contacting somebody",
        "How do I speak with a person?",
        "Is there a live operator?",
        "我要转人工",
        "轉人工",
        "请问人工客服在吗？",
        "能不能找个真人",
    ],
)
def test_asking_for_a_person_is_understood(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel?",
        "I spoke to an agent yesterday, nothing happened.",
        "I don't want to talk to an agent",
        "Can I do it without having to chat with someone",
        "Does the speaker connect to a person's phone?",
        "The agent of the carrier lost it",
        "Do I need to speak to a representative to change my address?",
        "I made a transfer to someone",
        "不要转人工，直接告诉我",
        "这是人工皮革吗？",
    ],
)
def test_what_does_not_ask_for_a_person(text: str) -> None:
    assert not asks_for_person(text)


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ("Dear [PERSON_1],\nit is on its way.", "Hello,\nit is on its way."),
        ("Hi [PERSON_1] [PERSON_2]! Done.", "Hi! Done."),
        ("Good morning Mr. [PERSON_1], done.", "Good morning, done."),
        ("尊敬的[PERSON_1]先生您好，已退款。", "您好，已退款。"),
        ("您好[PERSON_1]，已退款。", "您好，已退款。"),
        ("It is on its way.\nKind regards,\n[PERSON_2]", "It is on its way.\nKind regards,"),
        ("Dear Ann Smith, your parcel is on its way.", "Hello, your parcel is on its way."),
        ("Dear Dr. Åsa Müller-Lang, thanks.", "Hello, thanks."),
        ("Hi there, all is well.", "Hi there, all is well."),
        ("Keep [brackets] as they are.", "Keep [brackets] as they are."),
        ("Hi, write to [EMAIL_1].", None),
        ("Hi [PERSON_1], [PERSON_2] has your parcel.", None),
        ("[PERSON_1] has it.", None),
    ],
)
def test_names_leave_greetings_and_nothing_personal_passes(answer: str, given: str | None) -> None:
    assert impersonal(answer) == given
