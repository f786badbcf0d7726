"""Says what a page is that can't be read like others: a drawn application, an embedded PDF, one that still loads."""

import asyncio
import re
from contextlib import suppress
from typing import Any

from playwright.async_api import Error

from agents.tools.browser.page_session import PageSession

_GLANCE = 1.0
_FIND = """() => {
  const seen = el => el.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const part = el => { const b = el.getBoundingClientRect(); return b.width * b.height / (innerWidth * innerHeight); };
  const words = (document.body?.innerText || '').length;
  const drawn = [...document.querySelectorAll('canvas')].filter(seen).reduce((sum, el) => sum + part(el), 0);
  const pdfs = [...document.querySelectorAll('embed, object, iframe')].map(el => [el, el.src || el.data || ''])
    .filter(([el, url]) => url.startsWith('http') && (el.type === 'application/pdf' || /\\.pdf($|[?#])/i.test(url)));
  const loads = '[aria-busy=true], [role=progressbar], [class*=spinner i], [class*=loader i]';
  const waits = [...document.querySelectorAll(loads)]
    .some(el => seen(el) && part(el) > 0 && !el.hasAttribute('aria-valuenow'));
  return {drawn: drawn > 0.4 && words < 2000, pdfs: pdfs.map(([, url]) => url).slice(0, 3), waits};
}"""
_EXPORTS = (
    (r"(https://docs\.google\.com/spreadsheets/d/[\w-]+)", r"\1/export?format=xlsx"),
    (r"(https://docs\.google\.com/document/d/[\w-]+)", r"\1/export?format=docx"),
    (r"(https://docs\.google\.com/presentation/d/[\w-]+)", r"\1/export/pptx"),
    (r"(https://[\w-]+\.sharepoint\.com/:[a-z]:/[^?#]+)", r"\1?download=1"),
)
"""Where applications that draw their documents offer them as files."""


def export_address(url: str) -> str:
    """Returns the address of the document as a file; empty if none is known."""
    for pattern, address in _EXPORTS:
        if found := re.match(pattern, url):
            return found.expand(address)
    return ""


async def oddities(session: PageSession) -> list[str]:
    """Returns a line for each thing that an agent should know about the page."""
    found: dict[str, Any] = {}
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(_GLANCE):
            found = await session.page.evaluate(_FIND)
    url = export_address(session.page.url)
    lines: list[str] = []
    if found.get("drawn") or url:
        way = f"Save the document with browser_download({url!r}, path)" if url else "Use browser_screenshot to see it"
        lines.append(f"This page draws its content, so the text above isn't all of it. {way}, or ask for a take-over.")
    lines += [f"The page shows a PDF: browser_open({str(pdf)!r}) reads it." for pdf in found.get("pdfs", ())]
    if found.get("waits"):
        held = " It may be waiting for what was held back." if session.guard.sends.waiting else ""
        lines.append(f"The page is still loading something; browser_wait waits for a text.{held}")
    return [f"[{line}]" for line in lines]
