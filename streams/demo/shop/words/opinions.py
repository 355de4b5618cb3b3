"""How reviews of any product begin and end, and what their authors give away."""

from collections.abc import Mapping, Sequence
from typing import Final

from streams.demo.shop.kinds import Language, Mood

Said = Mapping[Language, Mapping[Mood, Sequence[str]]]

OPENINGS: Final[Said] = {
    "en": {
        "pleased": (
            "[I love it|We love it].",
            "Exactly what I was looking for[!|.]",
            "Bought it for my [sister|father|neighbour] and then another one for me.",
            "Best purchase of the [year|season] so far.",
            "I was sceptical, but it has won me over.",
            "After [three weeks|two months|half a year] of use I can say: well done.",
            "My [second|third] order of this, which says it all.",
            "",
        ),
        "torn": (
            "I have mixed feelings about this one.",
            "It is okay.",
            "Not bad, not great.",
            "I wanted to like it more than I do.",
            "Where there is light, there is shade.",
            "[Two weeks|A month] in, I am still undecided.",
            "",
        ),
        "cross": (
            "What a disappointment.",
            "Save your money.",
            "I rarely complain, but this is bad.",
            "Never again.",
            "I fell for the pictures.",
            "Second one I have tried, same trouble.",
            "",
        ),
    },
    "zh": {
        "pleased": (
            "非常满意。",
            "第二次回购了。",
            "比想象中好很多！",
            "给[爸妈|朋友]也买了一份。",
            "用了[两周|一个月]来评价。",
            "",
        ),
        "torn": ("总体还行。", "中规中矩吧。", "有好有坏。", "勉强给三星。", ""),
        "cross": ("太失望了。", "千万别买。", "第一次给差评。", "完全不值这个价。", ""),
    },
}

CLOSINGS: Final[Said] = {
    "en": {
        "pleased": (
            "I would buy it again without thinking twice.",
            "Delivery was quick, too.",
            "Highly recommended.",
            "Worth every penny.",
            "Already told [everyone at work|my friends] about it.",
            "Five stars from me.",
            "",
            "",
        ),
        "torn": (
            "For the price I expected a little more.",
            "I am keeping it, but I would not buy it twice.",
            "Perhaps the next version gets it right.",
            "Three stars seem fair.",
            "It will do until I find something better.",
            "",
        ),
        "cross": (
            "I want my money back.",
            "It is on its way back to you.",
            "I would give no stars if I could.",
            "Nobody answered my two messages either.",
            "Look elsewhere.",
            "",
        ),
    },
    "zh": {
        "pleased": ("强烈推荐。", "物流也很快。", "以后还会再来。", "物超所值。", ""),
        "torn": ("这个价格期望更高一点。", "先用着吧。", "希望改进。", ""),
        "cross": ("已经申请退货了。", "联系客服也没人回。", "不会再买了。", ""),
    },
}

TITLES: Final[Said] = {
    "en": {
        "pleased": (
            "Wonderful",
            "A keeper",
            "Better than hoped",
            "So happy with this",
            "[Top|Great] quality",
            "Yes!",
        ),
        "torn": ("Fine, with buts", "Almost", "It does the job", "Average", "Good idea, so-so made"),
        "cross": ("Broken in no time", "Poor", "Not as described", "Do not buy", "Sent it back"),
    },
    "zh": {
        "pleased": ("很满意", "值得买", "超出预期"),
        "torn": ("一般般", "有好有坏"),
        "cross": ("质量太差", "不推荐", "与描述不符"),
    },
}

CONFIDENCES: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "If you need photos, write to {email}.",
        "Please answer me at {email}, your form does not work.",
        "You can call me on {phone} in the evening.",
        "My phone number is {phone} if the courier has questions.",
        "By the way, my card {card} was charged twice!",
        "I paid with {card} and never got a receipt for that card.",
        "Please send the refund to {iban}.",
        "The money should have gone to my account {iban}.",
        "Signed, {name} from {town}.",
    ),
    "zh": (
        "需要照片请发邮件到 {email} 。",
        "有问题请打我手机 {phone} 联系。",
        "我的信用卡 {card} 被扣了两次款！",
        "退款请打到账户 {iban} 。",
        "{name}，来自{town}。",
    ),
}
