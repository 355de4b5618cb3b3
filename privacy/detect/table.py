"""The recognizers in use. A new one is a file and a line here; the order breaks ties."""

from privacy.detect.bic import Bic
from privacy.detect.birth_date import BirthDate
from privacy.detect.email import EmailAddress
from privacy.detect.iban import Iban
from privacy.detect.ip_address import IpAddress
from privacy.detect.labelled_secret import LabelledSecret
from privacy.detect.mac_address import MacAddress
from privacy.detect.national_id import NATIONAL_IDS
from privacy.detect.payment_card import PaymentCard
from privacy.detect.phone import PhoneNumber
from privacy.detect.recognizer import PatternRecognizer
from privacy.detect.secret import Secret
from privacy.detect.url_credentials import UrlCredentials

DEFAULT: tuple[PatternRecognizer, ...] = (
    UrlCredentials(),
    EmailAddress(),
    PaymentCard(),
    Iban(),
    Bic(),
    *NATIONAL_IDS,
    PhoneNumber(),
    IpAddress(),
    MacAddress(),
    Secret(),
    LabelledSecret(),
    BirthDate(),
)

KINDS: tuple[str, ...] = tuple(dict.fromkeys(recognizer.label for recognizer in DEFAULT))
"""The labels that patterns give, each once; a tagger and a shop's own patterns may give others."""
