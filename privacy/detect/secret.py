"""Secrets that tell themselves: keys and tokens with their issuer's prefix, JSON Web Tokens, private keys.

Prefixes and lengths are those that the issuers publish for secret scanning (GitHub, "Supported secret scanning
patterns"; RFC 7519 for JWT; RFC 7468 for PEM).
"""

import re2

from privacy.detect.entropy import bits_per_character
from privacy.detect.fold import latin1
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer

_WORD = "[0-9A-Za-z]"
_TEXT = r"[0-9A-Za-z_\-]"
_ISSUED = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",  # AWS access keys
        rf"gh[pousr]_{_WORD}{{36,255}}",  # GitHub
        r"github_pat_[0-9A-Za-z_]{22,255}",
        rf"glpat-{_TEXT}{{20,64}}",  # GitLab
        r"xox[abeoprs]-[0-9A-Za-z\-]{10,250}",  # Slack
        r"xapp-[0-9A-Za-z\-]{20,250}",
        rf"(?:sk|rk)_(?:live|test)_{_WORD}{{16,250}}",  # Stripe
        rf"whsec_{_WORD}{{24,64}}",
        rf"AIza{_TEXT}{{35}}",  # Google
        rf"GOCSPX-{_TEXT}{{28}}",
        rf"ya29\.{_TEXT}{{20,500}}",
        r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
        rf"sk-(?:ant-|proj-|svcacct-)?{_TEXT}{{20,250}}",  # OpenAI, Anthropic
        rf"hf_{_WORD}{{34,40}}",  # Hugging Face
        rf"npm_{_WORD}{{36}}",
        rf"pypi-AgE{_TEXT}{{50,250}}",
        rf"SG\.{_TEXT}{{22}}\.{_TEXT}{{43}}",  # SendGrid
        r"dop_v1_[0-9a-f]{64}",  # DigitalOcean
    )
)
_HINT = (
    r"(?-i:A[KSBC][IC]A[A-Z2-7]{4}|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[sr]k_live_|[sr]k_test_|whsec_"
    r"|AIza|GOCSPX-|ya29\.|shp[acps][ats]_|sk-[0-9A-Za-z_\-]{20}|hf_|npm_|pypi-AgE|SG\.|dop_v1_)"
)
_LEAST_BITS = 3.0
"""Random letters and digits have 4 and more at such lengths; what repeats itself, as in `sk-xxxx…`, has less."""
_JWT_REST = re2.compile(rb"[0-9A-Za-z_.\-]*", latin1())
_PEM_END = b"PRIVATE KEY-----"


class Secret(PatternRecognizer):
    """Keys of well-known services, JSON Web Tokens, and private keys in PEM armour, which are taken whole."""

    name = "secret"
    label = "SECRET"
    patterns = (
        Pattern(f"(?-i:{_ISSUED})", score=0.9, border=r"[^0-9A-Za-z_\xe0]", hint=_HINT),
        Pattern(
            r"(?-i:eyJ[0-9A-Za-z_\-]{8,400}\.eyJ[0-9A-Za-z_\-]{2})",
            score=0.95,
            border="",
            hint=r"(?-i:\.eyJ)",
        ),
        Pattern(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----", score=0.95, border="", hint="-----BEGIN "
        ),
    )
    check = "the issuer's prefix and length; not the same few characters over and over"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Take armour and tokens to their end; a key needs the entropy of one."""
        if folded.startswith(b"-----", start):
            return Found(start, _end_of_armour(folded, end), score)
        if folded.startswith(b"eyJ", start):
            return Found(start, _JWT_REST.match(folded, end).end(), score)
        return Found(start, end, score) if bits_per_character(folded[start:end]) >= _LEAST_BITS else None


def _end_of_armour(folded: bytes, position: int) -> int:
    """Behind the armour's last line; a key that was cut off may be all of the rest."""
    last = folded.find(_PEM_END, position)
    return len(folded) if last < 0 else last + len(_PEM_END)
