"""Who may do what in the Redis of data keys, in the words of its access control lists (ACLs)."""

from streams.state.key_records import prefix

_CONNECT = "+ping +hello +auth +select +client|setinfo +client|setname"
_STORE = "+info +waitaof +evalsha +script|load"
_KEYS = "+hget +hset +hsetnx +hincrby +hgetall +exists +sadd +sismember"
_FILES = "+bgrewriteaof +bgsave"
_ALL = "+scan +sscan"


def rules(tenant: str) -> list[str]:
    """Lines of an ACL file, passwords to be filled in.

    A worker reaches the keys of a subject that it knows, and can't find out what subjects there are. It carries out
    erasures, so it may delete such keys, and nothing else. An officer can find out, for lists, rewrapping, backup and
    restore, and alone reaches the audit log's head. Nobody else may read anything. Needs Redis 7 or Valkey.
    """
    own = _literal(prefix(tenant))
    anchor = own.replace("keys:", "audit:", 1)
    keys = f"resetkeys ~{own}* resetchannels -@all"
    worker = f"{_CONNECT} {_STORE} {_KEYS} {_FILES} (+del ~{own}subject:*)"
    return [
        "user default off",
        f"user shopstream-worker reset on >WORKER-PASSWORD {keys} {worker}",
        f"user shopstream-officer reset on >OFFICER-PASSWORD {keys} {worker} {_ALL} (+get +set ~{anchor}*)",
    ]


def _literal(text: str) -> str:
    """As a pattern that matches only itself; a rule can't hold a space, but a pattern can match it."""
    return "".join("?" if sign.isspace() else f"\\{sign}" if sign in "\\*?[]^" else sign for sign in text)
