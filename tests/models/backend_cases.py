"""What every backend must do, on tiny models. A backend's tests inherit `BackendCases` and say how one is made."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, cast

import numpy as np
import numpy.typing as npt
import pytest

from models.engine.backend import Backend, Lane, Output, Row, Task
from models.engine.folder import EncoderFacts, read_facts
from models.engine.tokenising import Tokeniser
from tests.models.tiny_folders import tiny_folder

Floats = npt.NDArray[np.float32]

TEXTS = (
    "the red dress fits well",
    "broken",
    "it runs small, order one size up. the colour is a bit darker than in the picture, but i like it",
    "",
    "delivery took three weeks and nobody answered my message",
    "love love love this",
    "word " * 200,
    "质量不错，就是有点贵。",
    "a zipper, two buttons; and 4 pockets",
)
"""Of different lengths, the empty one and one that is cut among them."""
ANSWER = "and a second text"


class BackendCases:
    """Inherit, set `tolerance`, and define `make`; a backend that can't do all tasks overrides `task`."""

    tolerance: ClassVar[float]
    """Most that a number may be off, in parts of the largest one of its row (and at least of 1)."""

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        raise NotImplementedError

    @pytest.fixture(scope="class", params=["embed", "score", "classify", "tag"])
    @classmethod
    def task(cls, request: pytest.FixtureRequest) -> Task:
        return cast("Task", request.param)

    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, task: Task, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tiny_folder(tmp_path_factory.getbasetemp() / "tiny", task)

    @pytest.fixture(scope="class")
    @classmethod
    def facts(cls, folder: Path, task: Task) -> EncoderFacts:
        return read_facts(folder, task)

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, folder: Path, facts: EncoderFacts, task: Task) -> Iterator[Backend]:
        """The one backend of a class and task: making one may take seconds."""
        made = cls.make(folder, facts, task)
        yield made
        made.close()

    @pytest.fixture(scope="class")
    @classmethod
    def rows(cls, folder: Path, facts: EncoderFacts, task: Task) -> list[Row]:
        return rows_of(folder, facts, task)

    def test_each_row_is_what_transformers_makes_of_it_alone(
        self, backend: Backend, folder: Path, facts: EncoderFacts, rows: list[Row], task: Task
    ) -> None:
        outputs = run(backend, rows)
        reference = plain(folder, facts, rows, task)
        assert [output.shape for output in outputs] == [expected.shape for expected in reference]
        assert {output.dtype for output in outputs} == {np.dtype(np.float32)}
        assert worst(outputs, reference) < self.tolerance
        # The tolerance tells texts apart: no row would pass for its neighbour.
        firsts = [expected.reshape(-1)[: facts.width] for expected in reference]
        if task in ("embed", "classify"):
            assert min(worst([a], [b]) for a, b in pairwise(firsts)) > self.tolerance

    def test_a_row_does_not_depend_on_its_batch(self, backend: Backend, rows: list[Row]) -> None:
        together = run(backend, rows)
        alone = [run(backend, [row])[0] for row in rows]
        assert worst(together, alone) < self.tolerance

    def test_the_order_of_rows_is_kept(self, backend: Backend, rows: list[Row]) -> None:
        order = [4, 7, 0, 8, 2, 6, 1, 3, 5]
        forward, shuffled = run(backend, rows), run(backend, [rows[index] for index in order])
        assert worst(shuffled, [forward[index] for index in order]) < self.tolerance

    def test_rows_of_every_length_fit(self, backend: Backend, facts: EncoderFacts, rows: list[Row]) -> None:
        longest = max(rows, key=lambda row: len(row.ids))
        assert len(longest.ids) == facts.max_tokens
        for length in (2, 7, 8, 9, 17, facts.max_tokens - 1, facts.max_tokens):
            (output,) = run(backend, [Row(longest.ids[:length], min(longest.second, length - 1))])
            assert np.isfinite(output).all()

    def test_both_lanes_agree(self, backend: Backend, rows: list[Row]) -> None:
        assert worst(run(backend, rows, Lane.URGENT), run(backend, rows, Lane.BULK)) < self.tolerance

    def test_outputs_stay_when_the_next_batch_runs(self, backend: Backend, rows: list[Row]) -> None:
        first = run(backend, rows[:3])
        kept = [output.copy() for output in first]
        run(backend, rows[3:6])
        assert all(np.array_equal(output, copy) for output, copy in zip(first, kept, strict=True))

    def test_several_threads_get_their_own_rows(self, backend: Backend, rows: list[Row]) -> None:
        batches = [[rows[n % len(rows)], rows[(n + 3) % len(rows)]] for n in range(24)]
        lanes = [Lane.URGENT if n % 3 == 0 else Lane.BULK for n in range(24)]
        expected = [run(backend, batch) for batch in batches]
        with ThreadPoolExecutor(4) as pool:
            outputs = list(pool.map(lambda n: run(backend, batches[n], lanes[n]), range(24)))
        for output, wanted in zip(outputs, expected, strict=True):
            assert worst(output, wanted) < self.tolerance

    def test_batches_may_be_finished_in_another_order(self, backend: Backend, rows: list[Row]) -> None:
        expected = [run(backend, rows[:4]), run(backend, rows[4:])]
        first, second = backend.core(rows[:4], Lane.BULK), backend.core(rows[4:], Lane.BULK)
        later = backend.post(second)
        assert worst(backend.post(first), expected[0]) < self.tolerance
        assert worst(later, expected[1]) < self.tolerance

    def test_closing_one_leaves_another_of_the_same_model(
        self, backend: Backend, folder: Path, facts: EncoderFacts, rows: list[Row], task: Task
    ) -> None:
        expected = run(backend, rows)
        other = self.make(folder, facts, task)
        assert worst(run(other, rows), expected) < self.tolerance
        other.close()
        assert worst(run(backend, rows), expected) < self.tolerance

    def test_what_a_scheduler_plans_with_is_sensible(self, backend: Backend, facts: EncoderFacts) -> None:
        assert backend.slots >= 1
        assert backend.token_budget >= facts.max_tokens
        assert backend.pad_to >= 1
        assert 0 <= backend.fill <= 1
        assert backend.memory_bytes > 0


class PairCases:
    """For backends of `score`: the second text is known as such. `make` as in `BackendCases`."""

    tolerance: ClassVar[float]

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        raise NotImplementedError

    def test_the_second_text_of_a_pair_counts_as_such(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = tiny_folder(tmp_path_factory.getbasetemp() / "tiny", "score")
        facts = read_facts(folder, "score")
        rows = rows_of(folder, facts, "score")
        assert all(0 < row.second < len(row.ids) for row in rows)
        backend = self.make(folder, facts, "score")
        blind = [Row(row.ids) for row in rows]
        assert worst(run(backend, rows[:3]), run(backend, blind[:3])) > self.tolerance
        # A batch may hold both.
        mixed = run(backend, [rows[0], blind[1], rows[2]])
        backend.close()
        assert worst(mixed, plain(folder, facts, [rows[0], blind[1], rows[2]], "score")) < self.tolerance


def rows_of(folder: Path, facts: EncoderFacts, task: Task, texts: Sequence[str] = TEXTS) -> list[Row]:
    """The texts as rows; for `score` as pairs with one more text."""
    tokeniser = Tokeniser(folder, facts.max_tokens, offsets=task == "tag")
    return tokeniser.rows([(text, ANSWER) for text in texts] if task == "score" else list(texts))


def run(backend: Backend, rows: Sequence[Row], lane: Lane = Lane.BULK) -> Sequence[Output]:
    """One batch, from start to end."""
    return backend.post(backend.core(rows, lane))


def worst(outputs: Sequence[Output], expected: Sequence[Output]) -> float:
    """The largest difference, in parts of the largest number of its row (and at least of 1). NaN is infinite."""
    assert len(outputs) == len(expected)
    worst_yet = 0.0
    for output, wanted in zip(outputs, expected, strict=True):
        if not np.isfinite(output).all():
            return float("inf")
        scale = max(1.0, float(np.abs(wanted).max()))
        worst_yet = max(worst_yet, float(np.abs(output - wanted).max()) / scale)
    return worst_yet


def plain(folder: Path, facts: EncoderFacts, rows: Sequence[Row], task: Task) -> list[Floats]:
    """The rows one by one through transformers, in float32 and with its own plain attention."""
    import torch
    import transformers

    kinds = {
        "embed": transformers.AutoModel,
        "score": transformers.AutoModelForSequenceClassification,
        "classify": transformers.AutoModelForSequenceClassification,
        "tag": transformers.AutoModelForTokenClassification,
    }
    model = kinds[task].from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    outputs = []
    with torch.inference_mode():
        for row in rows:
            ids = torch.tensor([row.ids])
            types = torch.tensor([[int(0 < row.second <= n) for n in range(len(row.ids))]])
            asked = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
            output = model(**asked, token_type_ids=types) if facts.token_types else model(**asked)
            if task == "embed":
                hidden = output.last_hidden_state[0]
                pooled = hidden[0] if facts.pooling == "cls" else hidden.mean(0)
                outputs.append((pooled / pooled.norm()).numpy())
            else:
                outputs.append(output.logits[0].numpy())
    return outputs
