"""Temperature scaling (Guo et al. 2017, arXiv:1706.04599): make confidence mean what it says."""

import numpy as np
import numpy.typing as npt
import torch

from models.training.metrics import Labels

LOWEST, HIGHEST = 0.05, 20.0


def fit_temperature(logits: npt.NDArray[np.float32], truth: Labels, max_iterations: int = 100) -> float:
    """The temperature that gives validation examples the greatest likelihood, found by L-BFGS.

    Args:
        logits: class scores [n, classes] of examples that were not trained on.
        truth: class indices [n].
        max_iterations: of L-BFGS.

    Returns:
        What logits are to be divided by, kept within .05 to 20. The order of classes doesn't change.
    """
    scores = torch.from_numpy(logits).double()
    targets = torch.from_numpy(truth)
    # Over its logarithm, so that it stays positive without a constraint.
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], max_iter=max_iterations, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(scores / log_temperature.exp(), targets)
        value.backward()
        return value

    optimizer.step(loss)
    return float(np.clip(log_temperature.exp().item(), LOWEST, HIGHEST))
