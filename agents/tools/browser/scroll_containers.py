"""Scrolls a page and the parts of it that scroll by themselves, also in shadow roots."""

from typing import NamedTuple

from playwright.async_api import Page

from agents.tools.browser.page_idle import LOADING

_PARTS = """
  const page = document.scrollingElement || document.documentElement;
  const roots = [document];
  for (let n = 0; n < roots.length && n < 500; n += 1)
    for (const el of roots[n].querySelectorAll('*')) if (el.shadowRoot) roots.push(el.shadowRoot);
  const elements = roots.flatMap(root => [...root.querySelectorAll('*')]);
  const area = el => el.clientWidth * el.clientHeight;
  const scrolls = el => el !== page && el !== document.body && el.scrollHeight > el.clientHeight + 40
    && !el.matches('textarea, [contenteditable]') && /auto|scroll/.test(getComputedStyle(el).overflowY)
    && area(el) > innerWidth * innerHeight * 0.1 && el.checkVisibility();
  const inner = elements.filter(scrolls).sort((a, b) => area(b) - area(a)).slice(0, 3);
  const parts = [page, ...inner];
  const size = () => parts.reduce((sum, el) => sum + el.scrollHeight, 0);
  const room = (el, down) => down ? el.scrollHeight - el.scrollTop - el.clientHeight > 4 : el.scrollTop > 0;
"""
_FURTHER = f"""part => {{ {_PARTS}
  const it = parts.find(el => room(el, part > 0));
  if (it) it.scrollBy({{top: it.clientHeight * part, behavior: 'instant'}});
}}"""
_TO_END = f"""() => {{ {_PARTS}
  const it = parts.find(el => room(el, true)), before = it && it.scrollTop;
  // A part of the page that draws its rows while one scrolls shows only those at its end anyway.
  if (it) it.scrollBy({{top: it === page ? it.clientHeight * 0.9 : it.scrollHeight, behavior: 'instant'}});
  return [Boolean(it) && it.scrollTop !== before, size()];
}}"""
_GROWTH = f"""([was, patience]) => {{ {_PARTS}
  const near = el => {{
    const box = el.getBoundingClientRect();
    return box.height > 0 && box.top < innerHeight + 100 && box.bottom > -100 && el.checkVisibility();
  }};
  const signs = '[aria-busy=true], [role=progressbar]:not([aria-valuenow]), [class*=spinner i], [class*=loader i]';
  const says = el => el.childElementCount === 0 && el.textContent.length < 40
    && /^\\s*({LOADING})/i.test(el.textContent);
  const loads = () => elements.some(el => el.isConnected && (el.matches(signs) || says(el)) && near(el));
  return new Promise(done => {{
    const began = performance.now();
    const look = () => {{
      const waited = performance.now() - began;
      if (size() !== was) done('grown');
      else if (waited > patience * 4) done('loads');
      else if (waited > patience && !loads()) done('ended');
      else setTimeout(look, 50);
    }};
    look();
  }});
}}"""
_STEP = """([x, y]) => {
  let el = document.elementFromPoint(x, y);
  while (el?.shadowRoot?.elementFromPoint(x, y) && el.shadowRoot.elementFromPoint(x, y) !== el)
    el = el.shadowRoot.elementFromPoint(x, y);
  for (; el && el !== document.body && el !== document.documentElement; el = el.parentElement || el.getRootNode().host)
    if (el.scrollHeight > el.clientHeight + 4 && /auto|scroll/.test(getComputedStyle(el).overflowY))
      return el.clientHeight * 0.9;
  return innerHeight;
}"""
_AT = f"() => {{ {_PARTS} return parts.map(el => el.scrollTop); }}"


class Moved(NamedTuple):
    """Whether anything scrolled, and how high the page and its parts are together."""

    moved: bool
    size: float


async def scroll_further(page: Page, part: float) -> None:
    """Scrolls the page, or the first part of it that can, by this share of its window; below 0 is up."""
    await page.evaluate(_FURTHER, part)


async def scroll_down(page: Page) -> Moved:
    """Scrolls the page by a window; when it's at its end, its largest part to its end, and so on."""
    moved, size = await page.evaluate(_TO_END)
    return Moved(bool(moved), float(size))


async def growth(page: Page, size: float, patience: float) -> str:
    """Returns "grown" as soon as there's more to scroll, "ended" after so many seconds, "loads" if the page still
    shows after four times as long that it's loading."""
    return str(await page.evaluate(_GROWTH, [size, patience * 1000]))


async def step_at(page: Page, x: int, y: int) -> float:
    """Returns how far what is at this place of the window may scroll so that nothing is skipped."""
    return float(await page.evaluate(_STEP, [x, y]))


async def scrolled_to(page: Page) -> list[float]:
    """Returns where the page and its parts are scrolled to."""
    return [float(top) for top in await page.evaluate(_AT)]
