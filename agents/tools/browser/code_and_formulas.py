"""Finds what a snapshot flattens, the lines of code and the parts of formulas, and writes it as people see it."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import ParseError, fromstring

from playwright.async_api import Error, Page

from agents.mathml_text import mathml
from agents.tools.browser.evaluate_in_frames import evaluate_in_frames

_GLANCE = 2.0
_MOST, _MOST_LETTERS = 60, 20_000
_FIND = r"""most => {
  const found = [];
  for (const el of document.querySelectorAll('pre, code, samp, .CodeMirror-code, .cm-content, .view-lines')) {
    const outer = el.parentElement?.closest('pre, code, samp');
    if (found.length >= most[0] || outer || !el.checkVisibility()) continue;
    const text = el.innerText.replace(/\u00a0/g, ' ').replace(/[ \t]+$/gm, '').replace(/^\n+|\n+$/g, '');
    if (text.includes('\n') && text.length <= most[1]) found.push(text);
  }
  return found;
}"""


_MARKUP = "el => new XMLSerializer().serializeToString(el)"


async def code_on(page: Page) -> list[str]:
    """Returns the visible texts of several lines that are written as code."""
    found = await evaluate_in_frames(page, _FIND, [_MOST, _MOST_LETTERS], seconds=_GLANCE)
    return [str(text) for texts in found for text in texts]


async def formulas_on(page: Page, refs: Sequence[str]) -> dict[str, str]:
    """Returns the formulas by ref, each as one line of text."""

    async def asked(ref: str) -> str:
        try:
            return mathml(fromstring(str(await page.get_by_ref(ref).evaluate(_MARKUP, timeout=1000))))
        except (Error, ParseError):
            return ""

    texts = await asyncio.gather(*(asked(ref) for ref in refs[:_MOST]))
    return {ref: text for ref, text in zip(refs[:_MOST], texts, strict=True) if text}


def with_code_lines(text: str, codes: Iterable[str]) -> str:
    """Returns the snapshot with each code in its own lines, where the snapshot has it on one or several others."""
    lines = text.split("\n")
    for code in codes:
        wanted = _letters(code)
        place = next((n for n in range(len(lines)) if wanted and _ends(lines, n, wanted)), None)
        if place is not None:
            end = _ends(lines, place, wanted)
            margin = re.match(r" *", lines[place])
            edge = margin[0] if margin else ""
            lines[place:end] = [f"{edge}{line}".rstrip() for line in code.split("\n")]
    return "\n".join(lines)


def _ends(lines: Sequence[str], start: int, wanted: str) -> int:
    """Returns after which line the code that begins at `start` is over; 0 if it isn't there."""
    seen = ""
    for n in range(start, len(lines)):
        seen += _letters(lines[n])
        if seen == wanted:
            return n + 1
        if not wanted.startswith(seen):
            return 0
    return 0


def _letters(text: str) -> str:
    return "".join(text.split())
