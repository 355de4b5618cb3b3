"""The recognizers in use. A new one is a file and a line here; the order breaks ties."""

from privacy.detect.email import EmailAddress
from privacy.detect.iban import Iban
from privacy.detect.ip_address import IpAddress
from privacy.detect.national_id import NATIONAL_IDS
from privacy.detect.payment_card import PaymentCard
from privacy.detect.phone import PhoneNumber
from privacy.detect.recognizer import PatternRecognizer

DEFAULT: tuple[PatternRecognizer, ...] = (
    EmailAddress(),
    PaymentCard(),
    Iban(),
    *NATIONAL_IDS,
    PhoneNumber(),
    IpAddress(),
)
