"""Make a fast tokenizer from the pieces of a SentencePiece unigram model, as XLM-RoBERTa has it.

SentencePiece: Kudo and Richardson, 2018, https://arxiv.org/abs/1808.06226. The text is brought to its normal form
(`nmt_nfkc`: NFKC with white space and control characters cleaned), spaces become U+2581, and the likeliest sequence of
pieces is found.

The model file's table of normal forms covers single characters only. SentencePiece's own, which also composes
`e` and U+0301, is taken from the installed `sentencepiece`; where the two differ for a character, the file's holds.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from models.conversion.q4_file import Pieces
from models.errors import WeightsUnusable

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer

RULE = "nmt_nfkc"
MASK = "<mask>"
_SPACE = "\u2581"

# Places in SentencePiece's ModelProto, https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
_NORMALIZER_SPEC = 3
_PRECOMPILED_CHARSMAP = 2


def make_tokenizer(pieces: Pieces) -> "Tokenizer":
    """A tokenizer that gives `<s> … </s>`.

    Raises:
        WeightsUnusable: sentencepiece doesn't give its table of normal forms in the way that is known here.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    tokenizer = Tokenizer(
        models.Unigram(list(zip(pieces.texts, pieces.scores, strict=True)), pieces.unknown, False)  # noqa: FBT003
    )
    tokenizer.normalizer = _normalizer(pieces.normal_forms)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme="always")
    begin, end, pad, unknown = special_pieces(pieces)
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in (begin, pad, end, unknown)]
        + [AddedToken(MASK, special=True, normalized=False, lstrip=True)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, pieces.begin), (end, pieces.end)],
    )
    return tokenizer


def special_pieces(pieces: Pieces) -> tuple[str, str, str, str]:
    """Texts of the pieces for begin, end, padding and the unknown."""
    begin, end, pad, unknown = (
        pieces.texts[special] for special in (pieces.begin, pieces.end, pieces.pad, pieces.unknown)
    )
    return begin, end, pad, unknown


def _normalizer(forms: Mapping[str, str]) -> "Normalizer":
    from tokenizers import Regex, normalizers

    table = normalizers.Precompiled(_nfkc_table())
    differing = [(before, after) for before, after in forms.items() if table.normalize_str(before) != after]
    return normalizers.Sequence(
        [
            *(normalizers.Replace(before, after) for before, after in differing),
            table,
            normalizers.Strip(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )


def _nfkc_table() -> bytes:
    """SentencePiece's compiled table of normal forms."""
    from sentencepiece import SentencePieceNormalizer

    model: bytes = SentencePieceNormalizer(rule_name=RULE).serialized_model_proto()
    try:
        return _field(_field(model, _NORMALIZER_SPEC), _PRECOMPILED_CHARSMAP)
    except (IndexError, KeyError) as error:
        raise WeightsUnusable(
            "the installed sentencepiece gives no table of normal forms; install sentencepiece>=0.2,<1"
        ) from error


def _field(message: bytes, number: int) -> bytes:
    """One field of a protobuf message whose fields have a length (texts, bytes, messages).

    That is wire type 2, https://protobuf.dev/programming-guides/encoding/.
    """
    at = 0
    while True:
        key, at = _varint(message, at)
        if key & 7 != 2:  # noqa: PLR2004 - the wire type
            raise KeyError(number)
        length, at = _varint(message, at)
        if key >> 3 == number:
            return message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, lowest first, and where the next thing begins."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last group
            return value, at
        shift += 7
