"""Plaintext must not get out by accident."""

import copy
import dataclasses
import json
import logging
import pickle
from typing import Annotated

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from privacy import MalformedEnvelope, Plaintext, SealedText, StillSealed, UnknownVersion
from privacy.plaintext import Length

SECRET = "anna@example.org likes it"
SEALED = SealedText(key="intake-1", enc=b"e" * 32, ciphertext=b"ciphertext and its tag")


class Note(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    text: Annotated[Plaintext, Length(1, 30)]
    title: Annotated[Plaintext, Length(1, 10)] | None = None


@dataclasses.dataclass
class Holder:
    text: Plaintext


def test_every_way_of_printing_gives_stars() -> None:
    text = Plaintext(SECRET)
    printed = [
        repr(text),
        str(text),
        ascii(text),
        f"{text}",
        f"{text!r:>40}",
        f"{text:>40}",
        "{:s}".format(text),  # noqa: UP032
        "%s" % text,  # noqa: UP031
        "%r" % text,  # noqa: UP031
        repr([text]),
        repr({text: text}),
        repr(Holder(text)),
        repr(Note(text=text)),
        str(dataclasses.asdict(Holder(text))),
        logging.makeLogRecord({"msg": "%s", "args": (text,)}).getMessage(),
    ]
    assert all("***" in line and "anna" not in line for line in printed)


def test_it_has_no_attributes_to_print() -> None:
    with pytest.raises(TypeError):
        vars(Plaintext(SECRET))


@given(st.text())
def test_equality_hash_length_and_reveal_are_the_texts(value: str) -> None:
    assert Plaintext(value).reveal() == value
    assert Plaintext(value) == Plaintext(value)
    assert hash(Plaintext(value)) == hash(Plaintext(value))
    assert len(Plaintext(value)) == len(value)
    assert Plaintext(value) != Plaintext(value + "x")
    assert Plaintext(value) != value


def test_it_is_not_pickled_nor_written_as_json_but_copied() -> None:
    text = Plaintext(SECRET)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled") as caught:
            pickle.dumps(text, protocol)
        assert "anna" not in str(caught.value)
    for write in (json.dumps, orjson.dumps):
        with pytest.raises(TypeError) as refused:
            write(text)
        assert "anna" not in str(refused.value)
    assert copy.deepcopy([text]) == [text]
    assert copy.copy(text) is text


def test_it_holds_strings_only() -> None:
    with pytest.raises(TypeError) as caught:
        Plaintext(5551234567)  # type: ignore[arg-type]
    assert "5551234567" not in str(caught.value)


def test_a_model_validates_it_from_strings_and_plaintexts() -> None:
    assert Note.model_validate({"text": SECRET}).text.reveal() == SECRET
    assert Note.model_validate_json(json.dumps({"text": SECRET})).text == Plaintext(SECRET)
    assert Note(text=Plaintext(SECRET), title=None).text.reveal() == SECRET


def test_a_model_serialises_it_as_stars_unless_the_codec_asks() -> None:
    note = Note(text=Plaintext(SECRET))
    assert note.model_dump() == {"text": "***", "title": None}
    assert "anna" not in note.model_dump_json()
    assert note.model_dump(context={"plaintext": True})["text"] == SECRET
    assert json.loads(note.model_dump_json(context={"plaintext": True}))["text"] == SECRET
    assert "anna" not in note.model_dump_json(context={"plaintext": "yes"})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"text": 5551234567}, "string_type"),
        ({"text": ["anna@example.org"]}, "string_type"),
        ({"text": b"anna@example.org"}, "string_type"),
        ({"text": "anna@example.org" * 9}, "too_long"),
        ({"text": "x", "title": "anna@example.org"}, "too_long"),
        ({"text": ""}, "too_short"),
        ({"text": {"anna@example.org": 1}}, "string_type"),
        ({"text": {"sealed": "anna@example.org"}}, "sealed_malformed"),
    ],
)
def test_validation_errors_name_the_field_and_hide_the_value(data: dict[str, object], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Note.model_validate(data)
    (error,) = caught.value.errors(include_input=False)
    assert error["type"] == kind
    assert len(error["loc"]) == 1
    shown = str(caught.value) + repr(caught.value) + str(error)
    assert "anna" not in shown
    assert "5551234567" not in shown


def test_the_json_schema_is_a_string_with_its_length_or_a_sealed_text() -> None:
    string, sealed = Note.model_json_schema()["properties"]["text"]["anyOf"]
    assert string == {"type": "string", "minLength": 1, "maxLength": 30}
    assert sealed["required"] == ["sealed"]
    assert jsonschema.Draft202012Validator(sealed).is_valid(SEALED.document())


def test_a_sealed_text_is_kept_as_it_came_and_never_given_out_as_text() -> None:
    note = Note.model_validate({"text": SEALED.document()})
    assert note.text.sealed == SEALED
    for use in (note.text.reveal, note.text.__len__):
        with pytest.raises(StillSealed) as caught:
            use()
        assert "Y2lwaGVy" not in str(caught.value)
    assert bool(note.text)
    assert f"{note!r}{note.text}{note.model_dump()}".count("***") == 3
    assert note.model_dump(context={"plaintext": True})["text"] == SEALED.document()
    assert note.text == Plaintext(SEALED)
    assert hash(note.text) == hash(Plaintext(SEALED))
    assert note.text != Plaintext("x")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"v": "1"}, MalformedEnvelope),
        ({"v": True}, MalformedEnvelope),
        ({"v": 2}, UnknownVersion),
        ({"alg": "RSA"}, UnknownVersion),
        ({"alg": None}, MalformedEnvelope),
        ({"key": ""}, MalformedEnvelope),
        ({"key": "k" * 65}, MalformedEnvelope),
        ({"enc": "AAAA"}, MalformedEnvelope),
        ({"enc": SEALED.document()["sealed"]["enc"] + "="}, MalformedEnvelope),
        ({"ciphertext": "AAAA"}, MalformedEnvelope),
        ({"ciphertext": 7}, MalformedEnvelope),
    ],
)
def test_a_sealed_text_of_another_form_is_refused(change: dict[str, object], error: type[Exception]) -> None:
    document = SEALED.document()
    assert SealedText.parse(document) == SEALED
    document["sealed"] |= change
    with pytest.raises(error):
        SealedText.parse(document)
