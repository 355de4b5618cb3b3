"""How the erasure ledger names a person."""

from privacy.tokens import Tokeniser

PURPOSE = "erasure"


def ledger_subject(tokeniser: Tokeniser, token: str) -> str:
    """The keyed digest (HMAC-SHA-256, hexadecimal) of a user token: the ledger's key, which nobody can guess back.

    Args:
        tokeniser: of this installation.
        token: the user token, which is also the subject of the user's data keys.
    """
    return tokeniser.digest(PURPOSE, token.encode("utf-8", "surrogatepass"))
