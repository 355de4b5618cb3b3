"""What can go wrong with models.

ModelError
├── WeightsMissing      no weights where the settings point; the message says how to get them
├── WeightsUnusable     weights are there and can't be used (format, pooling, damaged, device)
├── HeadMismatch        a head was trained for another encoder than the one loaded
├── EngineClosed        a text was handed to an engine that is closed, or waited in it when it closed
├── EncodingFailed      one request could not be embedded; its cause is attached, its text is not in the message
└── TrainingDataError   a training file lacks a column, a class, or enough rows
"""


class ModelError(Exception):
    """Base of every error that this room raises on purpose."""


class WeightsMissing(ModelError):
    """No weights where the settings point."""


class WeightsUnusable(ModelError):
    """Weights are there and can't be used."""


class HeadMismatch(ModelError):
    """A head was trained for another encoder than the one loaded."""


class EngineClosed(ModelError):
    """The engine is closed."""


class EncodingFailed(ModelError):
    """One request could not be embedded."""


class TrainingDataError(ModelError):
    """The training data can't be used."""
