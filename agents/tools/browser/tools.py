"""The browser as tools for agents. Thin: what happens is in `deeds`, how it survives in `browser`."""

from collections.abc import Iterable
from typing import Annotated, Literal

from agents.tool import Room, Tool, tool
from agents.tools.browser import deeds, look
from agents.tools.browser.browser import Browser
from agents.tools.browser.extract import What, extract
from agents.tools.browser.seat import Seat
from orchestrator.domain.calls import CallResult, Effect, Label, domain_of

Ref = Annotated[str, "ref of an element in the last snapshot, e.g. e12"]
_READ = (Effect.READ,)
_SAVE = (Effect.READ, Effect.WRITE_WORKSPACE)
_FETCH = (Effect.NETWORK_READ, Effect.WRITE_WORKSPACE)
_TAINTS = (Label.UNTRUSTED,)


def tools(browser: Browser) -> list[Tool]:
    """The tools of one host's browser."""
    return [*_looking(browser), *_acting(browser), *_saving(browser)]


def _looking(browser: Browser) -> Iterable[Tool]:
    @tool(effects=(Effect.NETWORK_READ,), target="url", taints=_TAINTS)
    async def browser_open(room: Room, url: Annotated[str, "full address, http or https"]) -> CallResult:
        """Open a page and see it. The text of a PDF is returned directly."""
        room.progress(f"Opening {domain_of(url) or url}")
        return await browser.act(room, lambda seat: deeds.open_page(seat, url), fresh=True)

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_snapshot(room: Room) -> CallResult:
        """See the open page. Things in [brackets] can be acted on by their ref: [e5 link "Home" /start]."""
        return await browser.act(room, _show)

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_scroll(room: Room, direction: Literal["down", "up"]) -> CallResult:
        """Scroll the open page, which may load more of it; also shows the next part of a long snapshot."""
        return await browser.act(room, lambda seat: deeds.scroll(seat, direction == "down"))

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_back(room: Room) -> CallResult:
        """Go back to the page before this one."""
        return await browser.act(room, deeds.back)

    @tool(effects=_READ, taints=_TAINTS)
    async def browser_extract(room: Room, what: What) -> CallResult:
        """Take the readable text, the tables (tab separated) or the links (name and URL) out of the open page."""

        async def deed(seat: Seat) -> str:
            return f"{seat.page.url}\n\n{await extract(seat.page, what)}"

        return await browser.act(room, deed)

    return (browser_open, browser_snapshot, browser_scroll, browser_back, browser_extract)


def _acting(browser: Browser) -> Iterable[Tool]:
    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_click(room: Room, ref: Ref) -> CallResult:
        """Click an element. A form that sends data is not sent this way; use browser_submit."""
        return await browser.act(room, lambda seat: deeds.click(seat, ref), again=False)

    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_type(
        room: Room, ref: Ref, text: str, submit: Annotated[bool, "press Enter afterwards"] = False
    ) -> CallResult:
        """Fill a field, replacing what stands in it."""
        return await browser.act(room, lambda seat: deeds.type_text(seat, ref, text, submit=submit), again=False)

    @tool(effects=_READ, taints=_TAINTS, repeat=False)
    async def browser_select(room: Room, ref: Ref, options: Annotated[list[str], "what to choose"]) -> CallResult:
        """Choose options of a list."""
        return await browser.act(room, lambda seat: deeds.select(seat, ref, options), again=False)

    @tool(effects=(Effect.NETWORK_SEND,), taints=_TAINTS, repeat=False)
    async def browser_submit(room: Room, ref: Ref) -> CallResult:
        """Send the form that the element (its button, or a field) belongs to. A person is asked first."""
        return await browser.act(room, lambda seat: deeds.submit(seat, ref), again=False, sends=True)

    return (browser_click, browser_type, browser_select, browser_submit)


def _saving(browser: Browser) -> Iterable[Tool]:
    @tool(effects=_FETCH, target="url_or_ref", taints=_TAINTS)
    async def browser_download(
        room: Room,
        url_or_ref: Annotated[str, "address of the file, or ref of a link or button on the open page"],
        path: Annotated[str, "where to save it in the workspace"],
    ) -> CallResult:
        """Save a file from the web in the workspace."""
        return await browser.act(room, lambda seat: deeds.download(seat, room, url_or_ref, path))

    @tool(effects=_SAVE, taints=_TAINTS)
    async def browser_screenshot(room: Room, path: Annotated[str, "ends in .png or .jpg"]) -> CallResult:
        """Save a picture of the open page in the workspace."""
        return await browser.act(room, lambda seat: deeds.screenshot(seat, room, path))

    return (browser_download, browser_screenshot)


async def _show(seat: Seat) -> str:
    return await look.read(seat)
