"""How many padded tokens a batch may have: what the backend likes, less after an out-of-memory."""

PATIENCE = 32
"""Batches that have to fit before a larger one is tried."""
MOST_PATIENCE = 1_024


class TokenBudget:
    """Halved when a batch does not fit; doubled again after a while, each time a longer one.

    Args:
        full: the backend's own budget.
    """

    def __init__(self, full: int) -> None:
        self._full = full
        self._patience = PATIENCE // 2
        self._fitted = 0
        self.tokens = full
        self.out_of_memory = 0

    def did_not_fit(self, rows: int, longest: int) -> None:
        """A batch was too large.

        Args:
            rows: how many it had. Of one that failed alone nothing can be learned: no batch is smaller.
            longest: padded tokens of each row.
        """
        self.out_of_memory += 1
        if rows == 1:
            return
        self._fitted = 0
        half = rows * longest // 2
        # Two batches that failed together halve once: the second one was cut before the first failed.
        if half < self.tokens:
            self.tokens = half
            self._patience = min(MOST_PATIENCE, self._patience * 2)

    def fitted(self) -> None:
        """A batch went through."""
        if self.tokens == self._full and self._patience == PATIENCE // 2:
            return
        self._fitted += 1
        if self._fitted >= self._patience:
            self._fitted = 0
            if self.tokens == self._full:  # it held for long enough: what was short of memory is over
                self._patience = PATIENCE // 2
            self.tokens = min(self._full, self.tokens * 2)
