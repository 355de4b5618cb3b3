"""Tokens: keyed one-way stand-ins for values that are joined on but not to be read (HMAC-SHA-256)."""

import hmac

from privacy.detect.detector import Detector
from privacy.encoding import length_prefixed, octets
from privacy.envelope import to_base64url

PREFIX = "tok_"
RESERVED = (PREFIX, "$")
"""What ids of ours begin with: tokens, and the subjects and fields that stand for no person."""
_TOKEN_BYTES = 16  # 128 bits: no collision is to be met below 2^64 values


class Tokeniser:
    """Tokens and digests under one 256-bit key; the purpose keeps those of different uses apart."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, purpose: str, value: str) -> str:
        """`tok_` and 22 characters; equal for equal purpose and value, and telling nothing about either."""
        return PREFIX + to_base64url(self._mac(purpose, octets(value))[:_TOKEN_BYTES])

    def digest(self, purpose: str, data: bytes) -> str:
        """All 256 bits in hexadecimal: equal for equal bytes, and no help in guessing them."""
        return self._mac(purpose, data).hex()

    def _mac(self, purpose: str, data: bytes) -> bytes:
        return hmac.digest(self._key, length_prefixed("shopstream token", purpose) + data, "sha256")


class UserTokens:
    """User ids as they may leave: unchanged, unless one looks like personal data (such as an e-mail address).

    An id that begins like one of ours (a token, `$unattributed`) is replaced too, so that nobody can pass for
    it. Matching is exact: the same id in another spelling is another user.
    """

    def __init__(self, tokeniser: Tokeniser, detector: Detector) -> None:
        self._tokeniser = tokeniser
        self._detector = detector

    def of(self, user_id: str) -> str:
        """The token of `user_id`: the id itself, or its HMAC token."""
        if user_id.startswith(RESERVED) or self._detector.matches(user_id):
            return self._tokeniser.token("user", user_id)
        return user_id
