"""Who calls a command, whether they may, and the record of it.

The caller proves who they are by a token in `SHOPSTREAM_ACCESS_TOKEN`, or typed in where there is a terminal.
Without a roles file nobody has a token yet: then the operating-system user who owns the data folder may do all,
and nobody else anything. The first `shopstream access add` makes the file, and from then on tokens are needed.
Where the roles file is missing that settings name, or whose callers the audit log knows, no more is allowed than to
make or restore it, so that a slip doesn't open the door. That is no lock against who sets the environment or owns the
folder: see `privacy.access`.
"""

import getpass
import logging
import os
import pwd
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from privacy.access import AccessDenied, Action, Caller, Role, authorise
from privacy.audit import AuditLog
from privacy.audit_callers import knows_callers
from privacy.audit_chain import Fact, Record
from privacy.errors import KeyFileError
from privacy.key_file import KeyFile
from privacy.key_material import key_bytes
from privacy.roles_file import RolesFile
from privacy.tokens import Tokeniser
from streams.audit_anchor import RedisAnchor
from streams.settings import Settings

__all__ = ["AccessDenied", "Action", "Deed", "acting", "audit_log"]

log = logging.getLogger(__name__)

TOKEN_VARIABLE: Final = "SHOPSTREAM_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
NOBODY: Final = "unknown"


@dataclass(slots=True)
class Deed:
    """What an allowed caller is doing; what it notes stands in the closing entry.

    Attributes:
        caller: who does it.
        subject: whom it concerns, where that comes to light later; of the id a keyed digest is written.
    """

    caller: Caller
    subject: str | None = None
    facts: dict[str, Fact] = field(default_factory=dict)

    def note(self, **facts: Fact) -> None:
        """Add facts: numbers and names of things, never personal data or ids in clear."""
        self.facts.update(facts)

    def sees(self, topic: str, field_name: str) -> bool:
        """Whether the caller's role may see this field of events of the input topic."""
        return self.caller.grant.sees(topic, field_name)


@contextmanager
def acting(
    settings: Settings,
    action: str,
    *,
    purpose: str | None = None,
    subject: str | None = None,
    about: Mapping[str, Fact] | None = None,
    ids: Mapping[str, str] | None = None,
) -> Iterator[Deed]:
    """Do something that needs a right and leaves a record: it wraps the work.

    An entry "begun" is on disk before the work starts, one "done" or "failed" when it has ended. Where there is no
    key file yet (`keys init`, a restore), both are written at the end, since the log's key comes from that file.

    Args:
        settings: where key file, roles file and audit log lie.
        action: one of `privacy.access.Action`.
        purpose: what for; a reveal needs one.
        subject: whom it concerns: an id, of which a keyed digest is written.
        about: facts that are no ids and no personal data; `topic` and `field` are checked for a reveal.
        ids: ids of events and the like, by name; keyed digests are written.

    Raises:
        AccessDenied: the caller is not known, or may not do this; that is written, too.
        PrivacyError: the roles file or the audit log can't be used; nothing was begun.
    """
    book = _Book(settings, Record(NOBODY, "", Action(action).value, "", purpose, facts=dict(about or {})))
    book.identify(subject, ids or {})
    told = {name: str(value) for name, value in book.record.facts.items()}
    try:
        caller = _caller(settings, Action(action))
        book.record = replace(book.record, actor=caller.name, role=caller.role.value)
        authorise(
            caller, Action(action), purpose=purpose, topic=told.get("topic"), field_name=told.get("field")
        )
    except AccessDenied as denied:
        book.write("denied", {"why": str(denied)})
        book.close()
        raise
    deed = Deed(caller, subject)
    book.write("begun", {})
    try:
        yield deed
    except BaseException as error:
        book.identify(deed.subject, ids or {})
        failed = _what_failed(error)
        book.write("failed" if failed else "done", {**deed.facts, **({"error": failed} if failed else {})})
        book.close()
        raise
    book.identify(deed.subject, ids or {})
    book.write("done", deed.facts)
    book.close()


def audit_log(settings: Settings, anchor: RedisAnchor | None = None) -> AuditLog:
    """The audit log of an installation, with its anchors.

    Args:
        settings: where the log and the key file lie.
        anchor: one of these settings that was asked before; None for a new one.

    Raises:
        KeyFileError: there is no usable key file.
    """
    return AuditLog(settings.audit_file, token_key(settings), [anchor or RedisAnchor(settings)])


def token_key(settings: Settings) -> bytes:
    """The key of tokens and digests, from which the log's is derived.

    Raises:
        KeyFileError: there is no usable key file, or none in the settings.
    """
    if settings.keys.kek is None:
        return KeyFile(settings.kek_file).load().token_key
    if settings.keys.token_key is None:
        raise KeyFileError("SHOPSTREAM_KEYS__KEK is set without SHOPSTREAM_KEYS__TOKEN_KEY: set both")
    return key_bytes(
        settings.keys.token_key.get_secret_value(), "the environment", "SHOPSTREAM_KEYS__TOKEN_KEY"
    )


class _Book:
    """Writes entries of one deed; keeps them until there is a key file."""

    def __init__(self, settings: Settings, record: Record) -> None:
        self._settings = settings
        self._waiting: list[tuple[Record, dict[str, str]]] = []
        self._names: dict[str, str] = {}
        self._anchor = RedisAnchor(settings)
        self.record = record

    def identify(self, subject: str | None, ids: Mapping[str, str]) -> None:
        """Whom and what the deed concerns; written as digests."""
        self._names = dict(ids) if subject is None else {**ids, "": subject}

    def write(self, outcome: str, facts: Mapping[str, Fact]) -> None:
        record = replace(self.record, outcome=outcome, facts={**self.record.facts, **facts})
        self._waiting.append((record, self._names))
        if self._settings.keys.kek is not None or self._settings.kek_file.exists():
            self._flush()

    def close(self) -> None:
        """What could never be written is at least logged."""
        if self._waiting:
            log.warning(
                "not in the audit log, since there is no key file",
                extra={"action": self.record.action, "outcomes": [one.outcome for one, _ in self._waiting]},
            )

    def _flush(self) -> None:
        tokeniser = Tokeniser(token_key(self._settings))
        audit_log(self._settings, self._anchor).append(
            _digested(one, names, tokeniser) for one, names in self._waiting
        )
        self._waiting.clear()


def _digested(record: Record, names: Mapping[str, str], tokeniser: Tokeniser) -> Record:
    digests = {
        name: tokeniser.digest("audit", value.encode("utf-8", "surrogatepass"))
        for name, value in names.items()
    }
    subject = digests.pop("", None)
    return replace(record, subject=subject, facts={**record.facts, **digests})


def _caller(settings: Settings, action: Action) -> Caller:
    roles = RolesFile(settings.roles_file)
    if roles.path.exists():
        return roles.caller(_token(), datetime.now(UTC))
    if action not in (Action.ACCESS_MANAGE, Action.RESTORE) and (known := _known_by(settings)):
        raise AccessDenied(
            f"the roles file {roles.path}, {known}, is not there: restore it from a backup, or begin anew by"
            " `shopstream access add NAME --role admin`, which stands in the audit log"
        )
    folder = settings.data_dir.absolute()
    if os.getuid() != _owner(folder):
        raise AccessDenied(f"only the owner of {folder} may do this while there is no roles file")
    return Caller(f"uid-{os.getuid()}-{_user_name()}", Role.OWNER)


def _known_by(settings: Settings) -> str | None:
    """What says that there has to be a roles file; None if nothing does."""
    if settings.access.roles_file is not None:
        return "which the settings name"
    if settings.keys.kek is None and not settings.kek_file.exists():
        return None
    known = knows_callers(AuditLog(settings.audit_file, token_key(settings)))
    return "whose callers the audit log names" if known else None


def _token() -> str:
    token = os.environ.get(TOKEN_VARIABLE)
    if not token and sys.stdin.isatty():
        token = getpass.getpass("Access token: ")
    if not token:
        raise AccessDenied(
            f"no access token: set {TOKEN_VARIABLE} (an admin makes one: shopstream access add)"
        )
    return token.strip()


def _owner(folder: Path) -> int:
    """Who owns the folder; of one that is not there yet, who owns where it will be."""
    while not folder.exists():
        folder = folder.parent
    return folder.stat().st_uid


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "unnamed"


def _what_failed(error: BaseException) -> str | None:
    """The type of the error; of a command that ended itself, what it ended for; None for a good end."""
    if isinstance(error, SystemExit):
        return None if error.code in (None, 0) else type(error.__context__ or error).__name__
    return type(error).__name__
