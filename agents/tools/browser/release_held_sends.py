"""Sends what was held, as it was held, once."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Error

from agents.tools.browser.page_idle import settle
from agents.tools.browser.page_open_errors import reason
from agents.tools.browser.page_session import PageSession
from agents.tools.browser.sends.button_words import NOTHING_PRESSED
from agents.tools.browser.sends.held_sends import Holding, NotWaiting
from agents.tools.browser.sends.outgoing_message import SOCKET
from orchestrator.errors import ToolFailed

_ANSWER = 20_000
_SHOWN = 1_000
"""Characters of a service's answer that the agent reads."""
_DOCUMENT = "document"


async def release(session: PageSession, name: str, save: Callable[[], Awaitable[None]]) -> None:
    """Sends it. `save` must keep that it may have left, so that nothing is sent twice after a crash.

    Raises ToolFailed: not held, sent before, or no longer possible; then nothing was sent.
    """
    held = session.guard.sends.held
    row = held.rows.get(name)
    if row is None:
        raise ToolFailed(f"Nothing is held back as {name[:300]!r}. Repeat what causes it; the answer names it.")
    if row.sent:
        raise ToolFailed(f"{name!r} was already sent and won't be sent again. Look at the page for the result.")
    row.sent = True
    await save()
    session.guard.sends.past.press = NOTHING_PRESSED
    session.notes.append(await _sent(session, row))
    await _covered(session, row)
    await settle(session)
    if file := session.incoming.file:
        name = file.suggested_filename
        session.notes.append(f"A file came back: {name!r}. Save it with browser_download({name!r}, path).")


async def _covered(session: PageSession, row: Holding) -> None:
    """Lets go what else the page waits for at the endpoint that the approval covers."""
    rows = session.guard.sends.held.rows.values()
    same = [one for one in rows if row.endpoint and one.endpoint == row.endpoint and one.live and not one.sent]
    for one in same:
        one.sent = True
    await asyncio.gather(*(one.live() for one in same if one.live), return_exceptions=True)


async def _sent(session: PageSession, row: Holding) -> str:
    if row.live is not None:
        try:
            return await row.live()
        except NotWaiting:
            pass
    if row.message.kind == SOCKET:
        raise ToolFailed("The page closed that connection, so nothing was sent. Repeat what causes the message.")
    if not row.message.complete:
        raise ToolFailed("The page no longer has the whole message, so nothing was sent. Repeat what caused it.")
    return await (_opened(session, row) if row.message.kind == _DOCUMENT else _copied(session, row))


async def _opened(session: PageSession, row: Holding) -> str:
    """Opens the page that the form leads to, with what the form sends."""
    session.guard.replay = row
    try:
        await session.goto(row.message.url)
    except ToolFailed as failed:
        return f"It may have been sent, but no page came back: {failed} Check whether it took effect."
    finally:
        session.guard.replay = None
    return "It was sent." if session.incoming.file else "It was sent; this is the page that came back."


async def _copied(session: PageSession, row: Holding) -> str:
    """Sends it beside the page, with its cookies, because the page no longer waits for an answer."""
    session.check(row.message.url)
    message = row.message
    try:
        answer = await session.context.request.fetch(
            message.url, method=message.method, headers=dict(row.headers), data=message.body or None,
            max_redirects=0, timeout=_ANSWER,
        )  # fmt: skip
        text = (await answer.text())[:_SHOWN]
        await answer.dispose()
    except (Error, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, Error) else "its answer isn't text"
        return f"It was sent, but no answer came ({why}). Check whether it took effect."
    return f"It was sent; the service answered with status {answer.status}: {text}"
