"""What of an answer was meant for one customer only, told by what masking left in its place."""

import re

from models.support.equality import PLACEHOLDER

_NAME = r"\[PERSON_\d+\](?:[ ]\[PERSON_\d+\])?"
# Names that no tagger has masked yet: up to three capitalised words between a greeting and its comma.
_UNMASKED_GREETING = re.compile(
    r"\A\s*(?i:(dear|hi|hello|hey))[ ](?i:(?:mr|mrs|ms|miss|dr)\.?[ ])?"
    r"(?:[^\W\d_a-z][\w'’.-]*[ ]?){1,3}([,!:])"
)
_TITLE = r"(?:(?:mr|mrs|ms|miss|dr)\.?[ ])?"
_GREETING = re.compile(
    r"\A\s*(dear|hi|hello|hey|good[ ](?:morning|afternoon|evening)|您好|你好)[ ,，]{0,2}"
    rf"{_TITLE}{_NAME}[ ]?([,!.:;，！。：]?)",
    re.IGNORECASE,
)
_CHINESE_GREETING = re.compile(
    rf"\A\s*(?:(?:尊敬的|亲爱的)[ ]?)?{_NAME}[ ]?(?:先生|女士|小姐)?[ ]?(?:您好|你好)?[ ]?([，,：:！!。])"
)
_SIGN_OFF = re.compile(
    rf"((?:regards|sincerely|thanks|thank[ ]you|cheers|wishes|best)[,.!]?)\s{{1,3}}{_NAME}\s*[.!]?\s*\Z",
    re.IGNORECASE,
)


def impersonal(answer: str) -> str | None:
    """An answer as it may be given to another customer; None where it may not.

    A name in the greeting at the beginning, masked or not, or a masked one under the sign-off at the end, is left away:
    "Dear [PERSON_1]," becomes "Hello,". Any other masked value (an address, an order's e-mail, a name in a sentence)
    belonged to the customer whose ticket it was, so the answer is about them.
    """
    text = _UNMASKED_GREETING.sub(_greeting, _GREETING.sub(_greeting, answer))
    if text == answer:
        text = _CHINESE_GREETING.sub(r"您好\1", answer)
    text = _SIGN_OFF.sub(r"\1", text)
    return None if PLACEHOLDER.search(text) else text


def _greeting(match: re.Match[str]) -> str:
    words, end = match[1], match[2]
    # "Dear" needs a name after it.
    return ("Hello" if words.casefold() == "dear" else words) + end
