"""Languages as texts name theirs."""


def primary(language: str | None) -> str:
    """The primary subtag of a language (BCP 47, RFC 5646) in lower case; empty where it is unknown."""
    return (language or "").partition("-")[0].casefold()
