"""What the audit log knows of callers: that outlives a roles file which was deleted."""

from privacy.access import Action, Role
from privacy.audit import AuditLog


def knows_callers(log: AuditLog) -> bool:
    """Whether a genuine entry tells of a caller who was added, or who did something under a role of the file.

    A roles file can't be emptied by command: one admin stays. So after such an entry there has to be one.

    Raises:
        AuditLogError: it can't be read.
    """
    return any(_tells(entry) for line in log.lines() if (entry := log.chain.parse(line)))


def _tells(entry: dict[str, object]) -> bool:
    facts = entry["facts"]
    change = facts.get("change") if isinstance(facts, dict) else None
    added = (entry["action"], entry["outcome"], change) == (Action.ACCESS_MANAGE, "done", "add")
    return added or entry["role"] not in ("", Role.OWNER)
