"""RFC 9180 written out once more from the cryptographic parts, with an ephemeral key that a test may fix.

For tests alone: it checks that the library's suite is the one that the documents name.
"""

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEM = b"KEM" + bytes.fromhex("0020")


def seal(
    recipient: bytes,
    ephemeral: bytes,
    info: bytes,
    plaintext: bytes,
    aad: bytes = b"",
    aead: tuple[str, int] = ("0002", 32),
) -> tuple[bytes, bytes]:
    """SealBase (§6.1) for DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and an AES-GCM; `enc` and ciphertext.

    Args:
        recipient: public key.
        ephemeral: private key.
        aead: identifier and key length, AES-256-GCM unless told.
    """
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = private.public_key().public_bytes_raw()
    suite = b"HPKE" + bytes.fromhex("00200001" + aead[0])
    secret = _labeled_extract(
        KEM, b"", b"eae_prk", private.exchange(X25519PublicKey.from_public_bytes(recipient))
    )
    shared = _labeled_expand(KEM, secret, b"shared_secret", enc + recipient, 32)
    context = (
        b"\0"
        + _labeled_extract(suite, b"", b"psk_id_hash", b"")
        + _labeled_extract(suite, b"", b"info_hash", info)
    )
    schedule = _labeled_extract(suite, shared, b"secret", b"")
    key = _labeled_expand(suite, schedule, b"key", context, aead[1])
    nonce = _labeled_expand(suite, schedule, b"base_nonce", context, 12)
    return enc, AESGCM(key).encrypt(nonce, plaintext, aad)


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    mac = hmac.HMAC(salt or bytes(32), hashes.SHA256())
    mac.update(b"HPKE-v1" + suite + label + material)
    return mac.finalize()


def _labeled_expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labeled).derive(secret)
