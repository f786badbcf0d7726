"""Says which lists and tables of a page show only some of their rows, as those do that draw them while one scrolls."""

from playwright.async_api import Page

from agents.tools.browser.evaluate_in_frames import evaluate_in_frames

_GLANCE = 1.0
_MOST = 5
_FIND = """most => {
  const roots = [document];
  for (let n = 0; n < roots.length && n < 500; n += 1)
    for (const el of roots[n].querySelectorAll('*')) if (el.shadowRoot) roots.push(el.shadowRoot);
  const all = wanted => roots.flatMap(root => [...root.querySelectorAll(wanted)]).filter(el => el.checkVisibility());
  const number = (el, name) => parseInt(el.getAttribute(name) || '', 10);
  const name = el => (el.getAttribute('aria-label') || el.caption?.innerText || '').trim().slice(0, 80);
  const places = (els, attribute) => els.map(el => number(el, attribute)).filter(place => place > 0);
  const told = (kind, el, els, total, attribute) => {
    const at = places(els, attribute);
    return [kind, el ? name(el) : '', els.length, total, at.length ? Math.min(...at) : 0,
      at.length ? Math.max(...at) : 0];
  };
  const found = [], below = (el, wanted) => [...el.querySelectorAll(wanted)].filter(one => one.checkVisibility());
  for (const el of all('[aria-rowcount]')) {
    const rows = below(el, 'tr, [role=row]').filter(row => row.querySelector('td, [role=cell], [role=gridcell]'));
    const total = number(el, 'aria-rowcount');
    if (total === -1 || total > below(el, 'tr, [role=row]').length)
      found.push(told('table', el, rows, total, 'aria-rowindex'));
  }
  const sets = new Map();
  for (const el of all('[aria-setsize]')) {
    const list = el.closest('[role=list], [role=listbox], [role=feed], [role=tree], ul, ol') || el.parentNode;
    if (!sets.has(list)) sets.set(list, []);
    sets.get(list).push(el);
  }
  for (const [list, els] of sets) {
    const total = Math.max(...els.map(el => number(el, 'aria-setsize')));
    const levels = new Set(els.map(el => el.getAttribute('aria-level')));
    if (levels.size < 2 && !list.matches?.('[role=tree]') && (total === -1 || total > els.length))
      found.push(told('list', list.matches ? list : null, els, total, 'aria-posinset'));
  }
  return found.slice(0, most);
}"""


async def partial_lists(page: Page) -> list[str]:
    """Returns a line for each, as far as the page says how many rows it has."""
    found = await evaluate_in_frames(page, _FIND, _MOST, seconds=_GLANCE)
    return [
        partial_words(str(kind), str(name), int(count), int(total), (int(first), int(last)))
        for rows in found
        for kind, name, count, total, first, last in rows
    ]


def partial_words(kind: str, name: str, count: int, total: int, places: tuple[int, int]) -> str:
    """Returns one line about a table or a list that has `total` rows, or -1 if it doesn't know."""
    rows = "rows" if kind == "table" else "items"
    first, last = (place - max(0, places[1] - total) * (total > 0) for place in places)  # some count without the head
    there = f"{rows} {first}–{last}" if first > 0 and last - first + 1 >= count else f"{count} {rows}"
    whole = f"of {total:,}" if total > 0 else "of a number that it doesn't say"
    which = f"The {kind} {name!r}" if name else f"A {kind}"
    return f"[{which} shows {there} {whole}; browser_scroll shows others.]"
