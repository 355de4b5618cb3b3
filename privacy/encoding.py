"""Unambiguous bytes out of several strings, for everything that is authenticated or hashed."""


def octets(text: str) -> bytes:
    """UTF-8, with lone surrogates passed through, so that every `str` has bytes of its own."""
    return text.encode("utf-8", "surrogatepass")


def length_prefixed(*parts: str) -> bytes:
    """Each part as UTF-8 behind its length in 4 bytes, big-endian: `("ab", "c")` and `("a", "bc")` differ."""
    encoded = [octets(part) for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
