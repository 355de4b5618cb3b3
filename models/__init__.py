"""All that knows language models; nothing of Kafka, Faust, Redis or personal data.

`models.engine` turns texts into vectors, `models.reviews` reads sentiment from them, `models.training` makes
what the tasks need. Importing this package loads neither torch nor transformers: that happens when an engine is
loaded or a training starts.
"""

from models.errors import (
    EncodingFailed,
    EngineClosed,
    HeadMismatch,
    ModelError,
    TrainingDataError,
    WeightsMissing,
    WeightsUnusable,
)
from models.identity import ModelIdentity
from models.sources import WeightSource, resolve

__all__ = [
    "EncodingFailed",
    "EngineClosed",
    "HeadMismatch",
    "ModelError",
    "ModelIdentity",
    "TrainingDataError",
    "WeightSource",
    "WeightsMissing",
    "WeightsUnusable",
    "resolve",
]
