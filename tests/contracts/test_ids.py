"""Result ids: frozen, and free of the order of causes."""

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts import NAMESPACE, result_id

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def test_the_namespace_and_an_id_never_change() -> None:
    """Stored results are found by these: a change here breaks every replay."""
    assert str(NAMESPACE) == "a9b38c4f-5d67-5e93-bab7-b80ec2e5d673"
    assert result_id("review-insights", ["review-9"]) == "cef10069-f5db-5ff5-a338-2afa02cfcd91"
    assert result_id("recommendations", ["b", "a", "ü"]) == "3fb6c498-941c-5268-a408-fd25a6cbe148"


@given(topic=texts, causes=st.lists(texts, min_size=1, max_size=5))
def test_an_id_is_the_version_5_uuid_of_topic_and_sorted_causes(topic: str, causes: list[str]) -> None:
    name = "".join(f"{len(part)}:{part}" for part in [topic, *sorted(set(causes))])
    assert UUID(result_id(topic, causes)) == uuid5(NAMESPACE, name)


@given(causes=st.lists(texts, min_size=1, max_size=5), data=st.data())
def test_the_order_and_repetition_of_causes_do_not_matter(causes: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(causes + causes[:1]))
    assert result_id("t", shuffled) == result_id("t", causes)


@given(
    one=st.lists(texts, min_size=1, max_size=3, unique=True),
    other=st.lists(texts, min_size=1, max_size=3, unique=True),
)
def test_other_causes_give_another_id(one: list[str], other: list[str]) -> None:
    assert (result_id("t", one) == result_id("t", other)) == (set(one) == set(other))


def test_causes_do_not_run_into_each_other() -> None:
    assert (
        len(
            {
                result_id("t", ["ab", "c"]),
                result_id("t", ["a", "bc"]),
                result_id("t", ["abc"]),
                result_id("ta", ["bc"]),
            }
        )
        == 4
    )


def test_no_causes_no_id() -> None:
    with pytest.raises(ValueError, match="cause"):
        result_id("t", [])
