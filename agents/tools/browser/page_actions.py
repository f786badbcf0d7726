"""Defines the actions on a page, each as one function of the page session."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urljoin

from playwright.async_api import Error, Locator
from playwright.async_api import TimeoutError as Slow

from agents.tool import CallContext
from agents.tools.browser import file_download, network_rules, page_view
from agents.tools.browser.cookie_banners import dismissed
from agents.tools.browser.field_typing import typed
from agents.tools.browser.page_idle import settle
from agents.tools.browser.page_session import SHORT, PageSession, is_ref
from agents.tools.browser.pressed_button import note_choice, note_press, nothing_pressed
from agents.tools.browser.read_online_pdf import read_pdf
from agents.tools.browser.sends.button_words import NOTHING_PRESSED
from agents.tools.browser.sign_in_and_captcha_hints import is_sign_in
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import domain_of
from orchestrator.errors import ToolFailed

_FIRST, _THEN = SHORT * 0.3, SHORT * 0.5


def domain_at(url: str) -> str:
    """Returns its domain. Raises ToolFailed if it isn't a web address."""
    if domain := domain_of(url):
        return domain
    raise ToolFailed(f"browser_open needs a URL that starts with http:// or https://, not {url!r}.")


async def open_page(session: PageSession, url: str, language: str | None = None) -> str | None:
    """Goes there; returns the text of a PDF, or a sentence for another file."""
    if language:
        await session.speak(language)
    session.guard.sends.past.act()
    session.guard.sends.past.acted, session.guard.sends.past.press = False, NOTHING_PRESSED
    await session.goto(url)
    await settle(session)
    return await _arrived(session)


async def click(session: PageSession, ref: str) -> str | None:
    element = await session.locate(ref)
    await note_press(session, element)
    session.incoming.clear()
    before = session.page.url
    await _try(session, ref, element, "clicked", element.click)
    await settle(session)
    if session.page.url == before and not (session.guard.popup or session.guard.refused):
        await session.incoming.soon()
    return await after(session, before)


async def hover(session: PageSession, ref: str) -> None:
    """Hovers over the element, which opens menus and tooltips."""
    element = await session.locate(ref)
    await _try(session, ref, element, "hovered over", element.hover)
    await settle(session)


async def press(session: PageSession, key: str, ref: str | None) -> str | None:
    """Presses a key. Raises ToolFailed if the key doesn't exist."""
    session.incoming.file = None
    try:
        if ref is None:
            session.guard.sends.past.act()
            await _note_key(session, key)
            await session.page.keyboard.press(key)
        else:
            element = await session.locate(ref)
            await _note_key(session, key, element)
            await _try(session, ref, element, "sent a key press", partial(element.press, key))
    except Error as error:
        if "Unknown key" in error.message:
            raise ToolFailed(
                f"There's no key {key!r}. Use one such as Enter, Escape, Tab, ArrowDown, PageDown, or Control+a."
            ) from error
        raise
    return await after(session)


async def _note_key(session: PageSession, key: str, element: Locator | None = None) -> None:
    if key.split("+")[-1] in ("Enter", "NumpadEnter", "Space", " "):
        await note_press(session, element)
    else:
        nothing_pressed(session)


async def type_text(session: PageSession, ref: str, text: str, *, submit: bool) -> str | None:
    element = await session.locate(ref)
    if await page_view.keep_secret(element) and len(text) >= 4:
        session.secrets.add(text)
    session.guard.sends.past.typed.add(text)
    nothing_pressed(session)
    try:
        await typed(element, text)
        if submit:
            await note_press(session, element)
            await element.press("Enter", timeout=SHORT)
    except Error as error:
        raise await _refused(session, ref, element, "filled in", error) from error
    return await after(session)


async def select(session: PageSession, ref: str, options: list[str]) -> str | None:
    element = await session.locate(ref)
    if await element.evaluate("el => el.tagName") != "SELECT":
        raise ToolFailed(f"{ref!r} isn't a list of options. Open it with browser_click and click the option you want.")
    offered: list[str] = await element.evaluate("el => [...el.options].flatMap(o => [o.label.trim(), o.value])")
    if missing := [o for o in options if o not in offered]:
        raise ToolFailed(
            f"{missing[0]!r} isn't an option in {ref!r}. Choose one of {', '.join(map(repr, offered[:60:2]))}."
        )
    note_choice(session, " ".join(options))
    await element.select_option(options, timeout=SHORT)
    return await after(session)


async def download(session: PageSession, room: CallContext, url_or_ref: str, path: str) -> str:
    """Saves the file behind a URL, a link, or a button that starts a download."""
    file = await _wanted(session, url_or_ref)
    await asyncio.to_thread(room.workspace.write, path, file.content)
    media = f", {file.media}" if file.media else ""
    said = f"Saved {path!r}: {counted(len(file.content), 'byte')}{media}, from {file.url}"
    return f"{said}\n\n{await read_pdf(file.content, file.url)}" if file.is_pdf else said


async def _wanted(session: PageSession, url_or_ref: str) -> file_download.File:
    made = session.incoming.file
    if made is not None and url_or_ref in (made.suggested_filename, made.url):
        session.incoming.file = None
        return await file_download.saved(made, session.incoming, 4 * session.patience)
    return await (_behind(session, url_or_ref) if is_ref(url_or_ref) else file_download.fetch(session, url_or_ref))


async def after(session: PageSession, before: str = "") -> str | None:
    """Handles what an action led to: shows a new window in the page itself, reports a file. `before`: the address
    before an action that has settled."""
    before = before or session.page.url
    await settle(session)
    if session.guard.popup:
        url, method = session.guard.popup
        refusal = network_rules.navigation(url, method, session.guard.domains, send=False)
        if refusal:
            session.guard.refused = (refusal, url)
            return None
        if is_sign_in(url):
            session.notes.append(
                f"The page opened a sign-in window for {url[:300]!r}, which has to stay beside this page, so it was "
                "closed. Call ask_to_take_over: a person can sign in there."
            )
            session.guard.popup, session.windows = None, 0
            return await _arrived(session)
        session.notes.append("The page opened a new window; it's shown here instead.")
        try:
            await session.goto(url)
        except ToolFailed:
            if session.guard.refused:
                return None
            raise
        await settle(session)
    elif session.windows:
        session.notes.append("The page opened an empty window, which was closed; its content is lost.")
    session.windows = 0
    if session.page.url != before:
        session.part = 1
    return await _arrived(session)


async def _arrived(session: PageSession) -> str | None:
    if session.incoming.file is None:
        return await _shown_pdf(session)
    sent = session.incoming.file
    if sent.url.startswith(("blob:", "data:")):
        name = sent.suggested_filename
        return f"The page made a file, {name!r}. Save it with browser_download({name!r}, path)."
    session.incoming.file = None
    if not (sent.url.split("?")[0].lower().endswith(".pdf") or sent.suggested_filename.lower().endswith(".pdf")):
        await sent.cancel()
        return f"That link is a file, {sent.suggested_filename!r}. Save it with browser_download({sent.url!r}, path)."
    await sent.cancel()
    return await _pdf(session, sent.url)


async def _shown_pdf(session: PageSession) -> str | None:
    """A browser with a PDF viewer shows the file as a page without text; the headless shell downloads it."""
    try:
        kind = await session.page.evaluate("document.contentType")
    except Error:  # it is on its way to another page
        return None
    return await _pdf(session, session.page.url) if kind == "application/pdf" else None


async def _pdf(session: PageSession, url: str) -> str:
    file = await file_download.fetch(session, url)
    return f"PDF {file.name} — {file.url}\n\n{await read_pdf(file.content, file.url)}"


async def _behind(session: PageSession, ref: str) -> file_download.File:
    element = await session.locate(ref)
    address = await element.evaluate("el => el.closest('a[href]')?.getAttribute('href') || ''")
    url = urljoin(session.page.url, str(address))
    if address and domain_of(url):
        return await file_download.fetch(session, url)
    try:
        async with session.page.expect_download(timeout=session.patience * 1000) as coming:
            await _try(session, ref, element, "clicked", element.click)
        sent, session.incoming.file = await coming.value, None
        return await file_download.saved(sent, session.incoming, 4 * session.patience)
    except Slow as slow:
        if session.guard.refused:
            raise ToolFailed(network_rules.words(*session.guard.refused, session.guard.fence)) from slow
        raise ToolFailed(
            f"Clicking {ref!r} didn't start a download. Call browser_extract('links') to list the links."
        ) from slow


async def _try(
    session: PageSession, ref: str, element: Locator, verb: str, act: Callable[..., Awaitable[None]]
) -> None:
    """Does it, if needed after a short wait or after dismissing a cookie banner. Raises ToolFailed saying what is in
    the way."""
    try:
        await act(timeout=_FIRST)
        return
    except Slow as slow:
        if not session.alive or (_done(slow) and not await session.answers()):  # it hangs in what was done
            raise
        if _done(slow):
            return
        pressed, over = await dismissed(element) if _COVERED in slow.message else ("", "")
    if pressed:
        session.notes.append(f"A cookie banner was in the way and was dismissed by pressing {pressed!r}.")
    try:
        await act(timeout=_THEN)
    except Slow as error:
        if _done(error):
            return
        if over and not pressed and _COVERED in error.message:
            raise ToolFailed(
                f"{ref!r} can't be {verb} now: {over!r} covers it. Deal with that first, then try again."
            ) from error
        raise await _refused(session, ref, element, verb, error) from error


def _done(slow: Slow) -> bool:
    """The action was done, but the page is slow. Repeating it would do it twice."""
    return slow.message.rfind("performing ") > max(slow.message.rfind(word) for word in (_COVERED, "retrying "))


async def _refused(session: PageSession, ref: str, element: Locator, verb: str, error: Error) -> Exception:
    """Says why the action failed: the element is gone, or in a state that the agent can change."""
    if not session.alive or not isinstance(error, Slow):
        return error
    await session.locate(ref)
    why = next((say for sign, say in _WHY.items() if sign in error.message), "it didn't become ready in time")
    return ToolFailed(f"{ref!r} can't be {verb} now: {why}. Take a new snapshot and see what is in the way.")


_COVERED = "intercepts pointer events"
_WHY = {
    _COVERED: "something covers it",
    "not enabled": "it's disabled until something is filled in or chosen",
    "not visible": "it isn't visible",
    "not editable": "it can't be edited",
    "not an <input>": "it isn't a field",
}
