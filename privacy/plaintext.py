"""A text that may hold personal data, wrapped so that it does not get out by accident.

A producer may have sealed it (see `sealed_text`): then it is ciphertext until the worker has opened it.

A model with a `Plaintext` field must set `hide_input_in_errors=True` in its pydantic configuration:
pydantic's `ValidationError` otherwise prints the input it refused, which no field type can prevent.
`ValidationError.errors()` holds the input in any case; call it with `include_input=False`.
"""

from dataclasses import dataclass
from typing import Any, NoReturn, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from privacy.errors import MalformedEnvelope, StillSealed, UnknownVersion
from privacy.sealed_text import MEMBER, SealedText, sealed_text_schema

HIDDEN = "***"
_STILL_SEALED = (
    "a text is sealed by its producer, and not opened yet: that is for a worker, which has the intake key"
)


class Plaintext:
    """Holds one `str`, or the `SealedText` of one; only `reveal()` gives the `str` back.

    `repr`, `str`, `format`, `%` and every serialisation give `***`; pickling is refused; `==`, `hash` and
    `len` (code points) work. In a pydantic model it validates from a string or the object of a sealed text, honours
    `Annotated[Plaintext, Length(1, 20_000)]`, and is serialised in clear only under the serialisation context
    `{"plaintext": True}`, which the producers' codec passes.

    Of a sealed one `reveal()` and `len()` raise `StillSealed`, and in clear it is serialised as it came.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str | SealedText) -> None:
        """Wrap `value`; anything but a string or sealed text is a `TypeError` that does not show it."""
        # The second refuses what is no str, without showing it.
        self.__value = value if isinstance(value, SealedText) else str.__str__(value)

    def reveal(self) -> str:
        """The text itself. For the privacy room and the wire codec; a call anywhere else is a leak.

        Raises:
            StillSealed: it is sealed.
        """
        if isinstance(self.__value, SealedText):
            raise StillSealed(_STILL_SEALED)
        return self.__value

    @property
    def sealed(self) -> SealedText | None:
        """What is to be opened; None if it is in clear."""
        return self.__value if isinstance(self.__value, SealedText) else None

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, format_spec: str) -> str:
        return HIDDEN

    def __len__(self) -> int:
        return len(self.reveal())

    def __bool__(self) -> bool:
        return self.sealed is not None or bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Plaintext):
            return self.__value == other.__value
        return NotImplemented

    def __hash__(self) -> int:
        return hash((Plaintext, self.__value))

    def __copy__(self) -> Self:
        return self  # never changed after it was made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        message = "Plaintext is not pickled: seal it, or pass its masked text on"
        raise TypeError(message)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validation from `str` (never coerced), a sealed text or a `Plaintext`; see the class for serialisation."""
        return core_schema.no_info_plain_validator_function(
            cls._validated,
            serialization=core_schema.plain_serializer_function_ser_schema(cls._serialised, info_arg=True),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """To the outside it is a string, or the object of a sealed text."""
        return {"anyOf": [{"type": "string"}, sealed_text_schema()]}

    @classmethod
    def _validated(cls, value: object) -> "Plaintext":
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, Plaintext):
            return value
        if isinstance(value, dict) and MEMBER in value:
            return cls(_parsed(value))
        raise PydanticKnownError("string_type")

    @staticmethod
    def _serialised(plaintext: "Plaintext", info: SerializationInfo) -> str | dict[str, Any]:
        context = info.context
        if not isinstance(context, dict) or context.get("plaintext") is not True:
            return HIDDEN
        sealed = plaintext.sealed
        return plaintext.reveal() if sealed is None else sealed.document()


@dataclass(frozen=True, slots=True)
class Length:
    """In `Annotated[Plaintext, Length(1, 500)]`: bounds in code points, both inclusive.

    A sealed text passes: its length is known only once it is opened.
    """

    least: int
    most: int

    def check(self, text: Plaintext) -> Plaintext:
        """The text itself, if it is within the bounds.

        Raises:
            PydanticKnownError: it is not, pydantic's `too_short` or `too_long`.
        """
        if text.sealed is None and not self.least <= (length := len(text)) <= self.most:
            known = {"field_type": "Text", "actual_length": length}
            if length < self.least:
                raise PydanticKnownError("too_short", {**known, "min_length": self.least})
            raise PydanticKnownError("too_long", {**known, "max_length": self.most})
        return text

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The text's own schema, with the check after it."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The bounds, for the string alone."""
        bounds = {"minLength": self.least, "maxLength": self.most}
        return {"anyOf": [{"type": "string", **bounds}, sealed_text_schema()]}


def _parsed(value: dict[str, Any]) -> SealedText:
    """A sealed text out of decoded JSON; the errors' types are told apart by the contracts."""
    try:
        return SealedText.parse(value)
    except MalformedEnvelope:
        raise PydanticCustomError("sealed_malformed", "not a sealed text as the contract says") from None
    except UnknownVersion:
        raise PydanticCustomError("sealed_unsupported", "sealed in a way that is not known") from None
