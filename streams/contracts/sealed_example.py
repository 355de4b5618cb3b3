"""The example of a review once more, as a producer sends it that seals what its customers write.

The text is the test vector of `docs/producer-sealing.md`: sealed to the public key of the X25519 private key
`00 01 … 1f`, with the ephemeral key `20 21 … 3f`, for the tenant `default`.
"""

from typing import Any, Final

import orjson

from privacy.plaintext import Plaintext
from privacy.sealed_text import SealedText
from streams.contracts.codec import encode_event
from streams.contracts.events import Review
from streams.contracts.examples import review

SEALED: Final = {
    "sealed": {
        "v": 1,
        "alg": "HPKE-Base-X25519-HKDF-SHA256-AES-256-GCM",
        "key": "intake-eedd883d",
        "enc": "NYBy1jZYgNGu6jKa35EhODhR7SGijjt16WXQ0s0WYlQ",
        "ciphertext": (
            "oIcrAa7RNQQ7iF05QbQ2QqDLJ7KIN6JgTnNH4dx-uGVk6iViWhFiHH0Z3tt9zBC1VWMZ6J2OeKvWkMKs8loXsGVGtVVutI89Z78p"
        ),
    }
}


def sealed_review() -> Review:
    """`review` without its title, its text sealed."""
    return review().model_copy(update={"title": None, "text": Plaintext(SealedText.parse(SEALED))})


def sealed_review_document() -> dict[str, Any]:
    """The same as parsed JSON."""
    document: dict[str, Any] = orjson.loads(encode_event(sealed_review()))
    return document
