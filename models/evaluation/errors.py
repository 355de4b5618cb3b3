"""What can go wrong with an evaluation."""

from models.errors import ModelError


class EvaluationDataError(ModelError):
    """The judged data can't be used; the message says what and where."""
