"""MAC addresses: 48-bit identifiers of network cards (IEEE 802, EUI-48), which tell devices and so persons apart."""

from privacy.detect.context import words
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer

_WEAK = 0.2
_PAIR = "[0-9a-f]{2}"
_BORDER = r"[^0-9a-z:.\-\xe0]"
_EVERYBODY = frozenset({"0" * 12, "f" * 12})
"""No address, and the broadcast address."""


class MacAddress(PatternRecognizer):
    """Pairs joined by colons or hyphens, or groups of four joined by dots.

    Without a letter, hyphens and dots might as well join sizes: such need context words.
    """

    name = "mac_address"
    label = "MAC"
    patterns = (
        Pattern(rf"{_PAIR}(?::{_PAIR}){{5}}", score=0.8, border=_BORDER),
        Pattern(rf"{_PAIR}(?:-{_PAIR}){{5}}", score=0.8, border=_BORDER),
        Pattern(r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}", score=0.7, border=_BORDER),
    )
    context = words(
        "mac, mac address*, mac-address*, mac-adresse*, bssid, wlan, wifi, wi-fi, ethernet, bluetooth"
    )
    check = "the address of one device, not of none or of all; letters among the digits"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Addresses of one device only."""
        value = folded[start:end].decode("latin-1").lower()
        address = value.translate({ord(joint): None for joint in ":-."})
        if address in _EVERYBODY:
            return None
        mixed = not address.isdigit() and not address.isalpha()
        return Found(start, end, score if mixed or ":" in value else _WEAK)
