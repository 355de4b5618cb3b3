from dataclasses import replace

import numpy as np
import pytest

from models.support import Source, SupportMemory, Ticket, source_text, ticket_text
from models.support.equality import answer_key, differ_in_numbers

WIDTH = 8


def source(key: str, answer: str = "Yes.") -> Source:
    return Source(key, "ticket", answer, question=f"question {key}")


def axis(*places: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.eye(WIDTH, dtype=np.float32)[list(places)]


def test_the_nearest_source_comes_first_with_its_cosine() -> None:
    memory = SupportMemory(WIDTH)
    memory.upsert([source("a"), source("b"), source("c")], axis(0, 1, 2))
    vector = np.zeros(WIDTH, np.float32)
    vector[:2] = 0.6, 0.8
    found = memory.nearest(vector, 2)
    assert [key for key, _ in found] == ["b", "a"]
    assert [cosine for _, cosine in found] == pytest.approx([0.8, 0.6])


def test_a_replaced_source_is_found_by_its_new_vector_and_a_deleted_one_not_at_all() -> None:
    memory = SupportMemory(WIDTH)
    memory.upsert([source("a"), source("b")], axis(0, 1))
    memory.upsert([source("a", "No.")], axis(2))
    memory.delete(["b", "unknown"])
    assert len(memory) == 1
    assert memory.get("b") is None
    assert [memory.nearest(axis(place)[0], 5) for place in (0, 1, 2)] == [
        [("a", 0.0)],
        [("a", 0.0)],
        [("a", 1.0)],
    ]
    (neighbour,) = memory.neighbours(axis(2), [5])[0]
    assert neighbour.source.answer == "No."


def test_every_change_moves_the_generation() -> None:
    memory = SupportMemory(WIDTH)
    seen = [memory.generation]
    for _ in range(2):
        memory.upsert([source("a")], axis(0))
        seen.append(memory.generation)
    memory.delete(["a"])
    seen.append(memory.generation)
    memory.delete(["a"])
    assert seen == sorted(set(seen))
    assert memory.generation == seen[-1]


def test_repeats_are_counted_through_replacements_and_deletions() -> None:
    memory = SupportMemory(WIDTH)
    memory.upsert([source("a", "Yes!"), source("b", "yes"), source("c", "No.")], axis(0, 1, 2))
    assert [memory.repeats(known) for known in memory.known()] == [2, 2, 1]
    memory.upsert([source("b", "No")], axis(1))
    memory.delete(["a"])
    assert {known.source.id: memory.repeats(known) for known in memory.known()} == {"b": 2, "c": 2}


def test_sources_of_one_first_tag_are_counted_together_whatever_they_say() -> None:
    memory = SupportMemory(WIDTH)
    one, other = (replace(source(key, key), tags=("refund", key)) for key in "ab")
    memory.upsert([one, other, source("c", "a")], axis(0, 1, 2))
    assert [memory.repeats(known) for known in memory.known()] == [2, 2, 1]


def test_a_topics_articles_follow_replacements_and_deletions() -> None:
    memory = SupportMemory(WIDTH)
    article = Source("a", "article", "Yes.", title="Returns", tags=("returns",))
    ticket = replace(source("t"), tags=("returns",))
    memory.upsert([article, ticket], axis(0, 1))
    topic = memory.known()[0].topic
    assert topic == ("tag", "returns")
    assert [known.source for known in memory.articles(topic)] == [article]
    memory.upsert([replace(article, tags=())], axis(2))
    assert memory.articles(topic) == []
    memory.upsert([article], axis(2))
    assert [known.source for known in memory.articles(topic)] == [article]
    memory.delete(["a"])
    assert memory.articles(topic) == []


def test_vectors_of_another_width_change_nothing() -> None:
    memory = SupportMemory(WIDTH)
    with pytest.raises(ValueError, match="shape"):
        memory.upsert([source("a")], np.ones((1, WIDTH + 1), np.float32))
    assert (len(memory), memory.generation, memory.known()) == (0, 0, [])


def test_what_is_embedded() -> None:
    article = Source("a", "article", "Within 30 days. " * 100, title="Returns")
    assert source_text(article) == "Returns"
    assert source_text(replace(article, title=None)) == article.answer[:600]
    assert source_text(source("q")) == "question q"
    assert ticket_text(Ticket("Where is it?", subject="Order")) == "Order\nWhere is it?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You can return it.", "you CAN return it"),
        ("Hi [PERSON_1], it is on its way!", "Hi [PERSON_2] it is on its way."),
        ("\uff2f\uff2b", "ok"),
    ],
)
def test_signs_case_and_masked_values_make_no_other_answer(one: str, other: str) -> None:
    assert answer_key(one) == answer_key(other)


def test_what_says_the_same_with_other_numbers_differs_in_numbers() -> None:
    one = answer_key("You can send everything back within 30 days of delivery, free of charge.")
    reworded = answer_key("You can send everything back within 30 days of the delivery, free of charge.")
    shorter = answer_key("You can send everything back within 14 days of the delivery, free of charge.")
    assert differ_in_numbers(one, shorter)
    assert not differ_in_numbers(one, reworded)
    assert not differ_in_numbers(one, answer_key("Your parcel arrives within 14 days."))
    assert not differ_in_numbers(answer_key("👍"), answer_key("👎"))
