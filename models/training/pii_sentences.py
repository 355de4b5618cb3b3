"""Sentences whose persons and organisations are labelled, as corpora of named entities come.

Files are as of CoNLL-2003 (Tjong Kim Sang and De Meulder 2003, https://aclanthology.org/W03-0419): in each line a word
first, its label last, an empty line between sentences; labels with `B-` and `I-`, or with `I-` alone. Places mean other
things there than in a shop's messages (a country's team, say), so words with these and all other labels are `UNSURE`:
they teach nothing.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from models.errors import TrainingDataError
from models.training.pii_text import UNSURE, Entity, Tagged
from models.training.pii_turns import KIND_OF_LABEL

SENTENCE_FILES = (".conll", ".conll.txt")
"""How the names of such files end."""
_LEARNED = frozenset({"PERSON", "ORGANISATION"})
_DOCUMENT = "-DOCSTART-"
_CLOSES = re.compile(r"""[.,;:!?%)\]}…’”]|'(?:s|m|d|re|ve|ll)?$|n't$|n’t$""", re.IGNORECASE)
"""Words that stand close to the one before."""
_OPENS = frozenset("([{$£€#@‘“")
_LOGIN = re.compile(r"[@#]")


def read_sentences(path: Path) -> list[Tagged]:
    """The sentences of a file; those are left out that mention a login or a hashtag as an entity.

    Raises:
        TrainingDataError: it can't be read, or a line has no label.
    """
    return [tagged for sentence in _sentences(path) if (tagged := _tagged(sentence)) is not None]


def _sentences(path: Path) -> Iterator[list[tuple[str, str]]]:
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")
    except OSError as error:
        raise TrainingDataError(f"{path} can't be read: {error.strerror}") from error
    numbered = ((number, line.strip()) for number, line in enumerate(lines, 1))
    for filled, group in groupby(numbered, key=lambda line: bool(line[1])):
        # A line that is nothing but its label had a word of invisible characters.
        words = [_word(path, number, line) for number, line in group if line != "O"] if filled else []
        if words and words[0][0] != _DOCUMENT:
            yield words


def _word(path: Path, number: int, line: str) -> tuple[str, str]:
    """A word and its label, such as `B-PER`."""
    columns = line.split()
    label = columns[-1]
    if len(columns) == 1 or not (label == "O" or label[:2] in ("B-", "I-")):
        raise TrainingDataError(f"{path}, line {number}: not a word and a label such as B-PER, I-PER or O")
    return columns[0], label


def _tagged(sentence: list[tuple[str, str]]) -> Tagged | None:
    text, close, before = "", True, "O"
    entities: list[Entity] = []
    quoted = False
    for place, (word, label) in enumerate(sentence):
        quoted ^= word == '"'
        if not (close or _CLOSES.match(word) or (word == '"' and not quoted)):
            text += " "
        start, kind = len(text), _kind(label)
        text += word
        close = word in _OPENS or (word == '"' and quoted)
        if kind:
            if _LOGIN.match(word) or (place and _LOGIN.fullmatch(sentence[place - 1][0])):
                return None
            if label[0] == "I" and before[2:] == label[2:]:
                entities[-1] = Entity(entities[-1].start, len(text), kind)
            else:
                entities.append(Entity(start, len(text), kind))
        before = label
    return Tagged(text, tuple(entities))


def _kind(label: str) -> str:
    if label == "O":
        return ""
    kind = KIND_OF_LABEL.get(label[2:].lower())
    return kind if kind in _LEARNED else UNSURE
