"""What can go wrong in this room.

    PrivacyError
    ├── KeyFileError          the key file is missing, open to others, damaged, or cannot be written
    ├── KeyStoreError         the store of data keys is not named, does not answer, or could lose keys
    ├── StillSealed           a text that its producer sealed was asked for before it was opened
    ├── AccessDenied          the caller is not who, or may not do what, is claimed (`access`)
    ├── RolesFileError        the file of callers and roles cannot be used (`roles_file`)
    ├── AuditLogError         the audit log cannot be written or read (`audit`)
    ├── BackupError           a backup cannot be made or restored as things are (`backup`)
    ├── SealedFileError       a file under a passphrase does not open; one class for each reason (`sealed_file`)
    ├── PrivateFileError      a file that is nobody else's cannot be kept so (`private_file`)
    ├── TaggerDefect          a tagger model's answer does not fit its texts (`detect.tagger`)
    ├── EvaluationDataError   annotated texts cannot be read (`evaluation`)
    └── OpenError             a sealed envelope or text does not open
        ├── MalformedEnvelope     members missing, of a wrong type or size, or not base64url
        ├── UnknownVersion        a format version or algorithm that this release does not know
        ├── UnknownKey            sealed under a data key that the key store does not hold
        ├── ErasedKey             sealed under a data key that was destroyed: its person was erased
        ├── UnknownKek            its data key is wrapped under a key-encryption key that is not at hand
        └── NotAuthentic          the tag does not fit: altered, or moved from where it was sealed for

AES-GCM has one answer for "altered" and "moved", by design: both are `NotAuthentic`. A wrong key is told
apart because data keys are named in envelopes, and key-encryption keys in wrapped data keys. No message ever holds a
value.
"""


class PrivacyError(Exception):
    """Base of every error this room raises on purpose."""


class KeyFileError(PrivacyError):
    """The file of the key-encryption key cannot be used; the message says what to do."""


class KeyStoreError(PrivacyError):
    """The store of wrapped data keys cannot be used as it is; the message says what to do."""


class StillSealed(PrivacyError):
    """A text is asked for that its producer has sealed and nobody has opened yet."""


class OpenError(PrivacyError):
    """A sealed envelope or text cannot be opened."""


class MalformedEnvelope(OpenError):
    """The envelope is damaged before any cryptography starts."""


class UnknownVersion(OpenError):
    """The envelope's format version or algorithm is not known to this release."""


class UnknownKey(OpenError):
    """The envelope names a key that this key store does not hold."""


class ErasedKey(OpenError):
    """The envelope names a data key that was destroyed on purpose: what it sealed is gone for good."""


class UnknownKek(OpenError):
    """The data key is there, but wrapped under a key-encryption key that is not at hand: the wrong key file."""


class NotAuthentic(OpenError):
    """The authentication tag does not fit the ciphertext and its context."""
