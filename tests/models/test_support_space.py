import numpy as np
import numpy.typing as npt
import pytest

from models.support.memory import Source, SupportMemory
from models.support.space import Space, spoken

WIDTH = 64
Vectors = npt.NDArray[np.float32]


def unit(rows: npt.NDArray[np.float64]) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def bilingual(seed: int = 1) -> tuple[SupportMemory, Vectors]:
    """Twenty topics of two tickets in each of two languages, and the topics' directions.

    Each language has a direction of its own that is far stronger than that of any topic.
    """
    random = np.random.default_rng(seed)
    topics, languages = random.normal(size=(20, WIDTH)), random.normal(0, 3, (2, WIDTH))
    memory = SupportMemory(WIDTH)
    for language, offset in zip(("en", "zh"), languages, strict=True):
        rows = np.repeat(topics, 2, axis=0) + offset + random.normal(0, 0.3, (40, WIDTH))
        sources = [
            Source(
                f"{language}{place}",
                "ticket",
                f"{language}{place}",
                "?",
                language=language,
                tags=(f"t{place // 2}",),
            )
            for place in range(40)
        ]
        memory.upsert(sources, unit(rows))
    return memory, unit(topics + languages[0] + random.normal(0, 0.3, topics.shape))


def test_the_scale_is_that_of_the_memory_once_it_has_enough_sources() -> None:
    random = np.random.default_rng(1)
    vectors = unit(random.normal(0.5, 1, (200, WIDTH)))
    memory = SupportMemory(WIDTH)
    sources = [Source(str(number), "ticket", str(number), "?") for number in range(200)]
    memory.upsert(sources[:31], vectors[:31])
    assert Space.of(memory).centres is None
    memory.upsert(sources, vectors)
    space = Space.of(memory)
    centred = unit(np.asarray(vectors - vectors.mean(axis=0), np.float64))
    cosines = (centred @ centred.T)[np.triu_indices(200, 1)]
    assert [space.mean, space.deviation] == pytest.approx([cosines.mean(), cosines.std()], abs=0.002)


def test_what_a_topic_says_in_another_language_stands_above_what_others_say_in_ones_own() -> None:
    memory, asked = bilingual()
    space = Space.of(memory)
    for topic, vector in enumerate(asked):
        near = space.rank(memory, vector, "en", memory.known())
        assert {one.source.tags[0] for one in near[:4]} == {f"t{topic}"}
        by_cosine = sorted(near, key=lambda one: -one.similarity)
        assert {one.source.language for one in by_cosine[:30]} == {"en"}


def test_the_cosine_is_that_of_the_vectors_as_they_are() -> None:
    memory, asked = bilingual()
    (near,) = Space.of(memory).rank(memory, asked[0], "en", memory.known()[:1])
    assert near.similarity == pytest.approx(float(memory.vectors(["en0"])[0] @ asked[0]), abs=1e-6)


def test_a_source_stands_higher_for_others_of_its_topic_that_are_near() -> None:
    at = np.eye(WIDTH, dtype=np.float32)
    memory = SupportMemory(WIDTH)
    alone, one, other = (Source(key, "ticket", key, "?", tags=(key[0],)) for key in ("a", "b1", "b2"))
    memory.upsert([alone, one, other], np.stack([at[0] + at[1], at[0] + at[2], at[0] + at[3]]))
    ranked = [near.source.id for near in Space().rank(memory, at[0], None, memory.known())]
    assert ranked == ["b1", "b2", "a"]


def test_nothing_is_ranked_of_nothing() -> None:
    assert Space().rank(SupportMemory(WIDTH), np.ones(WIDTH, np.float32), None, []) == []


def test_a_ticket_of_unknown_language_speaks_that_of_its_nearest_source() -> None:
    memory, asked = bilingual()
    (found,) = memory.neighbours(asked[:1], [5])
    assert (spoken(None, found), spoken("fr", found), spoken(None, [])) == ("en", "fr", None)
