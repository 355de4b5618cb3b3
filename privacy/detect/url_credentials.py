"""URLs that let their holder in: with user name and password, a token or a signature (RFC 3986, RFC 6750).

The whole URL is the finding, not the credential alone: it is one capability, several of its parameters may
belong to it, and the rest often names the person.
"""

import re2

from privacy.detect.fold import latin1
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer

_TELLING = (
    r"(?:access|refresh|id|auth|session|reset|security)[_-]?token|token|api[_-]?key|access[_-]?key|secret[_-]?key"
    r"|(?:client[_-]?)?secret|password|passwd|passwort|pwd|session[_-]?id|awsaccesskeyid|signature"
    r"|x-(?:amz|goog)-(?:signature|credential|security-token)"
)
_SHORT = "key|auth|pass|sig|jwt|credentials?|otp"
"""Names that mean other things too: their values have to be as long as credentials are."""
_VALUE = r"[^\s&#;\"'<>\[\]]"
_LONGEST = 2048
"""How far back a URL is followed to its beginning, in characters."""
# What no URL holds unescaped (RFC 3986, appendix C); before its beginning, brackets and commas too.
_ENDS = r"\x00-\x20\"'<>`\\{}|^"
_REST = re2.compile(f"[^{_ENDS}]*".encode("latin-1"), latin1())
_TAIL = re2.compile(f"[^{_ENDS}(,\\[]*$".encode("latin-1"), latin1())
_CLOSING = b".,;:!?)]"


class UrlCredentials(PatternRecognizer):
    """User information before the host, or telling parameters in the query or the fragment."""

    name = "url_credentials"
    label = "URL_CREDENTIALS"
    patterns = (
        Pattern(
            r"[a-z][a-z0-9+.\-]{1,20}://(?:[^\s/?#@:\[\]]{0,100}:[^\s/?#@\[\]]{1,200}|[^\s/?#@:\[\]]{20,200})@[^\s/?#@]",
            score=0.95,
            border="",
            hint="://",
        ),
        Pattern(rf"[?&;#](?:(?:{_TELLING})={_VALUE}{{4}}|(?:{_SHORT})={_VALUE}{{8}})", score=0.95, border=""),
    )
    check = "a credential in the user part, or in a parameter of that name"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Take the URL from its beginning to its end; punctuation at its end belongs to the sentence."""
        if folded[start] in b"?&;#":
            before = folded[max(0, start - _LONGEST) : start]
            start -= len(before) - _TAIL.search(before).start()
        whole = folded[start : _REST.match(folded, end).end()].rstrip(_CLOSING)
        return Found(start, max(end, start + len(whole)), score)
