"""Uploads a workspace file to a page."""

import asyncio
import mimetypes
from pathlib import PurePosixPath

from playwright.async_api import Error, FilePayload, Locator
from playwright.async_api import TimeoutError as Slow

from agents.tool import CallContext
from agents.tools.browser.page_session import ASKS_FOR_FILE, SHORT, PageSession
from orchestrator.errors import ToolFailed

MOST = 45_000_000
_SPEED = 1_000
"""Bytes that a page takes per millisecond even on a busy machine."""

_INPUT = """el => (el.matches('input[type=file]') ? el : el.control || el.querySelector('input[type=file]'))
  || el.closest('label')?.control || null"""


async def upload(session: PageSession, room: CallContext, ref: str, path: str) -> None:
    """Puts the file into the field, or into the one that opens when the button is clicked. Raises ToolFailed.

    From then on no part of it leaves the page unless a person approves the message.
    """
    file = await asyncio.to_thread(_payload, room, path)
    patience = SHORT + len(file["buffer"]) / _SPEED
    name, media = file["name"], file["mimeType"]
    element = await session.locate(ref)
    session.guard.sends.chosen(name, file["buffer"])
    field = (await element.evaluate_handle(_INPUT)).as_element()
    if field is None:
        await _chosen(session, ref, element, file, patience)
    elif await field.is_disabled():
        raise ToolFailed(f"{ref!r} is disabled. Fill in what the page requires first.")
    elif wrong := await field.evaluate(_UNFIT, [name, media]):
        raise ToolFailed(f"{ref!r} accepts only {wrong}; {name!r} is a different type.")
    else:
        await field.set_input_files(file, timeout=patience)


def _payload(room: CallContext, path: str) -> FilePayload:
    name = PurePosixPath(path).name
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"name": name, "mimeType": media, "buffer": room.workspace.read(path, most=MOST)}


async def _chosen(session: PageSession, ref: str, element: Locator, file: FilePayload, patience: float) -> None:
    try:
        async with session.page.expect_file_chooser(timeout=SHORT) as coming:
            await element.click(timeout=SHORT)
        chooser = await coming.value
    except Slow as slow:
        raise ToolFailed(f"{ref!r} isn't a file field. Use the ref of the file field or of its button.") from slow
    try:
        await chooser.set_files(file, timeout=patience)
        session.notes[:] = [note for note in session.notes if note != ASKS_FOR_FILE]
    except Error as error:
        raise ToolFailed(f"{ref!r} didn't accept the file: {error.message.splitlines()[0]}.") from error


_UNFIT = """(el, [name, media]) => {
  const wanted = (el.accept || '').split(',').map(w => w.trim().toLowerCase()).filter(Boolean);
  const fits = w => w.startsWith('.') ? name.toLowerCase().endsWith(w)
    : w.endsWith('/*') ? media.startsWith(w.slice(0, -1)) : media === w;
  return wanted.length === 0 || wanted.some(fits) ? '' : el.accept;
}"""
