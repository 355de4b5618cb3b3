"""Numbers that states give to persons: one file a kind.

All have the label `NATIONAL_ID`; the recognizer's name says which.
"""

from privacy.detect.national_id.cn_resident_id import ChineseResidentId
from privacy.detect.national_id.de_tax_id import GermanTaxId
from privacy.detect.national_id.es_dni import SpanishDni
from privacy.detect.national_id.fr_nir import FrenchNir
from privacy.detect.national_id.in_aadhaar import IndianAadhaar
from privacy.detect.national_id.it_codice_fiscale import ItalianCodiceFiscale
from privacy.detect.national_id.nl_bsn import DutchBsn
from privacy.detect.national_id.uk_nhs import BritishNhsNumber
from privacy.detect.national_id.uk_nino import BritishNino
from privacy.detect.national_id.us_ssn import AmericanSsn
from privacy.detect.recognizer import PatternRecognizer

NATIONAL_IDS: tuple[PatternRecognizer, ...] = (
    ChineseResidentId(),
    ItalianCodiceFiscale(),
    FrenchNir(),
    GermanTaxId(),
    SpanishDni(),
    IndianAadhaar(),
    AmericanSsn(),
    BritishNino(),
    BritishNhsNumber(),
    DutchBsn(),
)

__all__ = ["NATIONAL_IDS"]
