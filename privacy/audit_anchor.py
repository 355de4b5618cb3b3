"""Anchors of the audit log: places that remember its head, so that a cut-off end is missed.

Their content is authenticated, so nobody without the key file can make one for a log that they cut. They can still
put back an old one together with the old log: that shows only against an anchor they can't reach, on another machine.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from privacy.audit_chain import Anchored, Chain
from privacy.private_file import read_private, write_private


class AnchorAway(Exception):
    """An anchor can't be asked now."""


class Anchor(Protocol):
    """A place that remembers heads of logs."""

    @property
    def name(self) -> str:
        """What verification calls it."""
        ...

    def read(self, log: str) -> bytes | None:
        """What it holds of the log of that name; None if nothing. `AnchorAway` where it can't be asked."""
        ...

    def latest(self) -> bytes | None:
        """What it was given last, of any log of this installation; None if that is nothing, or not kept."""
        ...

    def write(self, log: str, content: bytes) -> None:
        """Keep this; `AnchorAway` where it keeps what it had."""
        ...


class FileAnchor:
    """The anchor beside the log; it is made before the first entry, and holds that one log's head."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, _log: str) -> bytes | None:
        """The content; None where there is no file."""
        return read_private(self._path)

    def latest(self) -> bytes | None:
        """None: it knows of one log."""
        return None

    def write(self, _log: str, content: bytes) -> None:
        """Replace it."""
        write_private(self._path, content)


def anchor_path(log: Path) -> Path:
    """The anchor file of a log: `audit.anchor.json` beside `audit.jsonl`."""
    return log.with_suffix(".anchor.json")


@dataclass(slots=True)
class Sighting:
    """What anchors say of one log.

    Attributes:
        held: by name of the anchor, what is authentic.
        forged: names of those whose content this installation did not write.
        away: names of those that can't be asked now.
        another: the head of another log of this installation, from an anchor that holds none of this one: the log of
            another machine, or one that stood here before and was deleted.
    """

    held: dict[str, Anchored] = field(default_factory=dict)
    forged: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    another: Anchored | None = None


def look(anchors: Sequence[Anchor], chain: Chain, log: str) -> Sighting:
    """Ask all anchors about the log of that name."""
    seen = Sighting()
    for anchor in anchors:
        try:
            content = anchor.read(log)
            latest = anchor.latest() if content is None else None
        except AnchorAway:
            seen.away.append(anchor.name)
            continue
        if content is None:
            other = None if latest is None else chain.open(latest)
            seen.another = other if other and other.log != log else seen.another
        elif (anchored := chain.open(content)) is None:
            seen.forged.append(anchor.name)
        else:
            seen.held[anchor.name] = anchored
    return seen


def keep(anchor: Anchor, chain: Chain, anchored: Anchored) -> None:
    """Write an anchor, if it is there."""
    with suppress(AnchorAway):
        anchor.write(anchored.log, chain.seal(anchored))
