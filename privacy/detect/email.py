"""E-mail addresses: the dot-atom form of RFC 5322 that people write, with a domain that has a dot."""

from privacy.detect.recognizer import Found, Pattern, PatternRecognizer

_LOCAL = r"[0-9a-z_\xe0][0-9a-z_.%+'&/=~!#$*^|{}\xe0-]{0,63}"
_DOMAIN = r"(?:[0-9a-z\xe0](?:[0-9a-z_\xe0-]{0,62})\.){1,8}[a-z\xe0]{2,63}"


class EmailAddress(PatternRecognizer):
    """Letters outside ASCII are taken in local part and domain (RFC 6531)."""

    name = "email"
    label = "EMAIL"
    patterns = (Pattern(f"{_LOCAL}@{_DOMAIN}", score=0.9, border="", hint=r"[^ ]@[0-9a-z\xe0]"),)

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:  # noqa: ARG002
        """The shape is enough, whatever stands beside it."""
        return Found(start, end, score)
