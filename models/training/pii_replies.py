"""Short answers of a chat, put together: who, which firm, where, beside a code or number of any length.

A form asks and people answer in few words, so that nothing but the form of a word says what it is. Templates with slots
as in `pii_templates`; some of them hold no slot of the tagger's.
"""

from collections.abc import Mapping
from typing import Final

from models.training.pii_chance import Chance

_OPENINGS: Final = (
    *(
        "",
        "",
        "",
        "",
        "",
        "",
        "sure ",
        "yes ",
        "ok ",
        "sure it is ",
        "yes its ",
        "it is ",
        "its ",
        "please note ",
    ),
    *("Sure, ", "Yes, ", "OK: ", "Of course. ", "hi ", "Hello, ", "thanks, ", "no problem ", "here you go: "),
)
_WHO: Final = (
    *("{first}", "{first}", "{first}", "{first} {last}", "{person}", "{last}", "{prefix} {last}"),
    *(
        "name {first}",
        "name is {first}",
        "my name {first}",
        "my name is {first}",
        "name: {person}",
        "i am {first}",
    ),
    *(
        "my name is {person}",
        "this is {first}",
        "this is {person}",
        "first name {first}",
        "user {first}",
        "im {first}",
    ),
    *(
        "my manager is {first}",
        "manager {prefix} {last}",
        "account holder {person}",
        "in the name of {person}",
    ),
)
_FIRM: Final = (
    *("{company}", "{company}", "{company}", "{company}", "company {company}", "company name {company}"),
    *(
        "company name is {company}",
        "my company is {company}",
        "my company name is {company}",
        "it is for {company}",
    ),
    *(
        "my firm is {company}",
        "our firm's name is {company}",
        "i work at {company}",
        "i am working in {company}",
    ),
    *(
        "organisation: {company}",
        "we are {company}",
        "employer {company}",
        "from {company}",
        "business {company}",
    ),
)
_WHERE: Final = (
    *(
        "{city}",
        "city {city}",
        "in {city}",
        "{city} {zip}",
        "city is {city} and zip code {zip}",
        "zip code {zip}",
    ),
    *("address {address}", "my address is {address}", "{street}", "{street} {city}", "deliver to {address}"),
)
_CODE: Final = (
    *(
        "{}",
        "{}",
        "{}",
        "{}",
        "password {}",
        "password is {}",
        "my password is {}",
        "pin {}",
        "code {}",
        "otp {}",
    ),
    *("account number {}", "account number is {}", "account no {}", "id {}", "order {}", "booking number {}"),
    *(
        "my one time password is {}",
        "pwd {}",
        "reference: {}",
        "the number is {}",
        "last digits {}",
        "licence key {}",
    ),
)
_NUMBERS: Final = (
    "{digits}",
    "{figures}",
    "{figures}",
    "{figures}",
    "{order}",
    "{code}",
    "{code}",
    "{user}",
    "{phone}",
)
_BETWEEN: Final = (" ", " ", " ", " and ", " and ", ", ", " & ", ". ", "\n")
_NOTHING: Final = (
    *(
        "two of them",
        "the {colour} one",
        "{product}",
        "one {product} and one {product}",
        "size {size}",
        "on {day}",
    ),
    *(
        "{brand} {product}",
        "the {product} from {brand}",
        "i need help",
        "that is all",
        "{amount}",
        "at {time}",
    ),
    *(
        "forgot my password",
        "reset it please",
        "my account is locked",
        "the cheaper one",
        "not yet",
        "by card",
    ),
)
_SHAPES: Final[Mapping[tuple[tuple[str, ...], ...], int]] = {
    (_WHO, _CODE): 24,
    (_WHO,): 14,
    (_FIRM,): 14,
    (_FIRM, _CODE): 12,
    (_WHO, _FIRM): 5,
    (_WHO, _FIRM, _CODE): 4,
    (_CODE, _WHO): 4,
    (_WHERE,): 4,
    (_WHERE, _CODE): 3,
    (_CODE,): 8,
    (_NOTHING,): 6,
    (_NOTHING, _CODE): 2,
}
"""What an answer is made of, in hundredths."""


def reply(random_: Chance) -> str:
    """A template of an answer: one or two statements, some with a code, some of nothing personal at all."""
    (shape,) = random_.choices(list(_SHAPES), list(_SHAPES.values()))
    parts = [random_.choice(part).replace("{}", random_.choice(_NUMBERS)) for part in shape]
    return random_.choice(_OPENINGS) + random_.choice(_BETWEEN).join(parts)
