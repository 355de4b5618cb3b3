"""All that knows personal data: finding, masking, sealing, keys and tokens. No Kafka, no Redis, no models.

What needs cryptography or the recognizers loads when it is first asked for, so that the contracts can use
`Plaintext` and `SealedEnvelope` without paying for the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from privacy.envelope import SealedEnvelope
from privacy.errors import (
    ErasedKey,
    KeyFileError,
    KeyStoreError,
    MalformedEnvelope,
    NotAuthentic,
    OpenError,
    PrivacyError,
    StillSealed,
    UnknownKek,
    UnknownKey,
    UnknownVersion,
)
from privacy.plaintext import Plaintext
from privacy.sealed_text import SealedText

if TYPE_CHECKING:
    from privacy.detect import Detector, Span, SpanTagger
    from privacy.guard import Guard, Protected, Sensitive
    from privacy.hpke import PublicKey, TextContext
    from privacy.key_file import KeyFile
    from privacy.key_material import KeyMaterial
    from privacy.key_records import KeyRecord, KeyRecords
    from privacy.keyring import Keyring
    from privacy.keys import UNATTRIBUTED, DataKey, KeyStore
    from privacy.kms import EnvironmentKms, Kms, LocalKms
    from privacy.placeholders import Numbering
    from privacy.policy import (
        DEFAULT_POLICY,
        AllowList,
        FieldRule,
        Original,
        Policy,
        ProtectedTerms,
        Treatment,
    )
    from privacy.seal import SealContext, Sealer
    from privacy.tokens import Tokeniser

_LATER = {
    **dict.fromkeys(("Detector", "Span", "SpanTagger"), "privacy.detect"),
    **dict.fromkeys(("Guard", "Protected", "Sensitive"), "privacy.guard"),
    **dict.fromkeys(("PublicKey", "TextContext"), "privacy.hpke"),
    "KeyFile": "privacy.key_file",
    "KeyMaterial": "privacy.key_material",
    **dict.fromkeys(("KeyRecord", "KeyRecords"), "privacy.key_records"),
    "Keyring": "privacy.keyring",
    **dict.fromkeys(("UNATTRIBUTED", "DataKey", "KeyStore"), "privacy.keys"),
    **dict.fromkeys(("EnvironmentKms", "Kms", "LocalKms"), "privacy.kms"),
    **dict.fromkeys(
        ("DEFAULT_POLICY", "AllowList", "FieldRule", "Original", "Policy", "ProtectedTerms", "Treatment"),
        "privacy.policy",
    ),
    **dict.fromkeys(("SealContext", "Sealer"), "privacy.seal"),
    "Numbering": "privacy.placeholders",
    "Tokeniser": "privacy.tokens",
}

__all__ = [
    "DEFAULT_POLICY",
    "UNATTRIBUTED",
    "AllowList",
    "DataKey",
    "Detector",
    "EnvironmentKms",
    "ErasedKey",
    "FieldRule",
    "Guard",
    "KeyFile",
    "KeyFileError",
    "KeyMaterial",
    "KeyRecord",
    "KeyRecords",
    "KeyStore",
    "KeyStoreError",
    "Keyring",
    "Kms",
    "LocalKms",
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
    "PublicKey",
    "SealContext",
    "SealedEnvelope",
    "SealedText",
    "Sealer",
    "Sensitive",
    "Span",
    "SpanTagger",
    "StillSealed",
    "TextContext",
    "Tokeniser",
    "Treatment",
    "UnknownKek",
    "UnknownKey",
    "UnknownVersion",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'privacy' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
