"""Holds one subtask's page: its context, its guard, and what happened since the agent last looked."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, cast

from playwright.async_api import Browser as Process
from playwright.async_api import BrowserContext, Dialog, Error, FileChooser, Locator, Page, Request
from playwright.async_api import TimeoutError as Slow

from agents.egress.allowed_targets import Grant
from agents.egress.parse_proxy_request import STATUS
from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_port
from agents.tools.browser import network_rules
from agents.tools.browser.login_storage import secret_values
from agents.tools.browser.logins import NONE, Carried, WantedLogin
from agents.tools.browser.navigation_guard import NavigationGuard
from agents.tools.browser.page_downloads import Incoming
from agents.tools.browser.page_open_errors import further, not_opened, reason, unreachable
from agents.tools.browser.page_state_store import PastPage, found_again
from agents.tools.browser.sends.send_gate import SendGate
from agents.tools.browser.sends.unrouted_requests import UnseenRequests
from agents.tools.browser.shadow_roots import ShadowRoots
from agents.tools.browser.snapshot import MASK
from orchestrator.errors import ToolFailed

SIZE = (1280, 800)
_UPLOAD = 200 << 20
_REF = re.compile(r"(f\d+)?e\d+")
SHORT = 5_000
"""Timeout of an action on an element in milliseconds: a ref that was re-rendered away never comes back."""


ASKS_FOR_FILE = "The page asks for a file. Use browser_upload with the ref of what was clicked."
_TO_AGREE = "If the task needs a different answer, call ask_to_take_over: a person can give it."


class RefGone(Exception):
    """The agent's ref no longer identifies that element."""


@dataclass(eq=False)
class PageSession:
    """`notes`: sentences for the agent (dialogs, new windows); `incoming`: a download the page started; `names`: the
    element behind each ref when the agent last looked; `part`: the visible part of a long page; `seen`: address and
    whole snapshot of the last look; `windows`: how many were closed at once; `follow`: handles new windows during a
    takeover, `asked` handles dialogs; `carried`: the login that the page uses; `told`: refusals of its proxy that the
    agent already knows."""

    context: BrowserContext
    page: Page
    patience: float
    guard: NavigationGuard
    way: AsyncExitStack
    port: int
    closed: ShadowRoots
    notes: list[str] = field(default_factory=list[str])
    secrets: set[str] = field(default_factory=set[str])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    expected: Mapping[str, str] | None = None
    part: int = 1
    seen: tuple[str, str] = ("", "")
    incoming: Incoming = field(default_factory=Incoming)
    windows: int = 0
    follow: Callable[[Page], Awaitable[None]] | None = None
    asked: Callable[[Dialog], Awaitable[None]] | None = None
    carried: Carried | None = None
    wanted: WantedLogin = NONE
    told: set[str] = field(default_factory=set[str])
    crashed: bool = False
    voice: Any = None
    loading: set[Request] = field(default_factory=set[Request])

    @classmethod
    async def open(
        cls,
        process: Process,
        past: PastPage,
        patience: float,
        near: tuple[str, ...] = (),
        carried: Carried | None = None,
        *,
        unseen: UnseenRequests,
    ) -> "PageSession":
        """Creates a context with the storage of `past`, or of the login, and an empty page; doesn't open `past.url`
        yet.

        Its only route to the network is its own proxy, at a port that no other page uses.
        """
        proxy, gate = Proxy(Grant(), whose="page", upload=_UPLOAD), SendGate(unseen)
        gate.held.load(past.held)
        guard = NavigationGuard(proxy, gate, near, carried.fence if carried else None, person=past.person)
        async with AsyncExitStack() as way:
            port = await way.enter_async_context(at_port(guard.proxy))
            context = await process.new_context(
                storage_state=cast(Any, carried.base if carried else past.storage),
                viewport={"width": SIZE[0], "height": SIZE[1]},
                service_workers="block",
                locale="en-US",
                proxy={"server": f"http://127.0.0.1:{port}"},
                http_credentials=cast(Any, carried and carried.http_credentials),
            )
            way.push_async_callback(_end, context)
            way.push_async_callback(gate.close)
            page = await context.new_page()
            closed = ShadowRoots(await context.new_cdp_session(page))
            await closed.watch()
            session = cls(context, page, patience, guard, way, port, closed, carried=carried, wanted=past.wanted)
            session.secrets |= secret_values(carried.base) if carried else set()
            session.secrets |= {carried.login.http[1]} if carried and carried.login.http else set()
            await session._listen()
            session.way = way.pop_all()
        return session

    @property
    def alive(self) -> bool:
        browser = self.context.browser
        return not (self.crashed or self.page.is_closed()) and browser is not None and browser.is_connected()

    async def close(self) -> None:
        await self.way.aclose()

    async def _listen(self) -> None:
        self.context.set_default_timeout(SHORT)
        self.page.on("crash", self._crash)
        self.page.on("dialog", self._dialog)
        self.page.on("filechooser", self._chooser)
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._answered)
        self.page.on("requestfailed", self._answered)
        self.context.on("page", self._window)
        await self.incoming.watch(self.context, self.page)
        await self.guard.watch(self.context, self.page)

    def _chooser(self, chooser: FileChooser) -> None:
        if self.asked is None:
            self.notes.append(ASKS_FOR_FILE)

    def _crash(self, page: Page) -> None:
        self.crashed = True

    def _asked(self, request: Request) -> None:
        self.loading.add(request)

    def _answered(self, request: Request) -> None:
        self.loading.discard(request)
        self.guard.sends.ended(request)

    async def _window(self, page: Page) -> None:
        if page is not self.page and self.follow:
            with suppress(Error):
                await self.follow(page)
        elif page is not self.page:
            self.windows += 1
            with suppress(Error):
                await page.close()

    async def _dialog(self, dialog: Dialog) -> None:
        """Reads an alert, allows leaving a page, and answers any other question with no; during a takeover the person
        answers."""
        if self.asked:
            await self.asked(dialog)
            return
        agree = dialog.type in ("alert", "beforeunload")
        if dialog.type == "beforeunload":
            self.notes.append("The page warned that changes on it might not be saved; it was left anyway.")
        else:
            answer = "closed" if agree else f"dismissed with Cancel. {_TO_AGREE}"
            self.notes.append(
                f"The page showed a dialog ({dialog.type}): {dialog.message[:500]!r}; it was {answer.rstrip('.')}."
            )
        with suppress(Error):
            await (dialog.accept() if agree else dialog.dismiss())

    def check(self, url: str, *, named: bool = False) -> None:
        """Raises ToolFailed if the run may not open the URL; `named`: the agent itself named it."""
        if not network_rules.permitted(url, self.guard.domains):
            fence = self.guard.fence
            raise ToolFailed(
                network_rules.closed(url)
                if named and not fence
                else network_rules.words(network_rules.Refusal.DOMAIN, url, fence)
            )

    async def goto(self, url: str) -> None:
        """Opens the URL; a file becomes `incoming`. Raises ToolFailed: not allowed, unreachable, timed out."""
        self.check(url, named=True)
        self.incoming.file = None
        try:
            answer = await self.page.goto(url, wait_until="domcontentloaded", timeout=self.patience * 1000)
        except Slow as slow:
            await self.guard.stop()
            raise ToolFailed(
                f"{url!r} didn't load within {self.patience:g} s. Try again, or use another page."
            ) from slow
        except Error as error:
            if self.guard.refused:
                raise ToolFailed(network_rules.words(*self.guard.refused, self.guard.fence)) from error
            if self.guard.proxy.refusals:
                raise unreachable(url, self.guard.proxy.refusals[-1]) from error
            if died(error):
                raise
            if not self.alive or self.incoming.file or "Download is starting" in error.message:
                if self.alive:
                    return
                raise
            if "ERR_ABORTED" in error.message and not await self.answers():
                raise  # its renderer died, which is reported a moment later
            raise not_opened(url, reason(error)) from error
        self.part, self.seen = 1, ("", "")
        if answer is not None and STATUS.lower() in answer.headers:
            raise unreachable(url, await answer.text())
        if answer is not None and answer.status >= 400:
            self.notes.append(f"The server returned status {answer.status}. {further(answer.status, answer.headers)}")

    async def locate(self, ref: str) -> Locator:
        """Returns the element behind the ref. Raises RefGone, ToolFailed if it isn't a ref, TimeoutError when it
        hangs."""
        if not is_ref(ref):
            raise ToolFailed(f"There's no ref {ref[:80]!r}. Refs look like e12; browser_snapshot shows them.")
        self.guard.sends.past.act()
        now = ref if self.expected is None else found_again(ref, self.expected, self.names)
        if now is None:
            raise RefGone
        try:
            found = self.page.get_by_ref(now)
            async with asyncio.timeout(SHORT / 1000):
                if await found.count() == 0:
                    raise RefGone
        except Error as error:
            if self.alive:
                raise RefGone from error
            raise
        return found

    async def answers(self) -> bool:
        """Returns False when the page hangs, as in an endless loop."""
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(self.patience / 5):
                await self.page.evaluate("1")
                return True
        return False

    async def agent(self) -> str:
        """Returns the browser's user agent; empty if the page can't say."""
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(2):
                return str(await self.page.evaluate("navigator.userAgent"))
        return ""

    async def speak(self, language: str) -> None:
        """Asks sites for that language from now on."""
        self.voice = self.voice or cast(Any, await self.context.new_cdp_session(self.page))
        said = {"userAgent": await self.agent(), "acceptLanguage": language}
        await self.voice.send("Emulation.setUserAgentOverride", said)

    async def cookies(self, url: str) -> str:
        """Returns the cookies that the page would send to the URL."""
        found = await self.context.cookies(url)
        return "; ".join(f"{row.get('name', '')}={row.get('value', '')}" for row in found)

    def safe(self, text: str) -> str:
        """Returns the text without passwords that were typed here."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def is_ref(words: str) -> bool:
    """Returns whether it looks like the ref of an element."""
    return bool(_REF.fullmatch(words))


async def _end(context: BrowserContext) -> None:
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(5):
            await context.close()


def died(error: Error) -> bool:
    """Returns whether the error says that the page or browser is gone; this can be known before `alive` is updated."""
    return "crashed" in error.message or "has been closed" in error.message
