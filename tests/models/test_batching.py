import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.engine.batching import batches_by_tokens, padded_tokens

LENGTHS = st.lists(st.integers(0, 300), max_size=200)


@given(lengths=LENGTHS, budget=st.integers(1, 2_000), max_rows=st.integers(1, 50))
def test_every_text_is_in_one_batch_and_no_batch_is_too_big(
    lengths: list[int], budget: int, max_rows: int
) -> None:
    batches = list(batches_by_tokens(lengths, budget, max_rows))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) <= max_rows
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(lengths=LENGTHS)
def test_lengths_fall_over_all_batches(lengths: list[int]) -> None:
    order = [lengths[index] for batch in batches_by_tokens(lengths, 500) for index in batch]
    assert order == sorted(lengths, reverse=True)


def test_sorting_saves_most_of_the_padding() -> None:
    lengths = [10, 250] * 64
    unsorted = [list(range(start, start + 16)) for start in range(0, 128, 16)]
    ours = padded_tokens(lengths, list(batches_by_tokens(lengths, 4_000)))
    assert ours < 1.05 * sum(lengths)
    assert padded_tokens(lengths, unsorted) > 1.9 * sum(lengths)


@pytest.mark.parametrize(("budget", "max_rows"), [(0, 1), (1, 0)])
def test_a_budget_of_nothing_is_refused(budget: int, max_rows: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        list(batches_by_tokens([1], budget, max_rows))
