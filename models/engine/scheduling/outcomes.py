"""What callers get for a backend's outputs, by task."""

from typing import Any

import numpy as np

from models.engine.backend import Output
from models.engine.model import LoadedModel
from models.engine.requests import Item
from models.engine.spans import softmax, spans_of


def outcome(model: LoadedModel, item: Item, output: Output) -> Any:  # noqa: ANN401 - by task
    """One input's answer: embed its vector, score a logit, classify probabilities, tag spans, generate a text."""
    match model.task:
        case "embed":
            return output
        case "score":
            return output.reshape(())
        case "classify":
            return softmax(output)
        case "tag":
            if not isinstance(item.input, str) or item.row is None or item.row.offsets is None:
                raise TypeError("a model that tags needs texts, and a tokeniser with offsets")
            return spans_of(item.input, item.row.offsets, output, model.labels, model.outside)
        case "generate":
            return model.tokeniser.text(output.tolist())


def is_number(output: Output) -> bool:
    """Whether an output has no NaN and no infinity."""
    return bool(np.isfinite(output).all())
