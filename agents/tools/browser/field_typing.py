"""Types into fields as a person would, so that pages which react to keys do."""

from contextlib import suppress

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as Slow

from agents.tools.browser.page_session import SHORT
from orchestrator.errors import ToolFailed

_KEYS = 200
"""Longest text that is typed key by key."""
_SUGGEST = 1_500
"""Milliseconds in which a field that suggests something has to do so."""
_KEYED = """el => {
  const keyed = el.matches('textarea, [contenteditable]') || (el.tagName === 'INPUT'
    && ['text', 'search', 'email', 'tel', 'url', 'password', ''].includes(el.getAttribute('type') || ''));
  if (!keyed) return '';
  const suggests = el.matches('[role=combobox], [aria-autocomplete], [aria-haspopup=listbox], [aria-controls]');
  return suggests ? 'suggests' : 'keyed';
}"""
_WANTS = """el => el.tagName !== 'INPUT' || el.value ? '' : ({date: '2027-03-04', time: '14:30', month: '2027-03',
  week: '2027-W09', 'datetime-local': '2027-03-04T14:30'})[el.type] || ''"""
_SUGGESTIONS = "[role=listbox], [role=option], ul[class*=suggest i] li, [class*=autocomplete i] li"


async def typed(element: Locator, text: str) -> None:
    """Types key by key where pages react to keys; a long text, or one with several lines, is put in at once.

    Raises ToolFailed for a date or time in another form than the field takes, which would leave it empty.
    """
    kind = str(await element.evaluate(_KEYED, timeout=SHORT))
    await element.fill("" if kind and 0 < len(text) <= _KEYS and "\n" not in text else text, timeout=SHORT)
    if not kind and text and (wanted := str(await element.evaluate(_WANTS, timeout=SHORT))):
        raise ToolFailed(f"This field doesn't take {text[:80]!r}, so it's empty now. It takes values like {wanted}.")
    if not kind or not 0 < len(text) <= _KEYS or "\n" in text:
        return
    await element.press_sequentially(text, timeout=SHORT * 2)
    if kind == "suggests":
        with suppress(Slow):
            await element.page.locator(_SUGGESTIONS).first.wait_for(state="visible", timeout=_SUGGEST)
