"""An audit log with some entries."""

from pathlib import Path

import pytest

from privacy.audit import AuditLog
from tests.privacy.audit_log import TOKEN_KEY, record


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    log = AuditLog(tmp_path / "audit.jsonl", TOKEN_KEY)
    for number in range(5):
        log.append([record(number)])
    return log
