"""Sentences put together from parts: who or what, what it does, when and where. More ways to say it than a list has.

Each gives a template with slots as in `pii_templates`.
"""

from models.training.pii_chance import Chance

_PEOPLE = (
    "{person}",
    "{person}",
    "{first}",
    "{first}",
    "{last}",
    "{prefix} {last}",
    "{first} and {first}",
    "{last} and {last}",
    "{person} and {person}",
)
_PERSON_DOES = (
    *(
        "called about the invoice",
        "wants a refund",
        "left a message",
        "never got the parcel",
        "signed for it",
    ),
    *(
        "wrote three books on the subject",
        "won the final",
        "scored twice",
        "sings on the second track",
        "plays the drums",
    ),
    *(
        "was born in {city}",
        "grew up in {city}",
        "moved to {country} in {year}",
        "lives at {address}",
        "teaches in {city}",
    ),
    *(
        "works for {company}",
        "left {company} in {year}",
        "runs {company}",
        "sold {company} for a fortune",
        "sued {company}",
    ),
    *(
        "is my sister",
        "is our accountant",
        "is the new manager",
        "is a great singer",
        "is not in the office today",
    ),
    *(
        "said that the {product} is broken",
        "ordered two {product}s",
        "loves the {product}",
        "asked for a smaller size",
    ),
    *(
        "will visit {city} next {month}",
        "flew to {city} on {day}",
        "spent a year in {country}",
        "has never been to {country}",
    ),
    *(
        "met {person} at a party",
        "married {person}",
        "introduced me to {first}",
        "replaced {last} as captain",
        "thanked {last}",
    ),
    *(
        "directed the film",
        "wrote the lyrics",
        "recorded this in {year}",
        "died in {year}",
        "painted the portrait",
    ),
    *("can be reached at {phone}", "has the number {phone}", "uses the address {email}", "paid with {card}"),
    *(
        "laughed",
        "looked at {first} and smiled",
        "sat down beside {first}",
        "said nothing",
        "opened the door for {last}",
    ),
    *(
        "told the court that {last} lied",
        "was elected mayor of {city}",
        "resigned on {day}",
        "leads the team in {city}",
    ),
)
_COMPANY_DOES = (
    *(
        "opened an office in {city}",
        "was founded in {year} by {person}",
        "makes {product}s",
        "is based in {city}, {country}",
    ),
    *(
        "announced record profits",
        "hired {person} as {title}",
        "cut 200 jobs in {city}",
        "sells its products in {country}",
    ),
    *(
        "is looking for engineers",
        "bought {company} for {amount}",
        "merged with {company} in {year}",
        "is a client of ours",
    ),
    *(
        "sponsors the event",
        "publishes open data",
        "helps cities to save energy",
        "offers free software",
        "went public in {year}",
    ),
    *(
        "has not paid the invoice",
        "needs 30 licences",
        "wants a quote for the {product}",
        "moved to {address}",
    ),
    *(
        "collects data on prices",
        "builds tools for hospitals",
        "denied the report",
        "was fined by the regulator",
    ),
    *(
        "invested in {company}",
        "won the contract",
        "closed its factory in {city}",
        "delivers parcels in {country}",
    ),
)
_PLACE_IS = (
    *(
        "is lovely in {month}",
        "was hit by a storm",
        "is far from here",
        "has two airports",
        "is the capital of {country}",
    ),
    *(
        "is where {first} lives",
        "is famous for its food",
        "voted against it",
        "beat {country} in the final",
        "is too hot for me",
    ),
    *(
        "exports oil and gas",
        "has a new mayor, {person}",
        "was full of tourists",
        "joined the union in {year}",
    ),
)
_OPENINGS = (
    *(
        "",
        "",
        "",
        "",
        "",
        "Yesterday ",
        "In {year}, ",
        "Last {month}, ",
        "I heard that ",
        "According to {person}, ",
        "Well, ",
    ),
    *(
        "As far as I know, ",
        "By the way, ",
        "On {day} ",
        "In {city}, ",
        "It seems that ",
        "Sorry, ",
        "My friend says ",
        "FYI: ",
    ),
    *(
        "Unlike {last}, ",
        "At {company}, ",
        "Before {first} came, ",
        "You know what? ",
        '"Listen", said {first}, "',
        "Note: ",
    ),
)
_CLOSINGS = (
    *(
        ".",
        ".",
        ".",
        ".",
        "!",
        "",
        "",
        ", according to {company}.",
        ", says {person}.",
        ", {first} told me.",
        " - {first}",
    ),
    *(
        " in {city}.",
        " in {country}.",
        " on {day}.",
        " at {street}.",
        ", see {url}",
        ", didn't you, {first}?",
        " (by {person}).",
    ),
)
_ASKED = (
    *(
        "Do you know {}?",
        "Who is {}?",
        "What about {}?",
        "Have you heard of {}?",
        "Is that {}?",
        "Tell me more about {}.",
    ),
    *(
        "I would like to speak to {}.",
        "Please contact {} directly.",
        "Send my regards to {}",
        "A tribute to {}.",
    ),
    *(
        "This one is for {}.",
        "The best of {}",
        "The story of {} is a sad one.",
        "I read about {} in the paper.",
        "with {}",
    ),
    *(
        "Greetings from {}!",
        "Not as good as {}, but close.",
        "A letter from {} arrived today.",
        "the lawyers of {}",
    ),
    *(
        "We visited {} twice.",
        "I was thinking of {}",
        "Everybody talks about {}.",
        "It reminds me of {}.",
        "Thanks to {}",
    ),
    *(
        "{}'s idea was better.",
        "I don't like {}'s style.",
        "{}: good morning",
        "Ask {}!",
        "welcome, {}",
        "{} again",
        "Hello {},",
    ),
)
_LABELS = (
    *(
        "Name",
        "Full name",
        "Customer",
        "Contact",
        "Client",
        "Attn",
        "Cardholder",
        "Recipient",
        "Passenger",
        "Guest",
        "Author",
    ),
    *(
        "name",
        "customer name",
        "Signed",
        "Account holder",
        "Caller",
        "Patient",
        "Sender",
        "Reported by",
        "Assigned to",
    ),
)
_FIELDS = (
    *(
        "Address: {address}",
        "address - {address}",
        "Street: {street}",
        "City: {city}",
        "Town: {city}",
        "Country: {country}",
    ),
    *(
        "ZIP: {zip}",
        "Postcode {zip}",
        "State: {state}",
        "Company: {company}",
        "Employer: {company}",
        "Firm: {company}",
    ),
    *(
        "Phone: {phone}",
        "Tel. {phone}",
        "E-mail: {email}",
        "Date: {date}",
        "Order: {order}",
        "Born: {date} in {city}",
    ),
    *(
        "Where: {street}, {city}",
        "Location: {city}, {country}",
        "Destination: {city}",
        "Ship to: {address}",
        "Bill to: {company}",
    ),
)
_THINGS = (_PEOPLE, _PEOPLE, ("{company}",), ("{city}", "{country}", "{state}"))


def sentence(random_: Chance) -> str:
    """A template of a sentence, a question or a form."""
    make = random_.choices((_statement, _question, _form), (70, 20, 10))[0]
    return make(random_)


def _statement(random_: Chance) -> str:
    who, does = random_.choices(
        ((_PEOPLE, _PERSON_DOES), (("{company}",), _COMPANY_DOES), (("{city}", "{country}"), _PLACE_IS)),
        (60, 28, 12),
    )[0]
    opening, closing = random_.choice(_OPENINGS), random_.choice(_CLOSINGS)
    quote = '"' if '"' in opening and opening.count('"') % 2 else ""
    return f"{opening}{random_.choice(who)} {random_.choice(does)}{closing}{quote}"


def _question(random_: Chance) -> str:
    return random_.choice(_ASKED).replace("{}", random_.choice(random_.choice(_THINGS)))


def _form(random_: Chance) -> str:
    lines = [f"{random_.choice(_LABELS)}{random_.choice((': ', ':  ', ' ', ' - ', ':    '))}{{person}}"]
    lines += random_.sample(_FIELDS, random_.randint(1, 3))
    if random_.happens(0.3):
        random_.shuffle(lines)
    return random_.choice(("\n", "\n", ", ", "; ")).join(lines)
