"""The search for leaks finds a value however it is written, and nothing that is not there."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.demo.leaks import LeakSearch

EMAIL, CARD, PHONE = "ada.berg1@example.com", "4000 0012 3456 7899", "(202) 555-0143"
VALUES = [EMAIL, CARD, PHONE]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda value: json.dumps({"text": f"a {value}!"}).encode(),
        lambda value: value.upper().encode(),
        lambda value: value.encode("utf-16-le"),
        lambda value: value.encode("utf-16-be"),
        lambda value: "".join(f"\\u{ord(one):04x}" for one in value).encode(),
        lambda value: (
            value.replace("@", "\\u0040").replace(" ", "\\u0020").encode()
            if value == EMAIL
            else value.encode()
        ),
        lambda value: value.encode().hex().encode(),
        lambda value: quote(value, safe="").encode(),
        lambda value: base64.b64encode(f"text {value}.".encode()),
        lambda value: base64.urlsafe_b64encode(f"tex {value}.".encode()),
        lambda value: base64.b64encode(f"te {value}.".encode()),
    ],
    ids=[
        "plain",
        "json",
        "upper case",
        "utf-16-le",
        "utf-16-be",
        "escaped",
        "partly escaped",
        "hex",
        "url",
        "base64",
        "base64url",
        "base64 again",
    ],
)
def test_a_value_is_found_in_any_writing(value: str, write: "object") -> None:
    search = LeakSearch(VALUES)
    assert search.look(None, b"nothing", b"before " + write(value) + b" after")  # type: ignore[operator]
    assert search.found == {value}


@pytest.mark.parametrize("written", [b"4000001234567899", b"4000-0012-3456-7899", b"card 4000 0012 34567899"])
def test_a_number_is_found_with_other_separators(written: bytes) -> None:
    assert LeakSearch([CARD]).look(written)


@given(st.binary(max_size=20), st.binary(max_size=20), st.sampled_from(VALUES))
def test_a_value_is_found_at_any_place_of_a_base64_text(before: bytes, after: bytes, value: str) -> None:
    assert LeakSearch([value]).look(base64.b64encode(before + value.encode() + after))


@pytest.mark.parametrize(
    "innocent", [b"", b"[EMAIL_1] and [CARD_1]", b"ada.berg@example.com", b'{"digest":"40000012345"}']
)
def test_what_is_not_there_is_not_found(innocent: bytes) -> None:
    search = LeakSearch(VALUES)
    assert not search.look(innocent)
    assert not search.found


def test_without_values_nothing_is_found() -> None:
    assert not LeakSearch([]).look(b"anything")


def test_of_two_values_that_begin_alike_the_longer_is_found_where_it_stands() -> None:
    search = LeakSearch(["a@example.co", "a@example.com"])
    search.look(b"a@example.com")
    assert search.found == {"a@example.com"}
