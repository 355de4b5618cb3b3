"""Aspects by word lists, English and Chinese: evidence for a head beside the encoder's vectors, and its baseline.

An aspect is there where one of its words is; its sentiment is that of the words of praise and blame in the same
clause, or next to it. The words come from general knowledge of shop reviews, and were not tuned on any.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from models.reviews.aspects import ASPECT_LABELS

EVIDENCE: Final = len(ASPECT_LABELS)
"""Numbers that `word_evidence` gives a text."""
_Lists: TypeAlias = tuple[frozenset[str], tuple[str, ...]]
NEGATIVE, MIXED, POSITIVE = (ASPECT_LABELS.index(label) for label in ("negative", "mixed", "positive"))

ASPECT_WORDS: Final[Mapping[str, str]] = {
    "fit": "fit fits fitted fitting size sizes sizing sized large small big tight loose snug short long length waist"
    " hips petite baggy boxy narrow wide 尺码 尺寸 大小 偏大 偏小 太大 太小 合身 合脚 宽松 紧 长短 码",
    "quality": "quality material fabric made sewn stitching seam seams durable sturdy flimsy cheaply broke broken"
    " ripped torn hole pilling shrank thin well-made defective"
    " 质量 品质 做工 材质 面料 布料 耐用 结实 坏 破 掉色 起球 褪色 印刷 纸张",
    "price": "price priced prices pricey expensive cheap cost costs money worth value sale bargain deal afford discount"
    " 价格 价钱 便宜 贵 实惠 性价比 划算 优惠 降价 打折 钱 值",
    "delivery": "delivery delivered shipping shipped arrived arrive ship late package packaging parcel courier"
    " 快递 物流 发货 送货 包装 收到货 配送 到货 送到",
    "service": "service support staff seller customer-service refund rude helpful return-policy exchange representative"
    " 服务 客服 态度 卖家 店家 售后 退货 换货 前台 服务员",
    "look": "look looks looked looking color colors colour style stylish beautiful pretty cute gorgeous ugly design"
    " pattern print flattering photo picture elegant 颜色 外观 好看 漂亮 难看 样子 款式 美观 图片 色差 时尚 外形",
    "comfort": "comfort comfortable comfy uncomfortable soft itchy scratchy cozy breathable stiff warm"
    " 舒适 舒服 柔软 软 硬 痒 透气 温暖 暖和 闷",
    "function": "works work working use useful easy versatile pockets pocket wear washes wash function functional"
    " battery performance speed practical 功能 好用 性能 速度 效果 电池 方便 实用 操作 使用 运行 死机 散热 噪音 内容",
}
PRAISE: Final = (
    "love loved great good perfect perfectly beautiful nice excellent amazing comfortable soft flattering pretty"
    " gorgeous well happy best true easy worth reasonable sturdy fast quick helpful friendly recommend wonderful"
    " 好 不错 喜欢 满意 漂亮 舒服 舒适 方便 便宜 实惠 快 棒 值 推荐 赞 完美 清晰 合适 热情 好看 合身 柔软"
)
BLAME: Final = (
    "bad poor poorly terrible awful disappointed disappointing cheap cheaply ugly uncomfortable itchy scratchy huge"
    " unflattering returned returning too weird odd broke broken ripped thin flimsy rude slow late expensive overpriced"
    " not unfortunately wrong hate shapeless"
    " 差 坏 不好 失望 贵 慢 难看 不舒服 太大 太小 垃圾 不满意"
    " 破 不值 不喜欢 麻烦 假 色差 偏大 偏小 后悔 不行 不方便 噪音 死机"
)
_NOT: Final = frozenset(
    ("not", "no", "never", "isn't", "wasn't", "don't", "didn't", "doesn't", "nor", "hardly")
)
_TURN_WITHIN: Final = 3
"""Words after one that denies which are turned round by it."""
_CLAUSE = re.compile(r"[.!?;,\n]+|\bbut\b|\bhowever\b|\balthough\b|[。！？；，、…]+|但是|但|不过|可是")
_WORD = re.compile(r"[a-z][a-z'-]*")


def word_evidence(texts: Sequence[str], aspects: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
    """What the lists find, by those of the aspects that have one, for heads to weigh.

    Returns:
        float32 [texts, 4], 0 or 1: whether the aspect is there, and whether negative, mixed or positive.
    """
    found = {aspect: np.zeros((len(texts), EVIDENCE), np.float32) for aspect in aspects if aspect in _ASPECTS}
    if not found:
        return {}
    for row, text in enumerate(texts):
        for aspect, label in aspects_by_words(text).items():
            if aspect in found:
                found[aspect][row, [0, label]] = 1
    return found


def aspects_by_words(text: str) -> dict[str, int]:
    """Index into `ASPECT_LABELS` of every aspect whose words are in a text."""
    clauses = [clause for clause in _CLAUSE.split(text.casefold().replace("’", "'")) if clause.strip()]
    words = [_WORD.findall(clause) for clause in clauses]
    moods = [_mood(of_clause, clause) for of_clause, clause in zip(words, clauses, strict=True)]
    there: dict[str, list[int]] = {}
    for place, clause in enumerate(clauses):
        for aspect in _aspects_in(words[place], clause):
            there.setdefault(aspect, []).append(place)
    return {aspect: _sentiment(moods, places) for aspect, places in there.items()}


def _aspects_in(words: Sequence[str], clause: str) -> set[str]:
    found = {aspect for word in words if word in _ASPECTS_OF for aspect in _ASPECTS_OF[word]}
    if not clause.isascii():
        found.update(aspect for aspect, lists in _ASPECTS.items() if any(word in clause for word in lists[1]))
    return found


def _sentiment(moods: Sequence[tuple[bool, bool]], there: Sequence[int]) -> int:
    """Of the clauses in which an aspect is; where they tell nothing, of their neighbours, then of all."""
    near = {place + step for place in there for step in (-1, 0, 1) if 0 <= place + step < len(moods)}
    for places in (there, sorted(near), range(len(moods))):
        praised = any(moods[place][0] for place in places)
        blamed = any(moods[place][1] for place in places)
        if praised or blamed:
            return MIXED if praised and blamed else POSITIVE if praised else NEGATIVE
    return POSITIVE


def _mood(words: Sequence[str], clause: str) -> tuple[bool, bool]:
    """Whether a clause praises, and whether it blames; a word that denies turns the next ones round."""
    praised = blamed = False
    turned = 0
    for word in words:
        if word in _NOT:
            turned = _TURN_WITHIN
            continue
        good, bad = word in _PRAISE[0], word in _BLAME[0]
        if good or bad:
            is_praise = good is not bool(turned)
            praised, blamed = praised or is_praise, blamed or not is_praise
        turned = max(0, turned - 1)
    if clause.isascii():
        return praised, blamed
    rest = clause
    for word in _BLAME[1]:
        if word in rest:
            blamed, rest = True, rest.replace(word, " ")
    return praised or any(word in rest for word in _PRAISE[1]), blamed


def _lists(words: str) -> _Lists:
    """English words, and Chinese ones, the longest first."""
    split = words.split()
    chinese = sorted((word for word in split if not word.isascii()), key=len, reverse=True)
    return frozenset(word for word in split if word.isascii()), tuple(chinese)


_ASPECTS: Final = {aspect: _lists(words) for aspect, words in ASPECT_WORDS.items()}
_PRAISE: Final = _lists(PRAISE)
_BLAME: Final = _lists(BLAME)
_ASPECTS_OF: Final = {
    word: tuple(aspect for aspect, (english, _) in _ASPECTS.items() if word in english)
    for word in frozenset().union(*(english for english, _ in _ASPECTS.values()))
}
