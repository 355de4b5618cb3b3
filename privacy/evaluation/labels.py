"""Which label of a data set, or of another detector, means which of our kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from privacy.detect.table import KINDS
from privacy.evaluation.errors import EvaluationDataError
from privacy.evaluation.files import unpacked

PATTERN_KINDS = frozenset(KINDS)
"""What patterns find."""
TAGGER_KINDS = frozenset({"PERSON", "ADDRESS", "LOCATION", "ORGANIZATION"})
"""What only a tagger model finds."""

_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "EMAIL": ("EMAIL_ADDRESS", "E_MAIL"),
    "PHONE": ("PHONE_NUMBER", "PHONENUMBER", "TELEPHONE", "TELEPHONE_NUMBER", "MOBILE_NUMBER", "FAX_NUMBER"),
    "CARD": ("CREDIT_CARD", "CREDIT_CARD_NUMBER", "CREDITCARDNUMBER", "PAYMENT_CARD", "CARD_NUMBER"),
    "IBAN": ("IBAN_CODE", "IBAN_NUMBER"),
    "BIC": ("BIC_CODE", "SWIFT", "SWIFT_CODE", "SWIFT_BIC"),
    "IP": ("IP_ADDRESS", "IPV4", "IPV6", "IPADDRESS"),
    "MAC": ("MAC_ADDRESS", "MACADDRESS"),
    "NATIONAL_ID": (
        *("SSN", "US_SSN", "US_ITIN", "UK_NHS", "UK_NINO", "DE_TAX_ID", "FR_NIR", "ES_NIF", "ES_NIE"),
        *("IT_FISCAL_CODE", "NL_BSN", "CN_RESIDENT_ID", "IN_AADHAAR", "PL_PESEL", "SG_NRIC_FIN", "AU_TFN"),
        *("FI_PERSONAL_IDENTITY_CODE", "KR_RRN", "TH_TNIN", "SE_PERSONNUMMER", "NATIONAL_ID_NUMBER"),
    ),
    "SECRET": ("PASSWORD", "API_KEY", "ACCESS_TOKEN", "SECRET_KEY", "CREDENTIAL", "AUTH_TOKEN"),
    "BIRTH_DATE": ("DATE_OF_BIRTH", "BIRTHDATE", "DOB"),
    "PERSON": ("PER", "NAME", "FULL_NAME", "FIRST_NAME", "LAST_NAME", "SURNAME"),
    "ADDRESS": ("STREET_ADDRESS", "STREET", "POSTAL_ADDRESS"),
    "LOCATION": (
        *("GPE", "LOC", "FAC", "CITY", "STATE", "COUNTRY", "ZIP_CODE", "ZIPCODE", "POSTCODE", "PLACE"),
        *("ARRIVAL_CITY", "DEPARTURE_CITY", "CURRENT_CITY", "NEW_CITY", "CURRENT_ZIPCODE", "NEW_ZIPCODE"),
    ),
    "ORGANIZATION": ("ORG", "ORGANISATION", "COMPANY", "COMPANY_NAME"),
    "DATE": ("DATE_TIME",),
    "URL": ("DOMAIN_NAME", "DOMAIN"),
}
_DEFAULT = {name: kind for kind, names in _OTHER_NAMES.items() for name in (kind, *names)}

_RELATED = frozenset(
    frozenset(pair) for pair in (("BIRTH_DATE", "DATE"), ("URL_CREDENTIALS", "URL"), ("LOCATION", "ADDRESS"))
)


def related(found: str, labelled: str) -> bool:
    """Whether a finding of the one kind is right on text labelled as the other.

    Equal kinds are; and kinds of which one is a sort or a part of the other: data sets differ in whether they
    label a date of birth as such or as a date, the town of an address as an address or as a place.
    """
    return found == labelled or frozenset((found, labelled)) in _RELATED


@dataclass(frozen=True, slots=True)
class LabelMap:
    """Kinds by label. A label that is not here is a kind of its own, under its own name.

    Args:
        kinds: kind by label, both in upper case.
    """

    kinds: Mapping[str, str]

    @classmethod
    def default(cls) -> "LabelMap":
        """The names that public data sets and Presidio use."""
        return cls(_DEFAULT)

    @classmethod
    def read(cls, path: Path) -> "LabelMap":
        """The default with what a JSON object says, `{"their label": "our kind"}`; what it says wins.

        Raises:
            EvaluationDataError: no such file, or something else in it.
        """
        try:
            value = orjson.loads(unpacked(path))
        except orjson.JSONDecodeError:
            raise EvaluationDataError(f"{path} is not JSON") from None
        if not isinstance(value, dict) or not all(isinstance(kind, str) and kind for kind in value.values()):
            raise EvaluationDataError(
                f'{path} must be one JSON object of texts: {{"their label": "our kind"}}'
            )
        return cls(_DEFAULT | {label.upper(): kind.upper() for label, kind in value.items()})

    def kind(self, label: str) -> str:
        """The kind that a label means."""
        name = label.upper()
        return self.kinds.get(name, name)
