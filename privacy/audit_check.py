"""Verification of the audit log: whether it is whole, and if not, where it breaks first and how.

Every entry proves itself by its HMAC, so whoever lacks the key can only alter, remove, copy in, swap or cut
off lines. Walking from the first line, the first that does not continue the chain is the break; what kind it is
follows from the line itself and from those behind it. Entries beyond the anchors are fine: anchors lag.

Not found: a log that is put back to an earlier state together with every anchor that can be asked; an anchor on
another machine is what makes that hard, so those that could not be asked are named. A log that was deleted together
with the anchor beside it begins anew and whole; that the anchor elsewhere knows another one is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from privacy.audit import ANOTHER, GAP, AuditLog
from privacy.audit_chain import Chain, Head, head_of

Kind = Literal[
    "altered", "removed", "inserted", "reordered", "cut_off", "anchor_missing", "anchor_forged", "replaced"
]


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
        anchors: names of those that it was checked against.
        anchors_away: names of those that could not be asked: a cut that only they know of is not found.
        another: of which other log of this installation an anchor knew that knew nothing of this one: another
            machine's, or one that was deleted here; None if of none.
    """

    entries: int
    head: Head
    broken: Break | None
    torn_bytes: int
    anchors: list[str]
    anchors_away: list[str] = field(default_factory=list)
    another: str | None = None


def verify(log: AuditLog) -> Verdict:
    """Read the whole log and check it against its anchors.

    Raises:
        AuditLogError: it can't be read.
    """
    seen = log.sighting()
    # Read after the anchors: what is written meanwhile makes the log longer than they say, not shorter.
    heads = {name: one.head for name, one in seen.held.items()}
    verdict = replace(verify_lines(list(log.lines()), log.chain, heads), anchors_away=seen.away)
    if seen.another and verdict.another is None:
        other = seen.another
        verdict = replace(verdict, another=_named({"log": other.log[:16], "seq": other.head.seq}))
    if verdict.broken is not None:
        return verdict
    end = verdict.entries + 1, verdict.head.seq + 1
    if seen.forged:
        names = ", ".join(seen.forged)
        detail = (
            f"this installation did not write the anchor {names}: whether the end was cut off can't be told"
        )
        return replace(verdict, broken=Break("anchor_forged", *end, detail))
    if "file" not in seen.held and verdict.entries:
        detail = "the anchor file beside the log is gone: whether the end was cut off can't be told"
        return replace(verdict, broken=Break("anchor_missing", *end, detail))
    return verdict


def verify_lines(lines: Sequence[bytes], chain: Chain, anchored: Mapping[str, Head]) -> Verdict:
    """Check lines, each with its newline, against the heads that anchors hold, by their names."""
    torn = len(lines[-1]) if lines and not lines[-1].endswith(b"\n") else 0
    walk = _Walk(lines[:-1] if torn else lines, chain)
    broken = walk.first_break() or walk.against(anchored)
    return Verdict(walk.good, walk.head, broken, torn, list(anchored), another=walk.another)


class _Walk:
    """One pass over whole lines; remembers the hash of each good entry."""

    def __init__(self, lines: Sequence[bytes], chain: Chain) -> None:
        self._lines = lines
        self._entries = [chain.parse(line) for line in lines]
        self._hashes: dict[int, str] = {}
        self.head = Head()
        self.good = 0
        self.another: str | None = None

    def first_break(self) -> Break | None:
        """The first line that does not continue the chain."""
        for index, entry in enumerate(self._entries):
            broken = self._unreadable(index) if entry is None else self._misplaced(index, entry)
            if broken:
                return broken
            if entry is not None and entry["action"] == ANOTHER:
                self.another = _named(entry["facts"])
            self.head = head_of(entry)
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
        found, expected = head_of(entry).seq, self.head.seq + 1
        line = index + 1
        if entry["action"] == GAP:
            detail = f"the log ended with {self.head.seq} when this was added: {_gap(entry['facts'])}"
            kind: Kind = "anchor_forged" if "forged" in str(entry["facts"]) else "cut_off"
            return Break(kind, line, expected, detail)
        if found == expected and entry["prev"] == self.head.hash:
            return None
        if found == expected:
            return Break("replaced", line, found, "the entry continues another history of this log")
        if found < expected:
            return Break("inserted", line, found, f"a copy of entry {found}, which stands earlier")
        if any(later and head_of(later).seq == expected for later in self._entries[index + 1 :]):
            return Break("reordered", line, found, f"entry {expected} stands further down")
        last = found - 1
        missing = f"entry {expected} is" if last == expected else f"entries {expected} to {last} are"
        return Break("removed", line, expected, f"{missing} gone")


def _gap(facts: object) -> str:
    """What an entry `audit.gap` tells, for people; an anchor that is not genuine expects nothing."""
    told = facts if isinstance(facts, dict) else {}
    expected, found = told.get("expected_seq"), told.get("found_seq")
    if not expected:
        said = f"found entry {found}, and no genuine anchor that knows of it"
    elif expected == found:
        said = f"found another entry {found} than the anchor knew"
    else:
        said = f"expected entry {expected}, found {found}"
    forged = told.get("forged")
    return f"{said}; this installation did not write the anchor {forged}" if forged else said


def _named(facts: object) -> str:
    log, seq = (facts["log"], facts["seq"]) if isinstance(facts, dict) else ("", "")
    return f"{log} of {seq} entries"
