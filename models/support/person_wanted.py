"""Tickets that ask for a person, told by a short list of phrases in English and Chinese.

In English: to speak, talk or chat to or with, to contact, or "connect, transfer, put, pass me (through) to" a (real,
live, human, customer service …) person, human, agent, assistant, representative, operator, adviser, manager, supervisor
or someone; and "human agent", "real person", "live operator" by themselves. In Chinese: 转人工, 人工客服, 人工服务,
真人客服 and the like, in both scripts. A phrase that is denied ("I don't want to talk to …", "do I have to speak to …",
不要转人工) doesn't count. Past forms ("I spoke to an agent") don't either.
"""

import re

_WHO = (
    r"(?:human(?: being)?|person|agent|assistant|representative|rep|operator|advis[eo]r|manager|supervisor"
    r"|someone|somebody)\b(?!['’]s)"
)
_KIND = r"(?:(?:real|live|actual|human|support|service|customer|customer service|customer support) ){0,3}"
_WHOM = rf"(?:(?:an?|the|your|any|some) )?{_KIND}{_WHO}"
_ASKS = re.compile(
    rf"\b(?:(?:speak|talk|chat)(?:t?ing)? (?:to|with)|contact(?:ing)?) {_WHOM}"
    rf"|\b(?:connect|transfer|put|pass) (?:me|us)(?: through)? (?:to|with) {_WHOM}"
    r"|\b(?:human|real|live) (?:agent|person|operator|representative|human)\b"
    r"|[转轉](?:接)?(?:到)?人工|人工(?:客服|服务|服務|坐席)|真人(?:客服|服务|服務)|(?:找|要|和|跟)(?:个|個)?(?:真人|人工)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:(?:\bnot|n['’]t|\bnever|\bwithout) (?:(?:want|need|wish|like|have|having|trying) )?(?:to )?"
    r"|\bdo (?:i|we) (?:have|need) to |\b(?:no need to|instead of|rather than) "
    r"|(?:不要|不用|不想|不需要|别|別|不必|无需)\w{0,3})\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 40
"""Code points before a phrase in which a denial is looked for."""


def asks_for_person(text: str) -> bool:
    """Whether a ticket asks to speak with a person."""
    flat = " ".join(text.split())
    return any(
        not _DENIED.search(flat, max(0, match.start() - _LOOK_BACK), match.start())
        for match in _ASKS.finditer(flat)
    )
