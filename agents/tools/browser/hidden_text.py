"""Finds text that people can't see on a page, so that it isn't shown to an agent as if they could."""

import re
from collections.abc import Iterable

from playwright.async_api import Page

from agents.tools.browser.evaluate_in_frames import evaluate_in_frames

_GLANCE = 2.0
_SHORTEST = 12
"""Characters of the shortest text that is looked at; labels for screen readers are short, and they are wanted."""
_FIND = """most => {
  const number = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = el => {
    for (let up = el; up; up = up.parentElement) {
      const style = getComputedStyle(up), [r, g, b, a = 1] = number(style.backgroundColor);
      if (style.backgroundImage !== 'none') return null;
      if (a > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faint = el => {
    const [r, g, b, a = 1] = number(getComputedStyle(el).color), back = behind(el);
    return a < 0.05 || (back && Math.abs(r - back[0]) + Math.abs(g - back[1]) + Math.abs(b - back[2]) < 12);
  };
  const gone = el => {
    const box = el.getBoundingClientRect();
    if (box.right + scrollX < -100 || box.bottom + scrollY < -100) return true;
    if (parseFloat(getComputedStyle(el).fontSize) < 2) return true;
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up), b = up.getBoundingClientRect();
      if (style.opacity < 0.05) return true;
      if (style.overflow === 'hidden' && (b.width < 2 || b.height < 2)) return true;
    }
    return false;
  };
  const found = [], walk = document.createTreeWalker(document.body || document, NodeFilter.SHOW_TEXT);
  for (let n = 0; walk.nextNode() && n < 20000 && found.length < 50; n += 1) {
    const text = walk.currentNode.data.replace(/\\s+/g, ' ').trim(), el = walk.currentNode.parentElement;
    if (text.length < most || !el || el.closest('script, style, noscript, template, select, textarea')) continue;
    if (el.closest('a, button, label, caption, th, [role=button], [role=link], [role=status], [aria-live]')) continue;
    if (!el.checkVisibility()) continue;
    if (gone(el) || faint(el)) found.push(text);
  }
  return found;
}"""


async def unseen_texts(page: Page) -> list[str]:
    """Returns texts that are on the page but that nobody can see: without size, color, or place."""
    found = await evaluate_in_frames(page, _FIND, _SHORTEST, seconds=_GLANCE)
    return [str(text) for texts in found for text in texts]


def without(text: str, unseen: Iterable[str]) -> str:
    """Returns the text without those, however its spaces and quotes are written, and says how many there were."""
    gone = 0
    for one in sorted(unseen, key=len, reverse=True):
        words = r"\s+".join(re.escape(word).replace('"', r'\\*"') for word in one.split())
        text, times = re.subn(words, "", text)
        gone += bool(times)
    if not gone:
        return text
    left = "1 piece of hidden text was" if gone == 1 else f"{gone} pieces of hidden text were"
    return f"{text}\n[{left} left out.]"
