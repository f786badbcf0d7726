"""Types into fields as a person would, so that pages which react to keys do."""

from contextlib import suppress

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as Slow

from agents.tools.browser.page_session import SHORT

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
_SUGGESTIONS = "[role=listbox], [role=option], ul[class*=suggest i] li, [class*=autocomplete i] li"


async def typed(element: Locator, text: str) -> None:
    """Types key by key where pages react to keys; a long text, or one with several lines, is put in at once."""
    kind = str(await element.evaluate(_KEYED, timeout=SHORT))
    await element.fill("" if kind and 0 < len(text) <= _KEYS and "\n" not in text else text, timeout=SHORT)
    if not kind or not 0 < len(text) <= _KEYS or "\n" in text:
        return
    await element.press_sequentially(text, timeout=SHORT * 2)
    if kind == "suggests":
        with suppress(Slow):
            await element.page.locator(_SUGGESTIONS).first.wait_for(state="visible", timeout=_SUGGEST)
