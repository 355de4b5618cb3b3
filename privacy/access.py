"""Who may do what: roles, and what each may do and see.

| role | may | why not more |
|---|---|---|
| worker | nothing by hand | it works through topics; its rights are Kafka's and Redis's ACLs |
| analyst | nothing by hand | results are masked and complete without originals |
| support_agent | reveal subject and text of support tickets, to answer them | nobody answers by reading reviews |
| privacy_officer | reveal any field, erase, redrive, read the audit log, list keys | watches admins: holds no keys |
| admin | keys, backup, restore, redrive, callers, read the audit log | runs the machine, reads no customers' words |

The split of admin and privacy officer is a separation of duties (ISO/IEC 27002 §5.3): who can take keys away
can't read by command, and who reads can't replace keys or the record of it. An admin may make themself an officer,
which the audit log keeps.

The table is code and no setting: what a role may see is the same everywhere. Who has which role is not: an
environment variable that names another roles file, or another data folder, makes its owner the owner of all. So roles
bind only callers who can neither set the environment of the commands (they reach them through a trusted process) nor
read the key-encryption key: who can read that and reach the key Redis needs no command at all.

A privacy officer states one of `Purpose` with each reveal; a support agent only the first. Law asks for the
purpose of each processing (GDPR art. 5(1)(b)), and the audit log keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from privacy.errors import PrivacyError


class AccessDenied(PrivacyError):
    """The caller did not prove who they are, or their role does not allow this."""


class Role(StrEnum):
    """What a caller is to this installation."""

    WORKER = "worker"
    SUPPORT_AGENT = "support_agent"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy_officer"
    ADMIN = "admin"
    OWNER = "owner"
    """The operating-system user who owns the data folder, while there is no roles file: admin and officer."""


class Action(StrEnum):
    """What is allowed or refused, and stands in the audit log."""

    REVEAL = "reveal"
    ERASE = "erase"
    KEYS_INIT = "keys.init"
    KEYS_ROTATE = "keys.rotate"
    KEYS_LIST = "keys.list"
    KEYS_EXPORT = "keys.export"
    KEYS_IMPORT = "keys.import"
    KEYS_RETIRE = "keys.retire"
    BACKUP = "backup"
    RESTORE = "restore"
    REDRIVE = "redrive"
    ACCESS_MANAGE = "access.manage"
    AUDIT_READ = "audit.read"


class Purpose(StrEnum):
    """What an original is read for."""

    SUPPORT = "support"
    """To answer a customer's ticket."""
    SUBJECT_ACCESS = "subject_access"
    """The person asked what is held about them (GDPR art. 15)."""
    INCIDENT = "incident"
    """A fault or a breach is looked into."""
    LEGAL = "legal"
    """A court or an authority may ask for it."""


ANY_TOPIC: Final = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do.

    Attributes:
        actions: allowed ones.
        purposes: for which originals may be revealed.
        fields: by input topic, the fields that may be revealed; None for all of them.
    """

    actions: frozenset[Action] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    fields: Mapping[str, frozenset[str] | None] = field(default_factory=dict)

    def sees(self, topic: str, name: str) -> bool:
        """Whether the field `name` of events of the input topic may be revealed."""
        if topic not in self.fields and ANY_TOPIC not in self.fields:
            return False
        visible = self.fields.get(topic, self.fields.get(ANY_TOPIC))
        return visible is None or name in visible


_ADMIN = frozenset(Action) - {Action.REVEAL, Action.ERASE}
_OFFICER = frozenset({Action.REVEAL, Action.ERASE, Action.REDRIVE, Action.AUDIT_READ, Action.KEYS_LIST})

GRANTS: Final = MappingProxyType(
    {
        Role.WORKER: Grant(),
        Role.ANALYST: Grant(),
        Role.SUPPORT_AGENT: Grant(
            frozenset({Action.REVEAL}),
            frozenset({Purpose.SUPPORT}),
            {"support-tickets": frozenset({"subject", "text"})},
        ),
        Role.PRIVACY_OFFICER: Grant(_OFFICER, frozenset(Purpose), {ANY_TOPIC: None}),
        Role.ADMIN: Grant(_ADMIN),
        Role.OWNER: Grant(_ADMIN | _OFFICER, frozenset(Purpose), {ANY_TOPIC: None}),
    }
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a name of the roles file (or the operating system's), and the role."""

    name: str
    role: Role

    @property
    def grant(self) -> Grant:
        """What they may do."""
        return GRANTS[self.role]


def authorise(
    caller: Caller,
    action: Action,
    *,
    purpose: str | None = None,
    topic: str | None = None,
    field_name: str | None = None,
) -> None:
    """Let `caller` do `action`, or not.

    Args:
        caller: who.
        action: what.
        purpose: of a reveal; one of `Purpose`.
        topic: of a reveal: the input topic.
        field_name: of a reveal: the one field that is asked for; None: those that the role sees.

    Raises:
        AccessDenied: the text says which part is not allowed.
    """
    grant = caller.grant
    if action not in grant.actions:
        given = [role for role in GRANTS if role is not Role.OWNER]  # that one is nobody's to give
        allowing = " or ".join(role.value for role in given if action in GRANTS[role].actions)
        raise AccessDenied(
            f"the role {caller.role.value} may not do {action.value}: that needs the role {allowing}"
        )
    if action is not Action.REVEAL:
        return
    if purpose not in grant.purposes:
        names = " or ".join(sorted(one.value for one in grant.purposes))
        raise AccessDenied(
            f"the role {caller.role.value} may reveal only for a stated purpose, which has to be {names}"
        )
    visible = [one for one in grant.fields if one in (topic, ANY_TOPIC)]
    if topic is not None and not visible:
        raise AccessDenied(f"the role {caller.role.value} may not reveal what came by {topic}")
    if topic is not None and field_name is not None and not grant.sees(topic, field_name):
        raise AccessDenied(f"the role {caller.role.value} may not reveal the field {field_name} of {topic}")
