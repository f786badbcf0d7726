"""Runs the host's browser: one process, one page per subtask, a few active at a time, restored after a crash."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Browser as Process
from playwright.async_api import Error

from agents.encrypted_file_store import Vault
from agents.tool import MOST_TEXT, CallContext, clipped
from agents.tools.browser import network_rules, page_view
from agents.tools.browser.chromium import Chromium
from agents.tools.browser.login_storage import secret_values
from agents.tools.browser.logins import Carried, Logins, Removed, WantedLogin
from agents.tools.browser.page_action_request import Errand, Opening, PageAction, crashes_told, held_words, none_open
from agents.tools.browser.page_idle import settle
from agents.tools.browser.page_open_errors import reason
from agents.tools.browser.page_session import PageSession, RefGone, died
from agents.tools.browser.page_state_store import PageMemory, PageOwner, PastPage
from orchestrator.domain.ids import CallId, SubtaskId, TaskId
from orchestrator.domain.tool_calls import CallResult, HostCall, Label
from orchestrator.errors import ToolFailed

_NOTHING = "about:blank"
_TAINT = frozenset((Label.UNTRUSTED,))


class Browser:
    """`executable` None means Playwright's own download; `home` keeps what survives a restart; `as_root` turns off
    Chromium's own sandbox, which root can't use. `patience`: seconds a page may take to load; `active`: how many pages
    work at the same time (others queue). `key` encrypts what is kept in `home`; `permits`: whether the host's owner
    lets a page with a login reach a domain."""

    def __init__(
        self,
        executable: str | None,
        home: Path,
        as_root: bool,
        *,
        patience: float = 15.0,
        active: int = 5,
        near: tuple[str, ...] = (),
        key: str = "",
        permits: Callable[[str], bool] = lambda domain: True,
    ) -> None:
        self._chromium = Chromium(executable, as_root=as_root)
        vault = Vault(home, key)
        self._memory = PageMemory(vault)
        self.logins = Logins(vault, permits)
        self._patience = patience
        self._near = near
        self._sessions: dict[PageOwner, PageSession] = {}
        self._one_action: defaultdict[PageOwner, asyncio.Lock] = defaultdict(
            asyncio.Lock
        )  # per page: its actions in order
        self._turns = asyncio.Semaphore(active)  # first come, first served

    async def act(
        self,
        room: CallContext,
        action: PageAction,
        *,
        again: bool = True,
        opening: Opening | None = None,
        sends: bool = False,
        whole: bool = True,
        bare: bool = False,
        alone: bool = False,
    ) -> CallResult:
        """Does the action on the call's page, reopening the page first if it was lost.

        `again`: may be repeated if the browser dies halfway. `opening`: the action opens its own page, so the last one
        isn't reopened. `sends`: the outcome is unknown if the browser dies halfway. Not `whole`: showing what changed
        is enough. `bare`: it needs no open page. `alone`: it sends one thing itself; what else the page sends meanwhile
        isn't approved. Raises ToolFailed.
        """
        place = PageOwner(room.call.task, room.call.subtask)
        errand = Errand(room, action, whole)
        async with self._one_action[place], self._turns:
            call = room.call.model_copy(update={"send": room.call.send and not alone})
            session = await self._session(place, call, opening)
            if not (opening or bare) and session.page.url == _NOTHING:
                raise none_open(session)
            try:
                return await self._bounded(place, session, errand)
            except Error as error:
                if session.alive and not died(error):
                    if not await session.answers():
                        raise await self._hung(session) from error
                    raise ToolFailed(f"The action failed: {reason(error)}. Take a new snapshot.") from error
                session.crashed = True
            session = await self._session(place, call, opening)
            if again:
                with crashes_told():
                    return await self._bounded(place, session, errand)
            session.notes.append(
                "The page crashed during this action and was reopened. Check whether the action took effect."
            )
            with crashes_told():
                result = await self._result(place, session, room, await page_view.read(session), ok=False)
                return result.model_copy(update={"unknown": sends})

    @asynccontextmanager
    async def held(self, place: PageOwner) -> AsyncGenerator[Callable[[Collection[str]], Awaitable[PageSession]]]:
        """Gives the page to a person, who may open the domains given with each call; the agent's actions wait until
        then."""

        async def session(domains: Collection[str]) -> PageSession:
            call = HostCall(
                id=CallId("takeover"), task=TaskId(place.task), subtask=SubtaskId(place.subtask), tool="", args={},
                domains=tuple(sorted(domains)), send=True,
            )  # fmt: skip
            return await self._session(place, call)

        async with self._one_action[place]:
            try:
                yield session
            finally:
                if (left := self._sessions.get(place)) and left.alive:
                    left.guard.send = False
                    await self._remember(place, left)

    async def leave(self, task: str, subtask: str | None = None) -> None:
        """Closes the subtask's page, or all pages of the task, and forgets them."""
        gone = [p for p in {*self._sessions, *self._one_action} if p.task == task and subtask in (None, p.subtask)]
        for place in gone:
            async with self._one_action[place]:
                if session := self._sessions.pop(place, None):
                    if session.carried and session.alive:
                        with suppress(Error, ToolFailed):
                            await self._remember(place, session)
                    await session.close()
            self._one_action.pop(place, None)
        await asyncio.to_thread(self._memory.forget, task, subtask)

    async def close(self) -> None:
        """Ends the browser process. A later Browser with the same `home` reopens what was open."""
        sessions = tuple(self._sessions.values())
        self._sessions.clear()
        await self._chromium.close()
        for session in sessions:
            await session.close()

    async def _session(self, place: PageOwner, call: HostCall, opening: Opening | None = None) -> PageSession:
        """Returns the page of that place: the open one, or a new one restored from disk."""
        session = self._sessions.get(place)
        if session is not None and session.alive and (opening is None or opening.wanted == session.wanted):
            await self._renew(place, session)
            _begin(session, call)
            return session
        past = await asyncio.to_thread(self._memory.load, place)
        if opening and opening.wanted != past.wanted:
            past = replace(past, wanted=opening.wanted, held=[], person=False)
        carried = await self._carried(past.wanted, opening.domain if opening else None)
        if session is not None:
            await self._sessions.pop(place).close()
        with crashes_told():
            session = await self._new_session(past, carried)
        self._sessions[place] = session
        _begin(session, call.model_copy(update={"send": False}))
        if past.url and not opening:
            await self._reopen(session, past)
        _begin(session, call)
        return session

    async def _carried(self, wanted: WantedLogin, made_for: str | None) -> Carried | None:
        return await asyncio.to_thread(self.logins.carry, wanted, made_for) if wanted.name else None

    async def _renew(self, place: PageOwner, session: PageSession) -> None:
        """Loads what other users of the login renewed. Raises ToolFailed when the login was removed."""
        if session.carried is None:
            return
        try:
            session.carried, cookies = await asyncio.to_thread(self.logins.news, session.carried)
        except Removed as gone:
            await self._sessions.pop(place).close()
            name = session.wanted.name
            raise ToolFailed(
                f"The login {name!r} was removed by its owner, so its page was closed. Open a page without it, or call "
                "ask_person."
            ) from gone
        if cookies:
            await session.context.add_cookies(cast(Any, cookies))
            session.secrets |= secret_values(session.carried.base)

    async def _new_session(self, past: PastPage, carried: Carried | None) -> PageSession:
        process = await self._chromium.get()
        try:
            return await self._open(process, past, carried)
        except Error as error:
            if not died(error):
                raise
            self._chromium.lost(process)
            return await self._open(await self._chromium.get(), past, carried)

    async def _open(self, process: Process, past: PastPage, carried: Carried | None) -> PageSession:
        return await PageSession.open(process, past, self._patience, self._near, carried, unseen=self._chromium.unseen)

    async def _hung(self, session: PageSession) -> ToolFailed:
        await session.close()
        return ToolFailed(f"The page {session.page.url!r} stopped responding and was closed. Open another page.")

    async def _reopen(self, session: PageSession, past: PastPage) -> None:
        try:
            await session.goto(past.url)
        except (ToolFailed, Error) as error:
            session.notes.append(f"The page couldn't be reopened after a restart: {error}")
            return
        await settle(session)
        with suppress(Error):
            await page_view.read(session)
            session.expected, session.seen = past.names, ("", "")
        session.notes.append("The page was reopened after a restart; unsent input is lost.")

    async def _bounded(self, place: PageOwner, session: PageSession, errand: Errand) -> CallResult:
        """Runs the action with a timeout; closes a page that hangs."""
        try:
            async with asyncio.timeout(4 * self._patience + 30):
                return await self._done(place, session, errand)
        except TimeoutError as error:
            raise await self._hung(session) from error

    async def _done(self, place: PageOwner, session: PageSession, errand: Errand) -> CallResult:
        room = errand.room
        try:
            said = await errand.action(session)
        except RefGone:
            session.notes.append("That ref no longer exists. Here's a new snapshot.")
            return await self._result(place, session, room, await page_view.read(session), ok=False)
        except ToolFailed as failed:
            if session.alive and session.guard.sends.held.untold:
                return await self._result(place, session, room, str(failed), ok=False)
            if session.alive:
                await self._remember(place, session)
            raise
        finally:
            session.guard.send = False
        words = _refusal(session)
        if words and said is not None:  # the page tried that on its own while it was being viewed
            said = f"[{words}]\n{said}"
        elif words:
            return await self._result(place, session, room, f"{words}\nYou're still on {session.page.url!r}.", ok=False)
        shown = await page_view.read(session, whole=errand.whole) if said is None else said
        return await self._result(place, session, room, shown)

    async def _result(
        self, place: PageOwner, session: PageSession, room: CallContext, text: str, *, ok: bool = True
    ) -> CallResult:
        picture = await page_view.picture(session, room)
        held = tuple(
            one.model_copy(update={"words": session.safe(one.words)}) for one in session.guard.sends.held.news()
        )
        await self._remember(place, session)
        labels = _TAINT | {Label.PRIVATE} if session.carried else _TAINT
        lines = held_words(held)
        said = clipped(session.safe(text), most=MOST_TEXT - len(lines)) + lines
        return CallResult(ok=ok, text=said, picture=picture, labels=labels, held=held)

    async def remember(self, call: HostCall, session: PageSession) -> None:
        """Saves the page of that call, with what it has sent."""
        await self._remember(PageOwner(call.task, call.subtask), session)

    async def _remember(self, place: PageOwner, session: PageSession) -> None:
        """Saves the address even when the storage can't be read (a page that hangs)."""
        before = await asyncio.to_thread(self._memory.load, place)
        storage: dict[str, Any] | None = None
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(5):
                storage = cast(dict[str, Any], await session.context.storage_state(indexed_db=True))
        if session.carried and storage is not None:
            session.secrets |= secret_values(storage)
            session.carried = await asyncio.to_thread(self.logins.save, session.carried, storage, place.task)
        kept = before.storage if session.carried or storage is None else storage
        url = session.page.url if session.page.url.startswith("http") else before.url
        held, person = session.guard.sends.held.saved(), session.guard.person
        past = PastPage(url, kept, dict(session.names), session.wanted, held, person)
        await asyncio.to_thread(self._memory.save, place, past)


def _refusal(session: PageSession) -> str:
    """Returns why the page was kept from going somewhere; empty if it wasn't."""
    return network_rules.words(*session.guard.refused, session.guard.fence) if session.guard.refused else ""


def _begin(session: PageSession, call: HostCall) -> None:
    """Starts an action with the call's own permissions."""
    session.guard.begin(call.domains, send=call.send, private=call.private, endpoints=call.endpoints)
