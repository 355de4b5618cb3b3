"""Roles, and the file of callers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy.access import GRANTS, AccessDenied, Action, Caller, Purpose, Role, authorise
from privacy.private_file import PrivateFileError
from privacy.roles_file import RolesFile, RolesFileError

NOW = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        (Role.WORKER, Action.REVEAL, False),
        (Role.ANALYST, Action.REVEAL, False),
        (Role.ANALYST, Action.AUDIT_READ, False),
        (Role.SUPPORT_AGENT, Action.REVEAL, True),
        (Role.SUPPORT_AGENT, Action.ERASE, False),
        (Role.SUPPORT_AGENT, Action.AUDIT_READ, False),
        (Role.PRIVACY_OFFICER, Action.REVEAL, True),
        (Role.PRIVACY_OFFICER, Action.ERASE, True),
        (Role.PRIVACY_OFFICER, Action.REDRIVE, True),
        (Role.PRIVACY_OFFICER, Action.KEYS_EXPORT, False),
        (Role.PRIVACY_OFFICER, Action.ACCESS_MANAGE, False),
        (Role.ADMIN, Action.KEYS_EXPORT, True),
        (Role.ADMIN, Action.RESTORE, True),
        (Role.ADMIN, Action.REDRIVE, True),
        (Role.SUPPORT_AGENT, Action.REDRIVE, False),
        (Role.ADMIN, Action.REVEAL, False),
        (Role.ADMIN, Action.ERASE, False),
    ],
)
def test_the_table_says_who_may_do_what(role: Role, action: Action, *, allowed: bool) -> None:
    try:
        authorise(Caller("x", role), action, purpose="support")
    except AccessDenied:
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize(
    ("action", "roles"), [(Action.ERASE, "privacy_officer"), (Action.REDRIVE, "privacy_officer or admin")]
)
def test_a_refusal_names_the_roles_that_can_be_given(action: Action, roles: str) -> None:
    with pytest.raises(AccessDenied, match=f"needs the role {roles}$"):
        authorise(Caller("x", Role.ANALYST), action)


def test_the_owner_may_do_all() -> None:
    assert GRANTS[Role.OWNER].actions == frozenset(Action)


@pytest.mark.parametrize(
    ("purpose", "topic", "field", "refused"),
    [
        ("support", "support-tickets", None, None),
        ("support", "support-tickets", "text", None),
        ("support", "support-tickets", "$event", "field"),
        ("support", "reviews", "text", "reviews"),
        ("incident", "support-tickets", "text", "stated purpose, which has to be support$"),
        (None, "support-tickets", "text", "stated purpose, which has to be support$"),
    ],
)
def test_a_support_agent_sees_texts_of_tickets_to_answer_them(
    purpose: str | None, topic: str, field: str | None, refused: str | None
) -> None:
    agent = Caller("sam", Role.SUPPORT_AGENT)
    if refused is None:
        authorise(agent, Action.REVEAL, purpose=purpose, topic=topic, field_name=field)
        return
    with pytest.raises(AccessDenied, match=refused):
        authorise(agent, Action.REVEAL, purpose=purpose, topic=topic, field_name=field)


def test_an_officer_sees_every_field_for_every_stated_purpose() -> None:
    officer = Caller("pia", Role.PRIVACY_OFFICER)
    for purpose in Purpose:
        authorise(officer, Action.REVEAL, purpose=purpose, topic="reviews", field_name="$event")
    with pytest.raises(AccessDenied):
        authorise(officer, Action.REVEAL, topic="reviews")


@pytest.fixture
def roles(tmp_path: Path) -> RolesFile:
    return RolesFile(tmp_path / "access" / "roles.json")


def test_a_token_is_its_callers_and_is_kept_nowhere(roles: RolesFile) -> None:
    admin = roles.add("ann", Role.ADMIN, now=NOW)
    agent = roles.add("sam", Role.SUPPORT_AGENT, now=NOW, expires=NOW + timedelta(days=1))
    assert roles.caller(admin, NOW) == Caller("ann", Role.ADMIN)
    assert roles.caller(agent, NOW) == Caller("sam", Role.SUPPORT_AGENT)
    content = roles.path.read_text()
    assert admin not in content
    assert agent.removeprefix("shopstream_") not in content
    assert roles.path.stat().st_mode & 0o777 == 0o600


def test_a_token_that_ended_or_was_never_given_is_refused(roles: RolesFile) -> None:
    roles.add("ann", Role.ADMIN, now=NOW)
    token = roles.add("sam", Role.SUPPORT_AGENT, now=NOW, expires=NOW + timedelta(days=1))
    with pytest.raises(AccessDenied, match="expired"):
        roles.caller(token, NOW + timedelta(days=1))
    with pytest.raises(AccessDenied, match="not one of"):
        roles.caller(token + "x", NOW)
    roles.remove("sam")
    with pytest.raises(AccessDenied, match="not one of"):
        roles.caller(token, NOW)


def test_there_is_always_an_admin(roles: RolesFile) -> None:
    with pytest.raises(RolesFileError, match="admin"):
        roles.add("sam", Role.SUPPORT_AGENT, now=NOW)
    assert roles.entries() is None
    roles.add("ann", Role.ADMIN, now=NOW)
    with pytest.raises(RolesFileError, match="admin"):
        roles.remove("ann")
    with pytest.raises(RolesFileError, match="there is a caller"):
        roles.add("ann", Role.ANALYST, now=NOW)


def test_a_file_open_to_others_damaged_or_naming_an_owner_is_refused(roles: RolesFile) -> None:
    roles.add("ann", Role.ADMIN, now=NOW)
    content = roles.path.read_text()
    roles.path.chmod(0o644)
    with pytest.raises(PrivateFileError, match="chmod 600"):
        roles.entries()
    roles.path.chmod(0o600)
    for broken in (
        content[:-20],
        content.replace('"admin"', '"owner"'),
        content.replace('"ann"', '"Ann Lee"'),
        "[]",
    ):
        roles.path.write_text(broken)
        with pytest.raises(RolesFileError, match="restore it"):
            roles.entries()
