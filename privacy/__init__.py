"""All that knows personal data: finding, masking, sealing, keys and tokens. No Kafka, no Redis, no models.

What needs cryptography or the recognizers loads when it is first asked for, so that the contracts can use
`Plaintext` and `SealedEnvelope` without paying for the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from privacy.envelope import SealedEnvelope
from privacy.errors import (
    KeyFileError,
    MalformedEnvelope,
    NotAuthentic,
    OpenError,
    PrivacyError,
    UnknownKey,
    UnknownVersion,
)
from privacy.plaintext import Plaintext

if TYPE_CHECKING:
    from privacy.detect import Detector, Span, SpanTagger
    from privacy.guard import Guard, Protected, Sensitive
    from privacy.key_file import KeyFile, KeyMaterial
    from privacy.keys import UNATTRIBUTED, DataKey, DerivedKeys, KeyStore
    from privacy.mask import Numbering
    from privacy.policy import DEFAULT_POLICY, FieldRule, Original, Policy, ProtectedTerms
    from privacy.seal import SealContext, Sealer
    from privacy.tokens import Tokeniser

_LATER = {
    **dict.fromkeys(("Detector", "Span", "SpanTagger"), "privacy.detect"),
    **dict.fromkeys(("Guard", "Protected", "Sensitive"), "privacy.guard"),
    **dict.fromkeys(("KeyFile", "KeyMaterial"), "privacy.key_file"),
    **dict.fromkeys(("UNATTRIBUTED", "DataKey", "DerivedKeys", "KeyStore"), "privacy.keys"),
    **dict.fromkeys(
        ("DEFAULT_POLICY", "FieldRule", "Original", "Policy", "ProtectedTerms"), "privacy.policy"
    ),
    **dict.fromkeys(("SealContext", "Sealer"), "privacy.seal"),
    "Numbering": "privacy.mask",
    "Tokeniser": "privacy.tokens",
}

__all__ = [
    "DEFAULT_POLICY",
    "UNATTRIBUTED",
    "DataKey",
    "DerivedKeys",
    "Detector",
    "FieldRule",
    "Guard",
    "KeyFile",
    "KeyFileError",
    "KeyMaterial",
    "KeyStore",
    "MalformedEnvelope",
    "NotAuthentic",
    "Numbering",
    "OpenError",
    "Original",
    "Plaintext",
    "Policy",
    "PrivacyError",
    "Protected",
    "ProtectedTerms",
    "SealContext",
    "SealedEnvelope",
    "Sealer",
    "Sensitive",
    "Span",
    "SpanTagger",
    "Tokeniser",
    "UnknownKey",
    "UnknownVersion",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'privacy' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
