"""Shows a page: text for the agent, a small picture for people. Passwords appear in neither."""

import asyncio
import re
from contextlib import suppress
from pathlib import PurePosixPath

from playwright.async_api import Error, Locator, Page
from playwright.async_api import TimeoutError as Slow

from agents.tool import CallContext
from agents.tools.browser import snapshot
from agents.tools.browser.code_and_formulas import code_on, formulas_on, with_code_lines
from agents.tools.browser.crossed_out_marks import with_tildes
from agents.tools.browser.extract_page_parts import What, cleaned, extract
from agents.tools.browser.hidden_text import unseen_texts, without
from agents.tools.browser.mark_crossed_out_text import crossed_out_marked
from agents.tools.browser.name_unnamed_elements import name_elements
from agents.tools.browser.page_session import PageSession
from agents.tools.browser.partial_lists import partial_lists
from agents.tools.browser.print_dialogs import ASKED, asked_to_print
from agents.tools.browser.sign_in_and_captcha_hints import hint
from agents.tools.browser.snapshot_diff import changes
from agents.tools.browser.unreadable_page_hints import oddities
from agents.tools.prepare_picture_for_showing import fitted, for_people
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import CallResult

_SINCE = "changes since you last looked: - removed, + added; everything else, including refs, is unchanged"
MOST = 20_000
"""Characters of a snapshot in one answer."""

MOST_ELEMENTS = 40_000
"""Largest page shown with refs; a larger one is shown as text."""
SNAPSHOT = 20_000
"""Timeout of a snapshot in milliseconds; a slower page is shown as text, too."""
LONGEST = 20.0
"""Seconds a large page may take to return its text; one that can't count its elements in half of that hangs."""
MOST_EDITORS = 40
"""Empty fields that are asked for their text."""
_EDITED = "el => el.isContentEditable || !('value' in el) ? el.innerText : ''"
_HANGS = "the page isn't responding"
_COUNT = "document.body ? document.getElementsByTagName('*').length : -1"
_BODILESS = (
    "document.body ? document.body.innerText : document.documentElement ? document.documentElement.textContent : ''"
)
"""The text of an XML file or a drawing; a page that has removed its content has none."""
_BARE = "this page is too large for refs, so only its text is shown; browser_extract('links') lists URLs to open"

_COVER = "#9aa1ad"
NAMED_SECRET = """el => {
  const hint = `${el.autocomplete || ''} ${el.name || ''} ${el.id || ''}`;
  return el.type === 'password'
    || /passw|one-time-code|cc-csc|cvv|cvc|(^|[\\s_-])(pass|pwd|passcode)($|[\\s_-])/i.test(hint);
}"""
_SECRET = f"el => el.hasAttribute('data-kept-secret') || ({NAMED_SECRET})(el)"
KEEP_SECRET = "el => el.setAttribute('data-kept-secret', '')"
_SECRET_FIELDS = (
    "input[type=password], [data-kept-secret], input[autocomplete*=password], input[autocomplete=one-time-code], "
    "input[name*=passw i], input[name=pass i], input[name=pwd i]"
)


async def read(session: PageSession, *, whole: bool = True) -> str:
    """Returns title, address, what happened, and the current part of the page; its refs are valid from now on.

    Not `whole`: only what changed since the last look, if that is much shorter.
    """
    (before, was), now = session.seen, await _words(session)
    if await asked_to_print(session.page):
        session.notes.append(ASKED)
    session.seen = (session.page.url, now)
    part, partial = snapshot.part_of(now, session.part, MOST), await partial_lists(session.page)
    session.part = part.number
    changed = changes(was, now) if not whole and before == session.page.url and part.total == 1 else None
    if changed is not None:
        head = f"{await session.page.title()} — {session.page.url}"
        return session.safe("\n".join([head, *_happened(session), f"[{_SINCE}]", "", changed, *partial]))
    lines = [
        f"{await session.page.title()} — {session.page.url}",
        *_happened(session),
        "",
        part.text or "(the page is empty)",
    ]
    if part.total > 1:
        lines.append(
            f"[part {part.number} of {part.total}; browser_scroll shows the next part, browser_extract the full text]"
        )
    return session.safe("\n".join([*lines, *partial, *await oddities(session), *await hint(session)]))


async def _words(session: PageSession) -> str:
    """Returns the page with its refs, or its text if it is too large. Raises Error when it hangs."""
    raw = await _tree(session)
    session.expected = None
    if raw is None:
        session.names = {}
        session.notes.append(_BARE)
        try:
            async with asyncio.timeout(LONGEST):
                return await readable(session, "text")
        except TimeoutError as late:
            raise Error(_HANGS) from late
    if not raw:
        session.names = {}
        return cleaned(str(await session.page.evaluate(_BODILESS)))
    hidden = await _secret_refs(session.page, raw)
    formulas = await formulas_on(session.page, await asyncio.to_thread(snapshot.formulas, raw))
    written = await _written(session.page, raw) | formulas
    unseen = await unseen_texts(session.page)
    session.names = await asyncio.to_thread(snapshot.names_of, raw)
    shown = await asyncio.to_thread(snapshot.compact, raw, hidden, written)
    return without(with_code_lines(with_tildes(shown), await code_on(session.page)), unseen)


async def _tree(session: PageSession) -> str | None:
    """Returns Playwright's snapshot; None if the page is too large for it, nothing if the page has no body."""
    try:
        async with asyncio.timeout(LONGEST / 2):
            count = int(await session.page.evaluate(_COUNT))
    except Error:  # it went to another page in the meantime, or died
        count = 0
    except TimeoutError as late:
        raise Error(_HANGS) from late
    await session.closed.open()
    if count < 0:
        return ""
    if count > MOST_ELEMENTS:
        return None
    with suppress(Slow):
        await name_elements(session.page)
        async with crossed_out_marked(session.page):
            return await session.page.aria_snapshot(mode="ai", timeout=SNAPSHOT)
    return None


async def readable(session: PageSession, what: What, number: int | None = None) -> str:
    """Returns what the page contains, without what people can't see."""
    text = without(await extract(session.page, what, number), await unseen_texts(session.page))
    partial = await partial_lists(session.page) if what in ("article", "text", "tables") else []
    return "\n".join([text, *partial])


def _happened(session: PageSession) -> list[str]:
    notes = [f"[{n}]" for n in session.notes]
    if session.guard.fence and (new := [words for words in session.guard.proxy.refusals if words not in session.told]):
        session.told.update(new)
        notes.append(f"[{' '.join(new)} If the page needs one, add it to login_hosts in browser_open.]")
    notes += [
        f"[A frame tried to load {u[:300]!r} and was blocked; browser_open asks for permission.]"
        for u in session.guard.frames
    ]
    session.notes.clear()
    session.guard.frames.clear()
    return notes


async def _secret_refs(page: Page, raw: str) -> list[str]:
    """Returns the filled-in fields that contain passwords; a field that no longer responds counts as one."""

    async def asked(ref: str) -> bool:
        try:
            return bool(await page.get_by_ref(ref).evaluate(_SECRET, timeout=1000))
        except Error:
            return True

    refs = await asyncio.to_thread(snapshot.filled_fields, raw)
    answers = await asyncio.gather(*(asked(ref) for ref in refs))
    return [ref for ref, secret in zip(refs, answers, strict=True) if secret]


async def _written(page: Page, raw: str) -> dict[str, str]:
    """Returns the text of editors by ref: elements that people write in and that aren't fields of a form."""

    async def asked(ref: str) -> str:
        try:
            return str(await page.get_by_ref(ref).evaluate(_EDITED, timeout=1000))
        except Error:
            return ""

    refs = (await asyncio.to_thread(snapshot.empty_fields, raw))[:MOST_EDITORS]
    answers = await asyncio.gather(*(asked(ref) for ref in refs))
    return {ref: " ".join(text.split()) for ref, text in zip(refs, answers, strict=True) if text.strip()}


def covered(session: PageSession) -> list[Locator]:
    """Returns what a picture must not show: secret fields, and text that contains a secret."""
    fields = [frame.locator(_SECRET_FIELDS) for frame in session.page.frames]
    if not session.secrets:
        return fields
    spoken = re.compile("|".join(re.escape(one) for one in sorted(session.secrets)))
    return fields + [frame.get_by_text(spoken) for frame in session.page.frames]


async def keep_secret(field: Locator) -> bool:
    """Returns whether what is typed there must be hidden; marks the field, so that it stays covered if the page
    reveals its text."""
    secret = bool(await field.evaluate(_SECRET))
    if secret:
        await field.evaluate(KEEP_SECRET)
    return secret


async def picture(session: PageSession, room: CallContext) -> FileRef | None:
    """Returns a small JPEG of what a person would see now; None if the page can't be drawn."""
    with suppress(Error):
        drawn = await session.page.screenshot(
            type="jpeg", quality=80, mask=covered(session), mask_color=_COVER, animations="disabled", scale="css"
        )
        return await asyncio.to_thread(lambda: room.keep(for_people(drawn), "page.jpg"))
    return None


def shown(room: CallContext, path: str, result: CallResult) -> CallResult:
    """Returns the result with the saved picture, for a model that can see."""
    made = fitted(room.workspace.read(path), path)
    name = PurePosixPath(path).with_suffix(made.suffix).name
    return result.model_copy(update={"shown": (room.keep(made.content, name),)})
