"""What can go wrong with an evaluation."""

from privacy.errors import PrivacyError


class EvaluationDataError(PrivacyError):
    """A file can't be used; the message says which one and where, and never holds a text of it."""


class PeerMissing(PrivacyError):
    """The detector to compare with is not installed; the message says how to install it."""
