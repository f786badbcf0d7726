"""Defines the browser tools. Thin: `page_actions` has the actions, `browser` the crash recovery."""

import asyncio
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated, Literal

from agents.tool import CallContext, Tool, tool
from agents.tools.browser import go_back_in_history, page_actions, page_view, scroll_and_wait_for_text
from agents.tools.browser.browser import Browser
from agents.tools.browser.extract_page_parts import What
from agents.tools.browser.logins import about, wanted
from agents.tools.browser.page_action_request import Opening, PageAction
from agents.tools.browser.page_session import PageSession, is_ref
from agents.tools.browser.release_held_sends import release
from agents.tools.browser.save_screenshot import screenshot
from agents.tools.browser.upload import upload
from orchestrator.domain.tool_calls import CallResult, Effect, Label
from orchestrator.errors import ToolFailed

Ref = Annotated[str, "ref of an element in the last snapshot, e.g. e12"]
_READ = (Effect.READ,)
_SAVE = (Effect.READ, Effect.WRITE_WORKSPACE)
_FETCH = (Effect.NETWORK_READ, Effect.WRITE_WORKSPACE)
_TAINTS = (Label.UNTRUSTED,)


def tools(browser: Browser) -> list[Tool]:
    """Returns the tools of one host's browser."""
    return [*_opening(browser), *_looking(browser), *_acting(browser), *_sending(browser), *_saving(browser)]


def _opening(browser: Browser) -> Iterable[Tool]:
    @tool(effects=(Effect.NETWORK_READ,), target="url", login="login", beside="login_hosts", taints=_TAINTS)
    async def browser_open(
        room: CallContext,
        url: Annotated[str, "full URL, http or https"],
        login: Annotated[
            str | None, "one of your team's logins, e.g. crm; a new name creates one for this site"
        ] = None,
        login_hosts: Annotated[
            list[str] | None, "with login: other hosts that its pages need, e.g. for single sign-on"
        ] = None,
        language: Annotated[str | None, "language to ask the site for, e.g. de-DE; default: en-US"] = None,
    ) -> CallResult:
        """Open a page and see it. The text of a PDF is returned directly.

        With `login` the page uses your team's session and reaches only that site's hosts; a person is asked first.
        """
        domain = page_actions.domain_at(url)
        room.progress(f"Opening {domain}")
        opening = Opening(domain, wanted(room, login, login_hosts))

        async def action(session: PageSession) -> str | None:
            session.notes += await asyncio.to_thread(about, browser.logins, session.carried, room.call.team, domain)
            return await page_actions.open_page(session, url, language)

        return await browser.act(room, action, opening=opening)

    return (browser_open,)


def _looking(browser: Browser) -> Iterable[Tool]:
    @tool(effects=_READ, taints=_TAINTS)
    async def browser_snapshot(room: CallContext) -> CallResult:
        """See the open page. Elements in [brackets] can be acted on by their ref: [e5 link "Home" /start]."""
        return await browser.act(room, _show)

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_scroll(room: CallContext, direction: Literal["down", "up", "end"]) -> CallResult:
        """Scroll the open page, which may load more; also shows the next part of a long snapshot.

        `end` scrolls until nothing new loads: for pages with infinite scrolling.
        """
        action: PageAction = (
            scroll_and_wait_for_text.scroll_to_end
            if direction == "end"
            else lambda s: scroll_and_wait_for_text.scroll(s, direction == "down")
        )
        return await browser.act(room, action, whole=False)

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_wait(
        room: CallContext,
        text: Annotated[str, "text to wait for"],
        seconds: Annotated[float, "timeout in seconds, at most 30"] = 10,
    ) -> CallResult:
        """Wait until text appears on the open page, e.g. a result that is still being computed."""
        return await browser.act(
            room, lambda session: scroll_and_wait_for_text.wait_for(session, text, seconds), whole=False
        )

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_back(room: CallContext) -> CallResult:
        """Go back to the previous page."""
        return await browser.act(room, go_back_in_history.back)

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_extract(
        room: CallContext, what: What, number: Annotated[int | None, "only this table, counting from 1"] = None
    ) -> CallResult:
        """Extract something from the open page.

        `article`: the main text as Markdown, best for reading. `text`: all readable text. `tables`: as rows, tab
        separated. `links`: name and URL. `images`: the page's descriptions and URLs.
        """

        async def action(session: PageSession) -> str:
            await session.closed.open()
            return f"{session.page.url}\n\n{await page_view.readable(session, what, number)}"

        return await browser.act(room, action)

    return (browser_snapshot, browser_scroll, browser_wait, browser_back, browser_extract)


def _acting(browser: Browser) -> Iterable[Tool]:
    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_click(room: CallContext, ref: Ref) -> CallResult:
        """Click an element. What the page would send is held back; the answer says how to send it."""
        return await browser.act(room, lambda session: page_actions.click(session, ref), again=False, whole=False)

    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_type(
        room: CallContext, ref: Ref, text: str, submit: Annotated[bool, "press Enter afterward"] = False
    ) -> CallResult:
        """Type into a field, replacing its content; suggestions that appear are in the answer."""
        action: PageAction = lambda session: page_actions.type_text(session, ref, text, submit=submit)  # noqa: E731
        return await browser.act(room, action, again=False, whole=False)

    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_select(
        room: CallContext, ref: Ref, options: Annotated[list[str], "the options to choose"]
    ) -> CallResult:
        """Choose options in a list."""
        return await browser.act(
            room, lambda session: page_actions.select(session, ref, options), again=False, whole=False
        )

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_hover(room: CallContext, ref: Ref) -> CallResult:
        """Hover over an element to open its menu or tooltip."""
        return await browser.act(room, lambda session: page_actions.hover(session, ref), whole=False)

    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_press(
        room: CallContext,
        key: Annotated[str, "e.g. Enter, Escape, Tab, ArrowDown, Control+a"],
        ref: Annotated[str | None, "element that receives the key; default: the focused one"] = None,
    ) -> CallResult:
        """Press a key."""
        return await browser.act(room, lambda session: page_actions.press(session, key, ref), again=False, whole=False)

    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_upload(
        room: CallContext,
        ref: Annotated[str, "ref of the file field, or of the button that asks for a file"],
        path: Annotated[str, "the file in the workspace"],
    ) -> CallResult:
        """Choose a workspace file in a file field. If the page sends it immediately, that is held back; else click the
        form's button. The answer says how to send it."""

        async def action(session: PageSession) -> str | None:
            await upload(session, room, ref, path)
            session.notes.append(f"The file {PurePosixPath(path).name!r} was chosen.")
            return await page_actions.after(session)

        return await browser.act(room, action, again=False, whole=False)

    return (browser_click, browser_type, browser_select, browser_hover, browser_press, browser_upload)


def _sending(browser: Browser) -> Iterable[Tool]:
    @tool(effects=(Effect.NETWORK_SEND,), target="message", releases="message", taints=_TAINTS, repeat=False)
    async def browser_send(
        room: CallContext, message: Annotated[str, "the message's address, as the page's answer names it"]
    ) -> CallResult:
        """Send what the page wanted to send and was held back, exactly as it is. A person is asked first."""
        if not room.call.send:
            raise ToolFailed("Nobody approved sending that, so nothing was sent.")

        async def action(session: PageSession) -> None:
            await release(session, message, lambda: browser.remember(room.call, session))

        return await browser.act(room, action, again=False, sends=True, alone=True, bare=True)

    return (browser_send,)


def _saving(browser: Browser) -> Iterable[Tool]:
    @tool(effects=_FETCH, target="url_or_ref", taints=_TAINTS)
    async def browser_download(
        room: CallContext,
        url_or_ref: Annotated[str, "URL of the file, or ref of a link or button on the open page"],
        path: Annotated[str, "where to save it in the workspace"],
    ) -> CallResult:
        """Save a file from the web to the workspace. The text of a PDF is also returned."""
        bare = not is_ref(url_or_ref)
        return await browser.act(
            room, lambda session: page_actions.download(session, room, url_or_ref, path), bare=bare
        )

    @tool(effects=_SAVE, taints=_TAINTS)
    async def browser_screenshot(
        room: CallContext,
        path: Annotated[str, "a .png or .jpg file"],
        ref: Annotated[str | None, "element to capture; default: the page"] = None,
    ) -> CallResult:
        """Save a screenshot of the open page, or of one element, to the workspace, and look at it."""
        result = await browser.act(room, lambda session: screenshot(session, room, path, ref))
        return await asyncio.to_thread(page_view.shown, room, path, result) if result.ok else result

    return (browser_download, browser_screenshot)


async def _show(session: PageSession) -> str:
    return await page_view.read(session)
