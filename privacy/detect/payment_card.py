"""Payment card numbers: issuer ranges and lengths of the networks, and the Luhn check (ISO/IEC 7812-1)."""

from privacy.detect.checksum import luhn
from privacy.detect.context import words
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer, digits

_GAP = r"[ .\-]{1,2}"
_WEAK = 0.2

# (lowest and highest prefix of equal length, number lengths). Wikipedia, "Payment card number", section
# "Issuer identification number", lists the sources.
_NETWORKS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),  # Diners Club
    ("3095", "3095", (14, 16)),
    ("36", "36", (14,)),
    ("38", "39", (14, 16)),
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "649", (16, 19)),
    ("65", "65", (16, 19)),
    ("3528", "3589", (16, 19)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "82", (16,)),  # RuPay
    ("508", "508", (16,)),
    ("2200", "2204", (16,)),  # Mir
)
# Ranges so wide, or numbers so short, that a check digit alone says little: they need context words.
_LOOSE: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13,)),  # Visa of old
    ("50", "50", tuple(range(12, 20))),  # Maestro
    ("56", "69", tuple(range(12, 20))),
    ("1800", "1800", (15,)),  # JCB of old
    ("2131", "2131", (15,)),
)


class PaymentCard(PatternRecognizer):
    """Written in one piece or in the groups that are printed on cards."""

    name = "payment_card"
    label = "CARD"
    patterns = (
        Pattern(r"[1-68][0-9]{11,18}", score=0.7),
        Pattern(rf"[2-68][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}", score=0.8),
        Pattern(rf"[2-68][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}{_GAP}[0-9]{{3}}", score=0.8),
        Pattern(
            rf"3[0-9]{{3}}(?:{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4,5}}|(?:{_GAP}[0-9]{{4}}){{2}}{_GAP}[0-9]{{2,3}})",
            score=0.8,
        ),
        Pattern(rf"62[0-9]{{4}}{_GAP}[0-9]{{13}}", score=0.8),
    )
    context = words(
        "card*, credit*, debit*, visa, mastercard, maestro, amex, american express, discover, diners, jcb",
        "unionpay, karte*, kreditkarte*, carte*, tarjeta*, carta, kaart*, creditcard*",
        "卡号, 银行卡, 信用卡, 银联, कार्ड",
    )
    check = "the Luhn check digit, a network's prefix and length"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Luhn, then the network's prefix and length; part of a decimal number is none."""
        number = digits(folded[start:end].decode("latin-1"))
        if not luhn(number) or _fraction(folded[max(0, start - 5) : start]):
            return None
        if _issued(number, _NETWORKS):
            return Found(start, end, score)
        if _issued(number, _LOOSE):
            return Found(start, end, _WEAK)
        return None


def _fraction(before: bytes) -> bool:
    """Whether the digits are the decimals of a number below a thousand."""
    whole = before[:-1]
    count = len(whole) - len(whole.rstrip(b"0123456789"))
    return before[-1:] in {b".", b","} and 0 < count < 4


def _issued(number: str, ranges: tuple[tuple[str, str, tuple[int, ...]], ...]) -> bool:
    return any(low <= number[: len(low)] <= high and len(number) in lengths for low, high, lengths in ranges)
