"""Cut token lists into batches: sorted by length, bounded by padded tokens. Pure functions.

A batch costs rows times its longest row, because shorter rows are padded. Sorting first keeps that padding to a few
percent (unsorted it doubles the work on review-like texts).
"""

from collections.abc import Iterator, Sequence


def batches_by_tokens(lengths: Sequence[int], budget: int, max_rows: int = 1024) -> Iterator[list[int]]:
    """Group texts into batches of similar length.

    Args:
        lengths: token count of each text.
        budget: most padded tokens in one batch. A longer text is a batch of its own.
        max_rows: most texts in one batch.

    Yields:
        Indices into `lengths`, longest first within a batch and over all batches, so that the first batch needs the
        most memory. Every index comes exactly once. Equal lengths keep their order.
    """
    if budget < 1 or max_rows < 1:
        raise ValueError("budget and max_rows must be at least 1")
    batch: list[int] = []
    rows = 0
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and len(batch) >= rows:
            yield batch
            batch = []
        if not batch:
            rows = min(max_rows, max(1, budget // max(1, lengths[index])))
        batch.append(index)
    if batch:
        yield batch


def padded_tokens(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> int:
    """Tokens that the batches cost with their padding."""
    return sum(len(batch) * max(lengths[index] for index in batch) for batch in batches)
