"""The worker's own small server for health and metrics; nothing else is served.

It runs in the worker's event loop on purpose: one that stands still answers no probe.
"""

import asyncio
import errno
import logging
from typing import Any

from aiohttp import web
from aiohttp.hdrs import ALLOW, AUTHORIZATION, METH_GET, METH_HEAD, SERVER, WWW_AUTHENTICATE

from streams.delivery.errors import WorkerDefect
from streams.health import Health
from streams.settings import WebSettings
from streams.web.access import Access
from streams.web.pages import PAGES

log = logging.getLogger(__name__)

PORTS_TRIED = 21
"""Its own port and the next ones: no worker should die because a port is taken."""

HIGHEST_PORT = 65_535

IDLE_SECONDS = 75.0
"""How long a connection may say nothing; longer than the 15 to 60 s between two scrapes."""

CLOSING_SECONDS = 1.0
"""How long a request under way may take when the server stops."""


class HealthServer:
    """Serves a worker's health and metrics.

    Args:
        health: what the worker says about itself.
        settings: address, port and token; port 0 turns the server off.
        slot: the worker's; its port is `settings.port` plus this, None counts as 0.

    Raises:
        WorkerDefect: other machines reach the address and there is no token.
    """

    def __init__(self, health: Health, settings: WebSettings, slot: int | None = None) -> None:
        self._health = health
        self._settings = settings
        self._access = Access.of(settings) if settings.port else Access(None)
        self._first_port = settings.port + (slot or 0)
        self._runner: web.ServerRunner | None = None
        self.port: int | None = None
        """Where it listens; None while it does not."""

    async def start(self) -> None:
        """Listens, on the next free port when its own is taken; goes on without where none is free.

        Raises:
            WorkerDefect: the address can't be listened on at all; the text says what to change.
        """
        if not self._settings.port:
            return
        server = web.Server(
            self._answer, request_factory=AnonymousRequest, access_log=None, keepalive_timeout=IDLE_SECONDS
        )
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=CLOSING_SECONDS)
        await self._runner.setup()
        self.port = await self._listen(self._runner)
        facts = {"host": self._settings.host, "port": self.port, "wanted": self._first_port}
        if self.port is None:
            log.warning("no port is free: health and metrics are not served", extra=facts)
            await self.stop()
        elif self.port != self._first_port:
            log.warning("the port is taken: health and metrics are served on another one", extra=facts)
        else:
            log.info("health and metrics are served", extra=facts)

    async def stop(self) -> None:
        """Stops listening."""
        runner, self._runner, self.port = self._runner, None, None
        if runner:
            await runner.cleanup()

    async def _listen(self, runner: web.ServerRunner) -> int | None:
        """The first port that could be had, or None."""
        for port in range(self._first_port, min(self._first_port + PORTS_TRIED, HIGHEST_PORT + 1)):
            try:
                await web.TCPSite(runner, self._settings.host, port).start()
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                await self.stop()
                raise WorkerDefect(
                    f"web.host and web.port can't be listened on ({type(error).__name__}, errno {error.errno}): "
                    "correct SHOPSTREAM_WEB__HOST and SHOPSTREAM_WEB__PORT, or set the port to 0 for no server"
                ) from error
            return port
        return None

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        """One request's answer. Who has no token learns not even what there is."""
        if not self._access.allows(request.path, request.headers.get(AUTHORIZATION)):
            return web.Response(status=401, headers={WWW_AUTHENTICATE: "Bearer"})
        page = PAGES.get(request.path)
        if page is None:
            return web.Response(status=404)
        if request.method not in (METH_GET, METH_HEAD):
            return web.Response(status=405, headers={ALLOW: f"{METH_GET}, {METH_HEAD}"})
        return page(request, self._health)


class AnonymousRequest(web.BaseRequest):
    """A request whose answer does not name the software, not even where what came was no HTTP."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts, loop=asyncio.get_running_loop())  # type: ignore[misc]  # five, all but the loop

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        # aiohttp's last step before it writes the headers; its public signal leaves out errors in parsing.
        response.headers.pop(SERVER, None)
