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
        self._patience = PATIENCE
        self._fitted = 0
        self.tokens = full
        self.out_of_memory = 0

    def did_not_fit(self, padded_tokens: int) -> None:
        """A batch of this many tokens was too large."""
        self.out_of_memory += 1
        # Two batches that failed together halve once: the second one was cut before the first failed.
        self.tokens = max(1, min(self.tokens, padded_tokens // 2))
        if self.out_of_memory > 1:
            self._patience = min(MOST_PATIENCE, self._patience * 2)
        self._fitted = 0

    def fitted(self) -> None:
        """A batch went through."""
        if self.tokens == self._full:
            return
        self._fitted += 1
        if self._fitted >= self._patience:
            self.tokens = min(self._full, self.tokens * 2)
            self._fitted = 0
