"""BIC, MAC, URLs with credentials, secrets, dates of birth: found, and what looks like them left alone."""

import datetime as dt

import phonenumbers
import pytest

from privacy.detect import DEFAULT, KINDS, Detector

DETECTOR = Detector()
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqG\n"
NUMBER_FORMATS = {
    phonenumbers.PhoneNumberFormat.NATIONAL: "please call me at {} today",
    phonenumbers.PhoneNumberFormat.INTERNATIONAL: "see {} here",
    phonenumbers.PhoneNumberFormat.E164: "see {} here",
}
PEM_END = "-----END EC PRIVATE KEY-----"


def found(text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in DETECTOR.detect([text])[0]]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("MAC", "00:1A:2B:3C:4D:5E"),
        ("MAC", "00-1a-2b-3c-4d-5e"),
        ("MAC", "001a.2b3c.4d5e"),
        ("URL_CREDENTIALS", "https://anna:geheim@shop.example.org/a?b=1"),
        ("URL_CREDENTIALS", "postgres://app:s3cret@db/shop"),
        ("URL_CREDENTIALS", "https://shop.example.org/reset?user=7&token=abcdef12&x=2"),
        (
            "URL_CREDENTIALS",
            "https://b.s3.example.org/k?X-Amz-Credential=AKI%2F2026&X-Amz-Signature=abcdef01",
        ),
        ("URL_CREDENTIALS", "www.example.org/verify#access_token=abcd"),
        ("URL_CREDENTIALS", "https://e.example.org/a?sig=x%2Fa98a7987"),
        ("SECRET", "AKIAIOSFODNN7EXAMPLE"),
        ("SECRET", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("SECRET", "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz0123456789"),
        ("SECRET", "xoxb-123456789012-123456789012-abcdefghijABCDEFGHIJ1234"),
        ("SECRET", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"),
        ("SECRET", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"),
        ("SECRET", JWT),
        ("SECRET", PEM + PEM_END),
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "see {} please", "é\u200b\n{}\ny", "<{}>"])
def test_a_value_that_tells_itself_is_found_exactly(label: str, value: str, sentence: str) -> None:
    assert found(sentence.format(value)) == [(label, value)]


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("BIC: DEUTDEFF", "BIC", "DEUTDEFF"),
        ("SWIFT code cobadeff060", "BIC", ""),
        ("swift code: cobadeff060", "BIC", "cobadeff060"),
        ("to GB82 WEST 1234 5698 7654 32, MIDLGB22", "BIC", "MIDLGB22"),
        ("wlan 12-34-56-12-34-56", "MAC", "12-34-56-12-34-56"),
        ("password: swordfish", "SECRET", "swordfish"),
        ("password: correct-horse-battery", "SECRET", "correct-horse-battery"),
        ("my password is hunter2!", "SECRET", "hunter2!"),
        ("Kennwort lautet a1b2c3.", "SECRET", "a1b2c3"),
        ("contraseña: sol", "SECRET", "sol"),
        ("mot de passe : soleil99", "SECRET", "soleil99"),
        ("Mot de passe\u00a0:\u00a0soleil", "SECRET", "soleil"),
        ("Passwort：geheim", "SECRET", "geheim"),
        ("API_KEY='8f14e45fceea167a5a36dedd4bea2543'", "SECRET", "8f14e45fceea167a5a36dedd4bea2543"),
        ('{"client_secret":"a8s7d6f5g4h3"}', "SECRET", "a8s7d6f5g4h3"),
        ("Authorization: Bearer abcdefghijkl12345.mn-op", "SECRET", "abcdefghijkl12345.mn-op"),
        ("my PIN is 4711", "SECRET", "4711"),
        ("Visa, cvv 123", "SECRET", "123"),
        ("我的密码是abc123，谢谢", "SECRET", "abc123"),
        ("验证码：482913", "SECRET", "482913"),
        ("пароль: qwerty12", "SECRET", "qwerty12"),
        ("born 12 March 1990", "BIRTH_DATE", "12 March 1990"),
        ("DOB: 03/12/90", "BIRTH_DATE", "03/12/90"),
        ("DOB 19900312", "BIRTH_DATE", "19900312"),
        ("born on the 3rd of May, 2001", "BIRTH_DATE", "3rd of May, 2001"),
        ("born January 5, 1980 in Rome", "BIRTH_DATE", "January 5, 1980"),
        ("12.03.1990 geboren", "BIRTH_DATE", "12.03.1990"),
        ("geb. 12. März 1990", "BIRTH_DATE", "12. März 1990"),
        ("née le 1er août 1975", "BIRTH_DATE", "1er août 1975"),
        (
            "ne\u0301 le 2 de\u0301cembre 1975, né le 2 de\u0301cembre 1975",
            "BIRTH_DATE",
            "2 de\u0301cembre 1975",
        ),
        ("fecha de nacimiento: 12 de marzo de 1990", "BIRTH_DATE", "12 de marzo de 1990"),
        ("nato il 3 maggio 1980", "BIRTH_DATE", "3 maggio 1980"),
        ("geboortedatum 05-06-1977", "BIRTH_DATE", "05-06-1977"),
        ("出生于1990年3月12日", "BIRTH_DATE", "1990年3月12日"),
        ("生日：1990-03-12", "BIRTH_DATE", "1990-03-12"),
        ("card 3056 9309 0259 04", "CARD", "3056 9309 0259 04"),
        ("3782 8224 6310 005", "CARD", "3782 8224 6310 005"),
        ("GB82.WEST.1234.5698.7654.32", "IBAN", "GB82.WEST.1234.5698.7654.32"),
        ("138 0013 8000", "PHONE", "138 0013 8000"),
        ("98765 43210", "PHONE", "98765 43210"),
        ("347 123 4567", "PHONE", "347 123 4567"),
        ("call me at 12345678", "PHONE", "12345678"),
        ("call 33 93 31", "PHONE", "33 93 31"),
        ("call me at 20 12 34", "PHONE", "20 12 34"),
        ("612 34 56 78", "PHONE", "612 34 56 78"),
        ("96 228011 office", "PHONE", "96 228011"),
    ],
)
def test_a_value_is_found_where_words_say_what_it_is(text: str, label: str, value: str) -> None:
    assert ((label, value) in found(text)) is bool(value)


@pytest.mark.parametrize(
    "text",
    [
        "DEUTDEFF, SCOTLAND and BATHROBE",
        "GB82 WEST 1234 5698 7654 32 of the BANK OF SCOTLAND",  # of another country than the IBAN
        "BIC: DEUTXXFF",  # no such country
        "ff:ff:ff:ff:ff:ff, 00:00:00:00:00:00, sizes 12-34-56-12-34-56",
        "https://medium.com/@user/x, https://a.example.org/c:d@e",
        "https://shop.example.org/a?color=red&key=blue&page=2",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx AKIA-12 ghp_short",
        "password is required. Password: reset, the password is wrong! forgot password?",
        "password: ******** or <password>",
        "password: [SECRET_1], born [BIRTH_DATE_1], Bearer [SECRET_2], https://[URL_CREDENTIALS_1]@x.example?token=[SECRET_3]",
        "the pin is 12 mm, api key: value, security code is wrong, basic understanding of everything",
        "ordered on 12/03/2020, best before 12 March 2030",
        "born 31/02/1990 or 12/13/14/1990",
        "I called about order 12345678 and called 12-10-95",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert [span for span in found(text) if span[0] != "IBAN"] == []


def test_a_date_in_the_future_is_nobodys_date_of_birth() -> None:
    future = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=400)
    assert found(f"born {future.isoformat()}") == []
    assert found(f"born {future.year - 30}-01-02") == [("BIRTH_DATE", f"{future.year - 30}-01-02")]


def whole(text: str, value: str) -> bool:
    start = text.index(value)
    return any(span.start <= start and span.end >= start + len(value) for span in DETECTOR.detect([text])[0])


@pytest.mark.parametrize("form", list(NUMBER_FORMATS))
@pytest.mark.parametrize(
    "kind", [phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE]
)
def test_the_worlds_phone_numbers_are_found_in_the_way_of_their_country(form: int, kind: int) -> None:
    examples = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    ]
    values = [phonenumbers.format_number(example, form) for example in examples if example is not None]
    values = [value for value in values if sum(map(str.isdigit, value)) >= 6]  # shorter ones may be anything
    missed = [value for value in values if not whole(NUMBER_FORMATS[form].format(value), value)]
    assert len(values) > 200
    assert len(missed) <= (len(values) // 50 if form == phonenumbers.PhoneNumberFormat.NATIONAL else 0)


def test_a_private_key_that_was_cut_off_takes_the_rest() -> None:
    assert found(f"my key {PEM}") == [("SECRET", PEM)]


def test_the_kinds_are_the_labels_of_the_recognizers_in_use() -> None:
    assert len(set(KINDS)) == len(KINDS)
    assert set(KINDS) == {recognizer.label for recognizer in DEFAULT}
    assert {"BIC", "MAC", "URL_CREDENTIALS", "SECRET", "BIRTH_DATE"} < set(KINDS)
