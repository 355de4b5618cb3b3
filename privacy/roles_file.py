"""The roles file: who may call, and with which token.

A JSON object, mode 0600: `{"format": "shopstream-roles/1", "callers": [{"name": "mia", "role": "admin",
"token_sha256": "…", "created": "2026-03-14T09:26:53+00:00", "expires": null}]}`.

Tokens are 256 random bits, so a plain SHA-256 keeps them: salt and a slow hash protect secrets that people
choose, and no list of guesses covers 2^256 (NIST SP 800-63B §3.1.2.2 asks for no more above 112 bits). Whoever
reads the file can't call by it.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from privacy.access import AccessDenied, Caller, Role
from privacy.envelope import to_base64url
from privacy.errors import PrivacyError
from privacy.private_file import locked, read_private, write_private

FORMAT: Final = "shopstream-roles/1"
TOKEN_PREFIX: Final = "shopstream_"  # noqa: S105 - what tokens begin with, so that scanners find leaked ones
_TOKEN_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


class RolesFileError(PrivacyError):
    """The roles file is damaged, or what is asked of it makes no sense; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One caller of the file; times have an offset."""

    name: str
    role: Role
    token_sha256: str = field(repr=False)
    created: datetime
    expires: datetime | None = None

    @classmethod
    def parse(cls, data: dict[str, str | None]) -> Self:
        """From JSON; `ValueError`, `KeyError` or `TypeError` where it is no entry."""
        expires, name = data["expires"], str(data["name"])
        if not _NAME.fullmatch(name):
            raise ValueError("name")
        return cls(
            name=name,
            role=assignable(str(data["role"])),
            token_sha256=bytes.fromhex(str(data["token_sha256"])).hex(),
            created=datetime.fromisoformat(str(data["created"])).astimezone(UTC),
            expires=None if expires is None else datetime.fromisoformat(expires).astimezone(UTC),
        )

    def document(self) -> dict[str, str | None]:
        """As the file holds it."""
        return {
            "name": self.name,
            "role": self.role.value,
            "token_sha256": self.token_sha256,
            "created": self.created.isoformat(),
            "expires": None if self.expires is None else self.expires.isoformat(),
        }

    def ended(self, now: datetime) -> bool:
        """Whether its token has expired."""
        return self.expires is not None and now >= self.expires


def check_name(name: str) -> None:
    """Whether a caller may be called so: names stand in the audit log for good, so no text of any kind is one.

    Raises:
        RolesFileError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise RolesFileError("a caller's name is 1 to 64 of a-z, 0-9, '.', '_' and '-'")


def assignable(name: str) -> Role:
    """A role that the file may give; `ValueError` for others: the owner is nobody's to name."""
    role = Role(name)
    if role is Role.OWNER:
        raise ValueError(name)
    return role


class RolesFile:
    """Callers and their tokens in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry] | None:
        """All callers; None where there is no file.

        Raises:
            RolesFileError: it is damaged.
            PrivateFileError: it can't be read, or others may.
        """
        content = read_private(self.path)
        return None if content is None else parse_roles(content, str(self.path))

    def caller(self, token: str, now: datetime) -> Caller:
        """Who holds `token`.

        Raises:
            AccessDenied: nobody does, or it has expired; the message does not say which tokens exist.
        """
        digest = _digest(token)
        found = None
        for entry in self.entries() or ():  # all of them: the time taken tells nothing
            if hmac.compare_digest(entry.token_sha256, digest):
                found = entry
        if found is None:
            raise AccessDenied("the access token is not one of this installation: ask an admin for yours")
        if found.ended(now):
            raise AccessDenied("the access token has expired: ask an admin for a new one")
        return Caller(found.name, found.role)

    def add(self, name: str, role: Role, *, now: datetime, expires: datetime | None = None) -> str:
        """Let a caller in; returns the token, which is kept nowhere.

        Raises:
            RolesFileError: the name is taken or none, it expires in the past, or no admin would be there.
        """
        check_name(name)
        if expires is not None and expires <= now:
            raise RolesFileError("the token would have expired already: give a later time")
        token = TOKEN_PREFIX + to_base64url(secrets.token_bytes(_TOKEN_BYTES))
        with locked(self.path):
            entries = self.entries() or []
            if any(entry.name == name for entry in entries):
                raise RolesFileError(f"there is a caller {name}: remove it first, its token ends then")
            self._save([*entries, Entry(name, role, _digest(token), now, expires)])
        return token

    def remove(self, name: str) -> None:
        """Let a caller in no more.

        Raises:
            RolesFileError: there is none of that name, or it is the last admin.
        """
        with locked(self.path):
            entries = self.entries() or []
            rest = [entry for entry in entries if entry.name != name]
            if len(rest) == len(entries):
                raise RolesFileError(f"there is no caller {name}")
            self._save(rest)

    def _save(self, entries: list[Entry]) -> None:
        if not any(entry.role is Role.ADMIN and entry.expires is None for entry in entries):
            raise RolesFileError(
                "one admin whose token does not expire must stay, or nobody could add another"
            )
        document = {"format": FORMAT, "callers": [entry.document() for entry in entries]}
        write_private(self.path, json.dumps(document, indent=1).encode() + b"\n")


def parse_roles(content: bytes, source: str) -> list[Entry]:
    """The callers that a roles file's content names; `source` is what messages call it."""
    try:
        data = json.loads(content)
        if data["format"] == FORMAT:
            return [Entry.parse(one) for one in data["callers"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise RolesFileError(f"{source} is not a roles file of the format {FORMAT}: restore it from a backup")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
