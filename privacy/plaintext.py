"""A text that may hold personal data, wrapped so that it does not get out by accident.

A model with a `Plaintext` field must set `hide_input_in_errors=True` in its pydantic configuration:
pydantic's `ValidationError` otherwise prints the input it refused, which no field type can prevent.
`ValidationError.errors()` holds the input in any case; call it with `include_input=False`.
"""

from typing import Any, NoReturn, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

HIDDEN = "***"


class Plaintext:
    """Holds one `str`; only `reveal()` gives it back.

    `repr`, `str`, `format`, `%` and every serialisation give `***`; pickling is refused; `==`, `hash` and
    `len` (code points) work. In a pydantic model it validates from a string only, honours
    `Annotated[Plaintext, MaxLen(20_000)]`, and is serialised in clear only under the serialisation context
    `{"plaintext": True}`, which the producers' codec passes.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`; anything but a string is a `TypeError` that does not show it."""
        self.__value = str.__str__(value)  # refuses what is no str, without showing it

    def reveal(self) -> str:
        """The text itself. For the privacy room and the wire codec; a call anywhere else is a leak."""
        return self.__value

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, format_spec: str) -> str:
        return HIDDEN

    def __len__(self) -> int:
        return len(self.__value)

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
        """Validation from `str` (never coerced) or from a `Plaintext`; see the class for serialisation."""
        return core_schema.no_info_plain_validator_function(
            cls._validated,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls._serialised, info_arg=True, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """To the outside it is a string."""
        return {"type": "string"}

    @classmethod
    def _validated(cls, value: object) -> "Plaintext":
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, Plaintext):
            return value
        raise PydanticKnownError("string_type")

    @staticmethod
    def _serialised(plaintext: "Plaintext", info: SerializationInfo) -> str:
        context = info.context
        in_clear = isinstance(context, dict) and context.get("plaintext") is True
        return plaintext.reveal() if in_clear else HIDDEN
