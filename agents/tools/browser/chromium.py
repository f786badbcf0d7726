"""Runs a host's only browser process: starts it when first needed, restarts it after a crash."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from playwright.async_api import Browser as Process
from playwright.async_api import Error, Playwright

from agents.browser_start_failures import because
from agents.sandbox import namespace_rules
from agents.tools.browser.sends.unrouted_requests import UnseenRequests
from agents.tools.playwright_driver import started
from orchestrator.errors import ToolFailed

FLAGS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--no-pings",
    "--dns-prefetch-disable",
    # ways out that no route and no net below it sees
    "--disable-blink-features=FetchLaterAPI,SharedWorker,WebSocketStream",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


class _Running(NamedTuple):
    driver: Playwright
    process: Process


class Chromium:
    """`executable` None means the browser from `playwright install`."""

    def __init__(self, executable: str | None, *, as_root: bool) -> None:
        self._executable = executable
        self._as_root = as_root
        self._running: asyncio.Task[_Running] | None = None
        self._dead: Process | None = None
        self.unseen = UnseenRequests()

    async def get(self) -> Process:
        """Returns the running browser. Raises ToolFailed when none can be started.

        Canceling the caller doesn't stop the start, because half a start would leave an orphaned process.
        """
        if self._running is None or (self._running.done() and not self._alive(self._running)):
            self._running = asyncio.create_task(self._start(self._running))
        try:
            return (await asyncio.shield(self._running)).process
        except Error as error:
            rules = await asyncio.to_thread(namespace_rules.looked_up)
            cause = because(error.message, apparmor=rules.apparmor) or (
                f"{error.message.splitlines()[0]}. Ask the owner of this host to run `threadwork doctor`."
            )
            raise ToolFailed(f"The browser couldn't be started: {cause}") from error

    def lost(self, process: Process) -> None:
        """Marks it dead: if its driver was killed, the process itself still looks connected."""
        self._dead = process

    async def close(self) -> None:
        """Ends the browser and its driver and waits until both have exited."""
        running, self._running = self._running, None
        if running is not None:
            await _end(running)

    async def _start(self, before: "asyncio.Task[_Running] | None") -> _Running:
        if before is not None:
            await _end(before)
        driver = await started()
        try:
            process = await driver.chromium.launch(
                executable_path=self._executable,
                args=list(FLAGS),
                chromium_sandbox=not self._as_root,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            await self.unseen.watch(process)
        except BaseException:
            await driver.stop()
            raise
        return _Running(driver, process)

    def _alive(self, running: "asyncio.Task[_Running]") -> bool:
        if running.cancelled() or running.exception() is not None:
            return False
        process = running.result().process
        return process is not self._dead and process.is_connected()


async def _end(running: "asyncio.Task[_Running]") -> None:
    with suppress(Error):
        driver, process = await running
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(5):
                await process.close()
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(5):
                await driver.stop()
