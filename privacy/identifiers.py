"""Ids that leave as they are, of events, products and sources, and may therefore be no personal data.

User ids are replaced by tokens where they look like personal data. Other ids are what results are matched by, and
nobody but us could compute their tokens; so one that is an e-mail address, a telephone number with its country code,
an IBAN or a URL with credentials is refused. Plain numbers are not looked at: any might be an order's, and a seventh
of all 9-digit numbers pass some check.
"""

import re
from functools import cache

from privacy.detect.detector import Detector
from privacy.detect.email import EmailAddress
from privacy.detect.iban import Iban
from privacy.detect.phone import PhoneNumber
from privacy.detect.url_credentials import UrlCredentials

# What all of these kinds have and few ids do; most are so spared the search.
_WORTH = re.compile(r"[@+&:\uff20]|^[A-Za-z]{2}[0-9]{2}")


@cache
def _detector() -> Detector:
    return Detector((UrlCredentials(), EmailAddress(), Iban(), PhoneNumber()))


def is_personal(identifier: str) -> bool:
    """Whether an id is, or holds, what can't but be personal data."""
    if _WORTH.search(identifier) is None:
        return False
    return any(
        span.label != PhoneNumber.label or identifier[span.start] == "+"
        for span in _detector().detect([identifier])[0]
    )
