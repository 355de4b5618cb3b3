"""Who may do what in the Redis of data keys, in the words of its access control lists (ACLs)."""

from streams.state.key_records import prefix

_CONNECT = "+ping +hello +auth +select +client|setinfo +client|setname"
_STORE = "+info +waitaof +evalsha +script|load"
_KEYS = "+hget +hset +hsetnx +hincrby +hgetall +exists +del +sadd +sismember"
_FILES = "+bgrewriteaof"
_ALL = "+scan +sscan"


def rules(tenant: str) -> list[str]:
    """Lines of an ACL file, passwords to be filled in.

    A worker reaches the keys of a subject that it knows, and can't find out what subjects there are. An officer can:
    for lists, rewrapping, backup and restore. Nobody else may read anything.
    """
    keys = f"resetkeys ~{_literal(prefix(tenant))}* resetchannels -@all"
    worker = f"{_CONNECT} {_STORE} {_KEYS} {_FILES}"
    return [
        "user default off",
        f"user shopstream-worker reset on >WORKER-PASSWORD {keys} {worker}",
        f"user shopstream-officer reset on >OFFICER-PASSWORD {keys} {worker} {_ALL}",
    ]


def _literal(text: str) -> str:
    """As a pattern that matches only itself; a rule can't hold a space, but a pattern can match it."""
    return "".join("?" if sign.isspace() else f"\\{sign}" if sign in "\\*?[]^" else sign for sign in text)
