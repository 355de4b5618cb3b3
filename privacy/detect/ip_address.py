"""IP addresses, versions 4 and 6, as the standard library reads them (RFC 791, RFC 4291)."""

import ipaddress

from privacy.detect.context import words
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer, joined

_WEAK = 0.2
_DOTTED = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"


class IpAddress(PatternRecognizer):
    """Dotted numbers that might as well be a version or a section (1.2.3.4) need context words."""

    name = "ip_address"
    label = "IP"
    patterns = (
        Pattern(_DOTTED, score=0.7, border=r"[^0-9a-z\xe0]"),
        Pattern(
            rf"[0-9a-f]{{0,4}}:[0-9a-f]{{0,4}}:(?:[0-9a-f:]{{0,25}}{_DOTTED}|[0-9a-f:]{{0,32}})",
            score=0.7,
            border=r"[^0-9a-z:\xe0]",
        ),
    )
    context = words("ip, ipv4, ipv6, address*, host, server, adresse*, dirección, indirizzo, adres, 地址")
    check = "an address that exists, no part of a longer dotted number"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Part of a longer dotted number is no address."""
        if joined(folded, start, end):
            return None
        try:
            address = ipaddress.ip_address(folded[start:end].decode("latin-1"))
        except ValueError:
            return None
        return Found(start, end, score if _telling(address) else _WEAK)


def _telling(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it can hardly be anything else: not 1.2.3.4, not `::` or `a::b`."""
    if isinstance(address, ipaddress.IPv4Address):
        return sum(octet > 9 for octet in address.packed) >= 2
    return sum(map(bool, address.packed)) >= 4
