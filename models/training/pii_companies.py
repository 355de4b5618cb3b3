"""Made-up names of companies: what founders, initials, trades and legal forms of many countries make."""

from typing import Final, Protocol

from models.training.pii_chance import Chance, words

_WORDS = words(
    "cloud data clear health cost space curve geo map quest bright water field stone path way net link core logic",
    "pixel nova terra solar wind green blue red north star peak summit river lake bridge gate port harbor trust safe",
    "pay cash fund capital wave spark flux grid code soft ware tech micro macro meta open smart quick fast easy home",
    "live work shop cart food fresh farm leaf tree wood iron steel gold silver sun moon sky air aero jet auto moto",
    "bio gene med care life well fit sport play game media press news book read learn skill mind brain vision light",
    "sound voice signal sense touch point mark brand first prime alpha omega delta sigma apex vertex zen atlas orbit",
    "polar arctic pacific atlantic metro urban city town valley hill forge craft works lab hub box bit byte cyber",
)
_LEGAL: Final = (
    *words(
        "Inc Inc. LLC Ltd Ltd. Limited Corp Corp. Corporation Company GmbH AG KG SE Co. plc LLP SA SARL SRL SpA BV NV"
    ),
    *(
        "Pvt Ltd",
        "Pvt. Ltd.",
        "Private Limited",
        "& Co",
        "and Co",
        "Pty Ltd",
        "Co Ltd",
        "Sdn Bhd",
        "& Sons",
        "Oy AB",
    ),
)
"""Legal forms (ISO 20275 lists them)."""
_TRADES: Final = (
    *words(
        "Group Holdings Technologies Technology Tech Solutions Solution Systems Analytics Labs Partners Consulting"
    ),
    *words(
        "Services Networks Software Softwares Media Studios Industries Logistics Insurance Bank Foundation Institute"
    ),
    *words(
        "University Association Enterprises Enterprise International Global Capital Financial Finance Infotech Soft"
    ),
    *words(
        "Infosystems Exports Traders Trading Motors Electronics Electricals Music Entertainment Travels Hotels Foods"
    ),
    *words(
        "Pharma Textiles Airlines Energy Construction Builders Engineering Instruments Design Interiors Printing"
    ),
    *words(
        "Clinic Hospital Bakery Garage Autos Stores Store Mart Agencies Agency Communications Telecom Digital Ventures"
    ),
    *(
        "IT Solutions",
        "IT Services",
        "Info Tech",
        "Software Solutions",
        "Technology Solutions",
        "Wine Company",
    ),
    *(
        "Consultancy Services",
        "Computer Services",
        "Real Estate",
        "Law Firm",
        "Financial Services",
        "Health Care",
    ),
)
_INITIALS: Final = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
_FEWEST_ALONE: Final = 3
"""Initials that are a name without an ending; fewer are none."""


class Country(Protocol):
    """What is asked of a Faker, which makes up names of one country."""

    def company(self) -> str:
        """A company."""
        ...

    def first_name(self) -> str:
        """A first name."""
        ...

    def last_name(self) -> str:
        """A family name."""
        ...


def company(fake: Country, random_: Chance) -> str:
    """One of the country, or one put together with its people's names."""
    if random_.happens(0.3):
        return fake.company()
    make = random_.choices((_coined, _of_founder, _of_initials), (50, 28, 22))[0]
    return make(fake, random_)


def _coined(_: Country, random_: Chance) -> str:
    first, second = random_.sample(_WORDS, 2)
    name = random_.choice(
        (
            first.capitalize() + second,
            first.capitalize() + second.capitalize(),
            f"{first.capitalize()} {second.capitalize()}",
            first.capitalize(),
            (first[:4] + second[-3:]).capitalize(),
        )
    )
    return name if random_.happens(0.4) else f"{name} {_ending(random_)}"


def _of_founder(fake: Country, random_: Chance) -> str:
    name = random_.choice(
        (
            fake.last_name(),
            fake.last_name(),
            fake.first_name(),
            f"{fake.first_name()} {fake.last_name()}",
            f"{fake.last_name()} & {fake.last_name()}",
            f"{fake.last_name()}, {fake.last_name()} and {fake.last_name()}",
        )
    )
    alone = "&" in name or "," in name
    return name if alone and random_.happens(0.5) else f"{name} {_ending(random_)}"


def _of_initials(_: Country, random_: Chance) -> str:
    initials = "".join(random_.choices(_INITIALS, k=random_.choice((1, 2, 2, 3, 3, 3, 4))))
    alone = len(initials) >= _FEWEST_ALONE and random_.happens(0.5)
    return initials if alone else f"{initials} {_ending(random_)}"


def _ending(random_: Chance) -> str:
    """A trade, a legal form, or both."""
    forms = (
        (random_.choice(_TRADES),),
        (random_.choice(_LEGAL),),
        (random_.choice(_TRADES), random_.choice(_LEGAL)),
    )
    return " ".join(random_.choices(forms, (50, 32, 18))[0])
