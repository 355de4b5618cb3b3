import numpy as np
import pytest

from models.engine.choosing.cost_model import Measurement, fit

SHAPES = [(rows, length) for rows in (1, 4, 16) for length in (16, 64, 256)]


def measured(a: float, b: float, c: float, noise: float = 0.0) -> list[Measurement]:
    factors = np.random.default_rng(5).uniform(1 - noise, 1 + noise, len(SHAPES))
    return [
        Measurement(rows, length, (a + b * rows * length + c * rows * length**2) * factor)
        for (rows, length), factor in zip(SHAPES, factors.tolist(), strict=True)
    ]


def test_exact_times_give_their_own_model_back() -> None:
    model = fit(measured(2e-3, 4e-5, 3e-8))
    assert model.per_batch == pytest.approx(2e-3)
    assert model.per_token == pytest.approx(4e-5)
    assert model.per_token_and_length == pytest.approx(3e-8)
    assert model.worst_error < 1e-9
    assert model.predict(8, 100) == pytest.approx(2e-3 + 800 * 4e-5 + 80_000 * 3e-8)


def test_the_error_says_how_noisy_the_times_were() -> None:
    model = fit(measured(2e-3, 4e-5, 3e-8, noise=0.2))
    assert 0.02 < model.mean_error < model.worst_error < 0.3
    assert model.predict(4, 64) == pytest.approx(2e-3 + 256 * 4e-5 + 16_384 * 3e-8, rel=0.25)


def test_no_coefficient_is_negative() -> None:
    # Longer rows cost less a token: an unbounded fit would make c negative.
    times = [Measurement(rows, length, 1e-5 * rows * length**0.8) for rows, length in SHAPES]
    model = fit(times)
    assert min(model.per_batch, model.per_token, model.per_token_and_length) == 0
    assert model.per_token > 0


def test_too_few_batches_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        fit(measured(1, 1, 1)[:2])
