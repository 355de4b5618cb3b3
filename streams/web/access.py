"""Who may read what: probes are open, all else needs the token where one is set."""

import hmac
import ipaddress

from streams.delivery.errors import WorkerDefect
from streams.settings import WebSettings

OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""Answered without a token: an orchestrator's probes have none, and learn nothing but up or down and why."""


class Access:
    """The bearer token of RFC 6750, compared in constant time.

    Args:
        token: None lets everybody in.
    """

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    @classmethod
    def of(cls, settings: WebSettings) -> "Access":
        """The access that the settings ask for.

        Raises:
            WorkerDefect: the server would be open to other machines without a token.
        """
        token = settings.token.get_secret_value() if settings.token else ""
        if not token and not is_loopback(settings.host):
            raise WorkerDefect(
                "web.host is not this machine's own (127.0.0.1, ::1 or localhost), so others could read the metrics: "
                "set SHOPSTREAM_WEB__TOKEN, or turn the server off with SHOPSTREAM_WEB__PORT=0"
            )
        return cls(token or None)

    def allows(self, path: str, authorization: str | None) -> bool:
        """Whether a request with this `Authorization` header, if any, may read this path."""
        if self._token is None or path in OPEN_PATHS:
            return True
        scheme, _, given = (authorization or "").partition(" ")
        known = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), self._token)
        return known and scheme.lower() == "bearer"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address. Of names only `localhost` is trusted to be so (RFC 6761)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
