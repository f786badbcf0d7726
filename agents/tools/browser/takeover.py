"""Lets a person take over a page, e.g. to sign in; the agent's actions wait until it is handed back."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, suppress

from playwright.async_api import Error, FileChooser, Page

from agents.tools.browser import network_rules
from agents.tools.browser.browser import Browser
from agents.tools.browser.page_session import PageSession, died
from agents.tools.browser.page_state_store import PageOwner
from agents.tools.browser.screencast import Screencast
from agents.tools.browser.takeover_dialogs import PageDialogs
from agents.tools.browser.typed_secrets import TypedSecrets
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.takeover import PageView, Touch
from orchestrator.domain.tool_calls import domain_of
from orchestrator.errors import ToolFailed

NOBODY = "You no longer have control of this page. Take over again."
_NO_FILES = "You can't choose files here. Hand the page back and attach the file in the thread for the agent."
USED = "A person has used this page since you last looked."
_LONGEST = 5.0
"""Timeout of one action in seconds."""
_PATIENCE, _GLANCE = 10.0, 0.25


class BrowserTakeovers:
    """All takeovers of a host. `pause`: seconds between two pictures of one page."""

    def __init__(self, browser: Browser, *, pause: float = 0.125) -> None:
        self._browser, self._pause = browser, pause
        self._takeovers: dict[PageOwner, _Takeover] = {}

    async def take_over(self, task: TaskId, subtask: SubtaskId, domains: Collection[str]) -> None:
        """Waits for the agent's action to end and takes the page; a page already taken only gets the new domains."""
        place = PageOwner(task, subtask)
        if known := self._takeovers.get(place):
            await known.allow(domains)
            return
        async with AsyncExitStack() as stack:
            session_of = await stack.enter_async_context(self._browser.held(place))
            takeover = _Takeover(session_of, frozenset(domains), self._pause)
            await takeover.begin()
            takeover.hold = stack.pop_all()
        self._takeovers[place] = takeover

    async def see(self, task: TaskId, subtask: SubtaskId, after: int) -> tuple[PageView, bytes]:
        return await self._of(task, subtask).see(after)

    async def do(self, task: TaskId, subtask: SubtaskId, touches: Sequence[Touch]) -> None:
        await self._of(task, subtask).do(touches)

    async def let_go(self, task: TaskId, subtask: SubtaskId) -> None:
        if takeover := self._takeovers.pop(PageOwner(task, subtask), None):
            await takeover.end()

    async def leave(self, task: str, subtask: str | None = None) -> None:
        """Ends the takeovers of finished work and closes the pages."""
        for place in [p for p in self._takeovers if p.task == task and subtask in (None, p.subtask)]:
            await self.let_go(TaskId(place.task), SubtaskId(place.subtask))
        await self._browser.leave(task, subtask)

    async def close(self) -> None:
        for place in tuple(self._takeovers):
            await self.let_go(TaskId(place.task), SubtaskId(place.subtask))
        await self._browser.close()

    def _of(self, task: TaskId, subtask: SubtaskId) -> "_Takeover":
        takeover = self._takeovers.get(PageOwner(task, subtask))
        if takeover is None:
            raise ToolFailed(NOBODY)
        return takeover


class _Takeover:
    """One takeover. `session_of` returns the running page; `hold` keeps the agent away."""

    hold: AsyncExitStack

    def __init__(
        self, session_of: Callable[[Collection[str]], Awaitable[PageSession]], domains: frozenset[str], pause: float
    ) -> None:
        self._session_of, self._domains, self._pause = session_of, domains, pause
        self._windows: list[Page] = []
        self._says: list[str] = []
        self._number = 0
        self._shown: tuple[object, ...] = ()
        self._changed = asyncio.Event()
        self._opening = asyncio.Lock()  # one reopening of a crashed page at a time
        self._ended = False
        self._title = ""
        self._asking = PageDialogs(self._drawn)

    async def begin(self) -> None:
        """Takes the page. Raises ToolFailed if the agent has none."""
        self._session = await self._session_of(self._domains)
        if not self._session.page.url.startswith("http"):
            raise ToolFailed("This agent hasn't opened a page yet, so there's nothing to take over.")
        await self._attach()

    async def allow(self, domains: Collection[str]) -> None:
        """Opens what was refused before."""
        guard = self._session.guard
        refused, inside = guard.refused, bool(guard.frames or guard.popup)
        self._domains = frozenset(domains)
        self._session.guard.begin(tuple(sorted(self._domains)), send=True)
        if inside:
            self._says.append("Allowed. Press the link or button again, or Reload if part of the page is missing.")
        elif refused and network_rules.permitted(refused[1], self._session.guard.domains):
            with suppress(Error):
                await self._page.goto(refused[1], wait_until="commit", timeout=_LONGEST * 1000)

    async def see(self, after: int) -> tuple[PageView, bytes]:
        """Returns the view once it is newer than `after`, or as it is after some seconds."""
        until = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            await self._revived()
            view, picture = await self._view(), self._camera.picture
            late = asyncio.get_running_loop().time() > until
            if picture and (view.number > after or late):
                return view, picture
            if late:
                raise ToolFailed("The page can't be shown. Press Reload, or hand the page back.")
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_GLANCE):
                    await self._changed.wait()

    async def do(self, touches: Sequence[Touch]) -> None:
        """Skips input that the page rejects; a page that hangs blocks for a few seconds at most."""
        for touch in touches:
            if self._asking.waits and touch.kind != "answer":
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST):
                    try:
                        doing = self._one(self._page, touch)
                        await (doing if touch.kind == "answer" else self._asking.unless(doing))
                    except Error as error:
                        if died(error):
                            return
        if not self._asking.waits and any(touch.kind in ("down", "up", "key", "answer") for touch in touches):
            await self._asking.unless(self._asking.look(self._page))
            self._changed.set()

    async def end(self) -> None:
        """Hands the page back to the agent."""
        self._ended = True
        await self._asking.end()
        self._typed.done()
        await self._camera.stop()
        self._session.follow, self._session.asked, self._session.guard.follow = None, None, False
        with suppress(Error, KeyError):  # the page may have died
            self._session.page.remove_listener("filechooser", self._file)
        for window in tuple(self._windows):
            with suppress(Error):
                await window.close()
        self._session.seen, self._session.part = ("", ""), 1
        self._session.notes.append(USED)
        await self.hold.aclose()

    @property
    def _page(self) -> Page:
        return self._windows[-1] if self._windows else self._session.page

    async def _attach(self) -> None:
        self._typed = TypedSecrets(self._session)
        self._session.guard.person = True
        self._session.guard.sends.past.act()
        self._session.guard.begin(tuple(sorted(self._domains)), send=True)
        self._session.follow, self._session.asked, self._session.guard.follow = self._window, self._asking.dialog, True
        self._session.page.on("filechooser", self._file)
        self._camera = await Screencast.at(self._page, pause=self._pause, changed=self._drawn)

    def _file(self, chooser: FileChooser) -> None:
        self._says.append(_NO_FILES)
        self._drawn()

    async def _revived(self) -> None:
        """Raises ToolFailed when the page can't be restored."""
        async with self._opening:
            if self._ended:
                raise ToolFailed(NOBODY)
            if self._session.alive:
                return
            self._windows.clear()
            await self._asking.end()
            try:
                self._session = await self._session_of(self._domains)
                await self._attach()
            except Error as error:
                raise ToolFailed("The page crashed and couldn't be reopened. Take over again.") from error
            self._says.append("The page crashed and was reopened; unsent input is lost.")

    async def _window(self, page: Page) -> None:
        """Shows a window that the page opened, such as a provider's sign-in, until it closes."""
        guard, away = self._session.guard, page.url.startswith("http")
        refusal = network_rules.navigation(page.url, "GET", guard.domains, send=True) if away else None
        if refusal:
            guard.refused, guard.popup = (refusal, page.url), (page.url, "GET")
        if refusal or (guard.popup and not away):
            await page.close()
            return
        self._windows.append(page)
        page.on("close", self._window_closed)
        page.on("dialog", self._asking.dialog)
        page.on("filechooser", self._file)
        await self._turn()

    async def _window_closed(self, page: Page) -> None:
        self._windows = [window for window in self._windows if window is not page]
        if not self._ended and self._session.alive:
            with suppress(Error):
                await self._turn()

    async def _turn(self) -> None:
        await self._camera.stop()
        self._camera = await Screencast.at(self._page, pause=self._pause, changed=self._drawn)

    def _drawn(self) -> None:
        self._number += 1
        self._changed.set()

    async def _view(self) -> PageView:
        page, guard = self._page, self._session.guard
        asks = await self._asking.now(page)
        if not self._asking.waits:
            self._title = await _title(page)
        asked = guard.refused[1] if guard.refused else guard.frames[-1] if guard.frames else ""
        wanted = domain_of(asked) or ""
        says = tuple(note[:500] for note in [*self._session.notes, *self._says][-2:])
        if wanted and guard.fence:  # nobody can allow more than the login was made for
            wanted, says = "", (f"The page tried to open {wanted}. {guard.fence.words}",)
        now = (page.url, self._title, len(self._windows), wanted, says, asks)
        if now != self._shown:
            self._shown = now
            self._number += 1
        wide, high = self._camera.size
        return PageView(
            number=self._number, url=page.url[:2000], title=self._title[:300], width=wide, height=high,
            windows=len(self._windows), wanted="" if wanted in guard.domains else wanted, says=says, asks=asks,
        )  # fmt: skip

    async def _one(self, page: Page, touch: Touch) -> None:
        wide, high = self._camera.size
        at = (touch.x * wide, touch.y * high)
        if touch.kind not in ("text", "move"):
            self._typed.done()
        if touch.kind in ("down", "back", "reload"):  # a new attempt
            self._session.guard.refused = self._session.guard.popup = None
            self._session.guard.frames.clear()
        match touch.kind:
            case "move":
                await page.mouse.move(*at)
            case "down":
                await page.mouse.move(*at)
                await page.mouse.down(button=touch.button, click_count=touch.count)
            case "up":
                await page.mouse.move(*at)
                await page.mouse.up(button=touch.button, click_count=touch.count)
            case "wheel":
                await page.mouse.move(*at)
                await page.mouse.wheel(touch.dx, touch.dy)
            case "key":
                await page.keyboard.press(touch.key)
            case "text":
                await page.keyboard.type(touch.text)
                await self._typed.look(page, touch.text)
            case "answer":
                await self._asking.answer(page, touch)
            case "back":
                await page.go_back(wait_until="commit", timeout=_LONGEST * 1000)
            case "reload":
                await page.reload(wait_until="commit", timeout=_LONGEST * 1000)


async def _title(page: Page) -> str:
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(1):
            return await page.title()
    return ""
