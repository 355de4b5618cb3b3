"""What can go wrong with models.

ModelError
├── WeightsMissing      no weights where the settings point; the message says how to get them
├── WeightsUnusable     weights are there and can't be used (format, pooling, damaged, device)
├── HeadMismatch        a head was trained for another encoder than the one loaded
├── BackendUnusable     a backend can't run a model here: not installed, no such device, or its self-test failed
├── EngineClosed        a text was handed to an engine that is closed, or waited in it when it closed
├── EngineBroken        the engine's device hangs or its threads keep dying; the process has to be started anew
├── DeadlineExceeded    a request's deadline passed before its turn
├── OutOfMemory         a batch does not fit on the device; the engine tries smaller ones
├── EncodingFailed      one request could not be answered; its cause is attached, its text is not in the message
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


class BackendUnusable(ModelError):
    """A backend can't run a model on this machine."""


class EngineClosed(ModelError):
    """The engine is closed."""


class EngineBroken(ModelError):
    """The engine can't go on in this process."""


class DeadlineExceeded(ModelError):
    """A request was not begun in time."""


class OutOfMemory(ModelError):
    """A batch does not fit on the device."""


class EncodingFailed(ModelError):
    """One request could not be answered."""


class TrainingDataError(ModelError):
    """The training data can't be used."""
