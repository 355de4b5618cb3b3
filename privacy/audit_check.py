"""Verification of the audit log: whether it is whole, and if not, where it breaks first and how.

Every entry proves itself by its HMAC, so whoever lacks the key can only alter, remove, copy in, swap or cut
off lines. Walking from the first line, the first that does not continue the chain is the break; what kind it is
follows from the line itself and from those behind it. Entries beyond the anchors are fine: anchors lag.

Not found: a log that is put back to an earlier state together with every anchor; an anchor on another machine
is what makes that hard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from privacy.audit import GAP, AuditLog, Chain, Head

Kind = Literal["altered", "removed", "inserted", "reordered", "cut_off", "anchor_missing", "replaced"]


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain breaks first.

    Attributes:
        kind: how.
        line: of the file, from 1; behind the last one for what is cut off.
        seq: number of the entry there, or that should be there; None where it can't be told.
        detail: for people.
    """

    kind: Kind
    line: int
    seq: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found.

    Attributes:
        entries: that are good before the break, or in all.
        head: the last good one.
        broken: the first break; None for a whole log.
        torn_bytes: of a last line whose writing was interrupted; the next entry removes it and says so.
        anchors: names of those that could be asked.
    """

    entries: int
    head: Head
    broken: Break | None
    torn_bytes: int
    anchors: list[str]


def verify(log: AuditLog) -> Verdict:
    """Read the whole log and check it against its anchors.

    Raises:
        AuditLogError: it can't be read.
    """
    anchored = {anchor.name: head for anchor in log.anchors if (head := anchor.read())}
    # Read after the anchors: what is written meanwhile makes the log longer than they say, not shorter.
    verdict = verify_lines(list(log.lines()), log.chain, anchored)
    if verdict.broken is None and "file" not in anchored and verdict.entries:
        detail = "the anchor file beside the log is gone: whether the end was cut off can't be told"
        missing = Break("anchor_missing", verdict.entries + 1, verdict.head.seq + 1, detail)
        return Verdict(verdict.entries, verdict.head, missing, verdict.torn_bytes, verdict.anchors)
    return verdict


def verify_lines(lines: Sequence[bytes], chain: Chain, anchored: Mapping[str, Head]) -> Verdict:
    """Check lines, each with its newline, against the heads that anchors hold, by their names."""
    torn = len(lines[-1]) if lines and not lines[-1].endswith(b"\n") else 0
    walk = _Walk(lines[:-1] if torn else lines, chain)
    broken = walk.first_break() or walk.against(anchored)
    return Verdict(walk.good, walk.head, broken, torn, list(anchored))


class _Walk:
    """One pass over whole lines; remembers the hash of each good entry."""

    def __init__(self, lines: Sequence[bytes], chain: Chain) -> None:
        self._lines = lines
        self._entries = [chain.parse(line) for line in lines]
        self._hashes: dict[int, str] = {}
        self.head = Head()
        self.good = 0

    def first_break(self) -> Break | None:
        """The first line that does not continue the chain."""
        for index, entry in enumerate(self._entries):
            broken = self._unreadable(index) if entry is None else self._misplaced(index, entry)
            if broken:
                return broken
            self.head = _head(entry)
            self._hashes[self.head.seq] = self.head.hash
            self.good += 1
        return None

    def against(self, anchored: Mapping[str, Head]) -> Break | None:
        """What anchors know of that the log lacks, or has otherwise."""
        for name, head in anchored.items():
            line = len(self._lines) + 1
            if head.seq > self.head.seq:
                detail = f"the {name} anchor knows {head.seq} entries, the log ends with {self.head.seq}"
                return Break("cut_off", line, self.head.seq + 1, detail)
            if head.seq and self._hashes.get(head.seq) != head.hash:
                detail = f"entry {head.seq} is genuine, but not the one that the {name} anchor knows"
                return Break("replaced", head.seq, head.seq, detail)
        return None

    def _unreadable(self, index: int) -> Break:
        """A line that is no genuine entry: put in where the next one continues the chain, else altered."""
        expected = self.head.seq + 1
        following = self._entries[index + 1] if index + 1 < len(self._entries) else None
        if following and following["prev"] == self.head.hash:
            return Break("inserted", index + 1, None, "a line that this installation did not write")
        detail = f"what stands where entry {expected} should be is not as it was written"
        return Break("altered", index + 1, expected, detail)

    def _misplaced(self, index: int, entry: Mapping[str, object]) -> Break | None:
        """What is wrong with a genuine entry where it stands; None if nothing is."""
        found, expected = _head(entry).seq, self.head.seq + 1
        line = index + 1
        if entry["action"] == GAP:
            detail = f"the log ended with {self.head.seq} when this was added: {entry['facts']}"
            return Break("cut_off", line, expected, detail)
        if found == expected and entry["prev"] == self.head.hash:
            return None
        if found == expected:
            return Break("replaced", line, found, "the entry continues another history of this log")
        if found < expected:
            return Break("inserted", line, found, f"a copy of entry {found}, which stands earlier")
        if any(later and _head(later).seq == expected for later in self._entries[index + 1 :]):
            return Break("reordered", line, found, f"entry {expected} stands further down")
        last = found - 1
        missing = f"entry {expected} is" if last == expected else f"entries {expected} to {last} are"
        return Break("removed", line, expected, f"{missing} gone")


def _head(entry: Mapping[str, object] | None) -> Head:
    return Head() if entry is None else Head(int(str(entry["seq"])), str(entry["hash"]))
