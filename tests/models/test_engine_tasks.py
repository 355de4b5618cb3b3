"""What callers get for each task, on a backend whose outputs follow from the characters."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.engine import Encoder, Engine, Span
from models.errors import WeightsUnusable
from tests.models.tiny_backend import TinyBackend, tiny_model

LABELS = ("O", "B-NAME", "I-NAME")


def upper_case_is_a_name(ids: Sequence[int]) -> Any:
    logits = [[0.0, 9.0, 0.0] if chr(one).isupper() else [9.0, 0.0, 0.0] for one in ids]
    return np.array(logits).reshape(-1, 3)


def made(task: Any, output: Any, width: int = 0, labels: tuple[str, ...] = ()) -> Engine:
    return Engine([tiny_model(TinyBackend(output=output), task=task, width=width, labels=labels)])


def test_pairs_get_one_logit_each() -> None:
    with made("score", lambda ids: [float(sum(ids))], 1) as engine:
        now = engine.score_now([("a", "b"), ("a", "c")], model="tiny")
        later = asyncio.run(engine.score([("a", "b"), ("a", "c")], model="tiny"))
        assert engine.score_now([], model="tiny").shape == (0,)
    assert now.tolist() == later.tolist() == [195.0, 196.0]
    assert now.dtype == np.float32


@pytest.mark.parametrize("pairs", ["ab", ["ab"], [("a",)], [("a", 1)], [("a", "b", "c")]])
def test_what_is_no_pair_is_refused(pairs: Any) -> None:
    with made("score", lambda ids: [0.0], 1) as engine, pytest.raises(TypeError, match="pair"):
        engine.score_now(pairs, model="tiny")


def test_classes_get_probabilities() -> None:
    with made("classify", lambda ids: [float(len(ids)), 0.0], 2, ("long", "short")) as engine:
        now = engine.classify_now(["", "abc"], model="tiny")
        later = asyncio.run(engine.classify(["", "abc"], model="tiny"))
    np.testing.assert_allclose(now, [[0.5, 0.5], [0.952574, 0.047426]], atol=1e-5)
    np.testing.assert_array_equal(now, later)


def test_spans_are_of_the_text() -> None:
    with made("tag", upper_case_is_a_name, 3, LABELS) as engine:
        now = engine.tag_now(["dear Ann ,", "none", ""], model="tiny")
        later = asyncio.run(engine.tag(["dear Ann ,", "none", ""], model="tiny"))
    assert [[(span.begin, span.end, span.label) for span in spans] for spans in now] == [
        [(5, 8, "NAME")],
        [],
        [],
    ]
    assert now == later
    assert isinstance(now[0][0], Span)


def test_what_a_number_format_adds_to_outside_counts() -> None:
    model = tiny_model(TinyBackend(output=upper_case_is_a_name), task="tag", width=3, labels=LABELS)
    with Engine([replace(model, outside=100.0)]) as engine:
        assert engine.tag_now(["dear Ann ,"], model="tiny") == [[]]


def test_generated_tokens_become_text() -> None:
    with made("generate", lambda ids: [one + 1 for one in ids]) as engine:
        engine_texts = engine.generate_now(["HAL"], model="tiny")
        assert asyncio.run(engine.generate(["HAL"], model="tiny")) == engine_texts == ["IBM"]


def test_several_models_run_in_one_engine() -> None:
    models = [
        tiny_model(TinyBackend(), "vectors"),
        tiny_model(TinyBackend(output=lambda ids: [float(len(ids))]), "scores", "score", width=1),
    ]
    with Engine(models) as engine:
        assert engine.score_now([("ab", "c")], model="scores").tolist() == [3.0]
        assert engine.embed_now(["abc"], model="vectors")[0, 0] == 3.0
        assert [model.name for model in engine.models] == ["vectors", "scores"]
        assert [one.rows for one in engine.statistics().models] == [1, 1]


def test_a_model_of_another_task_or_name_is_refused(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny, task="score")]) as engine:
        with pytest.raises(ValueError, match="'score', not 'embed'"):
            engine.embed_now(["a"], model="tiny")
        with pytest.raises(KeyError):
            engine.score_now([("a", "b")], model="other")
        with pytest.raises(WeightsUnusable):
            engine.encoder("tiny")


def test_two_models_of_one_name_and_none_at_all_are_refused(tiny: TinyBackend) -> None:
    with pytest.raises(ValueError, match="two models"):
        Engine([tiny_model(tiny), tiny_model(tiny)])
    with pytest.raises(ValueError, match="at least one"):
        Engine([])


def test_an_encoder_says_what_it_is(tiny: TinyBackend) -> None:
    with Encoder.alone(tiny_model(tiny)) as encoder:
        assert (encoder.id, encoder.version, encoder.digest) == encoder.identity
        assert (encoder.width, encoder.runs_on, encoder.notes) == (4, "tiny cpu float32", ())
