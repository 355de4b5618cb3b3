"""How letters begin and end."""

from collections.abc import Mapping, Sequence
from typing import Final

from streams.demo.shop.kinds import Language

DAYS: Final[Mapping[Language, Sequence[str]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六"),
}
GREETINGS: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "[Hi|Hello|Good morning|Dear team|Hey there],",
        "[Hi|Hello|Good evening]!",
        "Hello, my name is {name}.",
    ),
    "zh": ("[你好|您好|客服您好]，", "您好，我是{name}。"),
}
SIGNATURES: Final[Mapping[Language, Sequence[str]]] = {
    "en": ("[Thanks|Best regards|Kind regards|Thank you], {name}", "[Thanks|Cheers]!", "{name}, {email}"),
    "zh": ("谢谢！{name}", "谢谢！", "麻烦了。{name}"),
}
SALUTATIONS: Final[Mapping[Language, str]] = {"en": "Dear {name},", "zh": "{name}您好，"}
