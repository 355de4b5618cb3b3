"""Input that no shop should send, and what becomes of it; each case is a record that a real worker meets."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.standins.house import FAIL, SWELL

WORD = "quinquagesimal-heliotrope"
MAIL = "ottilie.unmasked@planted.example"
CARD = "4242 4242 4242 4242"
IBAN = "DE89370400440532013000"
PLANTED = (WORD, MAIL, CARD, IBAN)
"""In the texts of all cases; none of it may leave. A served review may keep `WORD`, so it has none."""

ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Case:
    """A record, and what is expected of it.

    Attributes:
        name: also its event id, where it has one.
        value: the record's value.
        outcome: `ANSWERED`, or the reason of its dead letter.
        field: the dead letter's field.
        key: the record's key.
        headers: the record's headers.
        compressed: sent in a batch with gzip.
        named: whether its dead letter names it by its id, rather than by its place.
    """

    name: str
    value: bytes | None
    outcome: str
    field: str | None = None
    key: bytes | None = b"user"
    headers: tuple[tuple[str, bytes | None], ...] = ()
    compressed: bool = False
    named: bool = True


def review(name: str, **fields: Any) -> dict[str, Any]:
    """A review as the contract has it, but for some fields; a field set to `...` is left out."""
    event = {
        "id": name,
        "time": datetime.now(UTC).isoformat(),
        "product_id": "p1",
        "user_id": MAIL,
        "text": f"{WORD}. Write to {MAIL} or charge {CARD}, {IBAN}.",
    } | fields
    return {field: value for field, value in event.items() if value is not ...}


def encoded(name: str, **fields: Any) -> bytes:
    return json.dumps(review(name, **fields), ensure_ascii=False).encode()


def told(name: str, outcome: str, field: str | None = None, *, named: bool = True, **fields: Any) -> Case:
    """A case that is JSON."""
    return Case(name, encoded(name, **fields), outcome, field, named=named)


def raw(name: str, value: bytes | None, outcome: str, field: str | None = None) -> Case:
    """A case whose id can't be told."""
    return Case(name, value, outcome, field, named=False)


def served(name: str, text: str = f"Fine. {MAIL}, {CARD}, {IBAN}.", **fields: Any) -> Case:
    """A case that is answered."""
    return told(name, ANSWERED, text=text, **fields)


def nested(levels: int) -> bytes:
    """A review with an unknown field that nests so deep."""
    whole = encoded(f"nested-{levels}")
    return whole[:-1] + b', "extra": ' + b"[" * levels + b"]" * levels + b"}"


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def broken_bytes() -> list[Case]:
    """Not one JSON object."""
    whole = encoded("broken")
    return [
        raw("not-json", f"review of {MAIL}: {WORD}".encode(), "not_json"),
        raw("cut-off", whole[:-20], "not_json"),
        raw("two-objects", whole + whole, "not_json"),
        raw("a-list", b"[" + whole + b"]", "not_json"),
        raw("a-string", json.dumps(MAIL).encode(), "not_json"),
        raw("a-number", b"4242424242424242", "not_json"),
        raw("json-null", b"null", "not_json"),
        raw("bom", b"\xef\xbb\xbf" + whole, "not_json"),
        raw("utf-16", whole.decode().encode("utf-16"), "not_json"),
        raw("latin-1", encoded("latin-1", text=f"{WORD} é").decode().encode("latin-1"), "not_json"),
        raw("raw-nul", whole.replace(b"planted", b"plan\x00ted"), "not_json"),
        raw("lone-surrogate", whole.replace(b"Write", b"\\ud800"), "not_json"),
        raw("nan", encoded("nan", rating=float("nan")), "not_json"),
        raw("pickle", base64.b64decode("gASVCwAAAAAAAACMB3BsYW50ZWSULg=="), "not_json"),
        raw("null-value", None, "empty_value"),
        raw("empty-value", b"", "empty_value"),
        raw("empty-object", b"{}", "missing_field", "/id"),
        raw("nested-100000", nested(100_000), "too_deep"),
        raw("nested-100", nested(100), "too_deep"),
    ]


def broken_fields() -> list[Case]:
    """JSON objects that are no reviews."""
    return [
        told("no-text", "missing_field", "/text", text=...),
        told("no-user", "missing_field", "/user_id", user_id=...),
        told("no-id", "missing_field", "/id", id=..., named=False),
        told("id-a-number", "wrong_type", "/id", id=4242424242424242, named=False),
        told("id-too-long", "too_long", "/id", id=MAIL * 10, named=False),
        told("id-turned", "invalid_value", "/id", id=f"a\u202e{WORD}", named=False),
        told("rating-a-word", "wrong_type", "/rating", rating=WORD),
        told("rating-six", "out_of_range", "/rating", rating=6),
        told("rating-broken", "wrong_type", "/rating", rating=4.5),
        told("text-a-list", "wrong_type", "/text", text=[WORD, MAIL]),
        told("text-null", "wrong_type", "/text", text=None),
        told("text-empty", "empty_value", "/text", text=""),
        told("text-long", "too_long", "/text", text=f"{WORD} {MAIL} ".ljust(20_001, "x")),
        told("text-nul", "invalid_value", "/text", text=f"{WORD}\0{MAIL}"),
        Case(
            "text-5-mb",
            encoded("text-5-mb", text=f"{MAIL} " * 160_000),
            "too_long",
            compressed=True,
            named=False,
        ),
        told("time-tomorrow", "time_in_future", "/time", time=in_days(2)),
        told("time-3026", "time_in_future", "/time", time="3026-01-01T00:00:00Z"),
        told("time-bare", "invalid_value", "/time", time="2026-01-01T00:00:00"),
        told("time-a-number", "wrong_type", "/time", time=1_767_225_600),
        told("time-of-old", "out_of_range", "/time", time="1869-01-01T00:00:00Z"),
        told("contract-2", "unsupported_version", "/contract", contract="2.0"),
        told("field-of-secrets", "wrong_type", "/rating", rating={MAIL: WORD}),
    ]


def hostile_texts() -> list[Case]:
    """Within the contract, and made to keep patterns busy."""
    texts = {
        "at-signs": "a@" * 10_000,
        "at-dots": "a." * 9_999 + "@a",
        "dashes": "1-" * 10_000,
        "digits": "4" * 20_000,
        "spaced-digits": "4 " * 10_000,
        "parentheses": "(" * 20_000,
        "plus": "+1(" * 6_666,
        "dots": "1." * 10_000,
        "colons": "a:" * 10_000,
        "iban-like": "DE89" * 5_000,
        "spaces": " " * 19_999 + "x",
        "marks": "e" + "\u0301" * 19_999,
        "faces": "\U0001f469\u200d\U0001f680" * 6_666,
        "turned": "\u202e\u2066" * 10_000,
        "full-width": "\uff14" * 20_000,
    }
    return [served(f"hostile-{name}", text) for name, text in texts.items()]


def odd_but_served() -> list[Case]:
    """Documented treatments."""
    odd = (("traceparent", b"\xff00-junk"), ("traceparent", None), ("ce_id", b"x" * 10_000), ("", b""))
    return [
        Case("null-key", encoded("null-key", text="Fine."), ANSWERED, key=None),
        Case("empty-key", encoded("empty-key", text="Fine."), ANSWERED, key=b""),
        Case("binary-key", encoded("binary-key", text="Fine."), ANSWERED, key=b"\xff\xfe\x00"),
        Case("other-key", encoded("other-key", text="Fine."), ANSWERED, key=MAIL.encode()),
        Case("long-key", encoded("long-key", text="Fine."), ANSWERED, key=MAIL.encode() * 1_000),
        Case("odd-headers", encoded("odd-headers", text="Fine."), ANSWERED, headers=odd),
        served("newer-minor", contract="1.7"),
        served("unknown-fields", colour=WORD, nested={"mail": MAIL}),
        served("unknown-nul", colour="a\0b"),
        served("nested-60", extra=json.loads("[" * 60 + "]" * 60)),
        served("longest", text=f"{MAIL} ".ljust(20_000, "x")),
        served("old", time="1970-01-02T00:00:00Z"),
        Case(
            "twice-a-field",
            encoded("twice-a-field", text="Fine.")[:-1] + b', "rating": 1, "rating": 2}',
            ANSWERED,
        ),
    ]


def failing() -> list[Case]:
    """What the stage can't serve."""
    return [
        told("fails", "processing_failed", text=f"{FAIL} {MAIL} {WORD}"),
        told("fails-too", "processing_failed", text=f"{FAIL} {CARD} {WORD}"),
        told("swells", "output_too_large", text=f"{SWELL} {MAIL} {WORD}"),
    ]


def cases() -> list[Case]:
    """All of them."""
    return [*broken_bytes(), *broken_fields(), *hostile_texts(), *odd_but_served(), *failing()]


def disguises(text: str) -> list[bytes]:
    """Forms in which a value could leave: as it is, in hexadecimal, in base64 at any alignment, escaped."""
    plain = text.encode()
    forms = [plain, plain.hex().encode(), plain.hex().upper().encode(), text.encode("utf-16-le")]
    forms.append("".join(f"\\u{ord(letter):04x}" for letter in text).encode())
    # In base64 without the first and last letters, which depend on what stands beside.
    forms += [
        encode(b"\0" * shift + plain)[4:-4]
        for shift in range(3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    ]
    return forms
