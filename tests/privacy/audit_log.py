"""What tests of the audit log write."""

from privacy.audit_chain import Record

TOKEN_KEY = bytes(range(32))


def record(number: int) -> Record:
    return Record("mia", "admin", "keys.list", "done", facts={"number": number})
