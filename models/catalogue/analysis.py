"""Text to the terms by which BM25 finds it; the same for products and queries.

Words are split at everything that is neither letter nor digit, lower-cased, folded to ASCII where they can be, and cut
to their English stem (Porter2, snowballstem.org). Chinese, Japanese and Korean have no spaces between words, so runs of
their characters become overlapping pairs, as in Lucene's CJKBigramFilter; that needs no dictionary and finds nearly
as much as words do (Nie et al. 2000, "On the use of words and n-grams for Chinese information retrieval").
"""

import re
import unicodedata
from functools import cache

import tantivy

LONGEST_TERM = 64
"""Bytes; longer ones are no words."""

# Han with its iteration marks, Hiragana, Katakana with the long-vowel mark, Hangul. Half-width and compatibility forms
# are gone after NFKC.
_CJK = (
    "\u3005\u3007\u3021-\u3029\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_CJK_RUN = re.compile(f"[{_CJK}]+")
# Zero-width space, non-joiner, joiner, direction marks, word joiner, byte-order mark, soft hyphen, variation selectors.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019][sS]\b")


def analyse(text: str) -> str:
    """The normal form that tokenizers split at spaces and signs.

    NFKC (Unicode Annex 15), without characters that nobody sees and without the English possessive; runs of Chinese,
    Japanese and Korean as overlapping pairs with spaces between; a lone character stays.
    """
    if text.isascii():
        return _POSSESSIVE.sub("", text) if "'" in text else text
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _CJK_RUN.sub(_pairs, _POSSESSIVE.sub("", text))


def terms_of(text: str) -> list[str]:
    """The index terms of a text in their order, repetitions included."""
    terms: list[str] = _stemming().analyze(analyse(text))
    return terms


def words_of(text: str) -> list[str]:
    """As `terms_of`, without cutting to stems: each word stands where its term does."""
    words: list[str] = _plain().analyze(analyse(text))
    return words


def is_cjk(term: str) -> bool:
    """Whether a term is made of Chinese, Japanese or Korean characters."""
    return _CJK_RUN.fullmatch(term) is not None


def stemming_analyser() -> tantivy.TextAnalyzer:
    """A new analyser for a tantivy index; its input went through `analyse`."""
    return _filtered().filter(tantivy.Filter.stemmer("english")).build()


def plain_analyser() -> tantivy.TextAnalyzer:
    """The same without cutting to stems."""
    return _filtered().build()


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    pairs = [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
    return f" {' '.join(pairs)} "


def _filtered() -> tantivy.TextAnalyzerBuilder:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(LONGEST_TERM))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )


@cache
def _stemming() -> tantivy.TextAnalyzer:
    return stemming_analyser()


@cache
def _plain() -> tantivy.TextAnalyzer:
    return plain_analyser()
