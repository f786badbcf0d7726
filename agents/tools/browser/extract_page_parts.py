"""Extracts parts of a page: its article, readable text, tables, links, and picture descriptions."""

import re
from typing import Any, Literal
from urllib.parse import urldefrag

from playwright.async_api import Error, Frame, Page

from agents.tools.browser.article import article
from agents.tools.browser.crossed_out_marks import with_tildes
from agents.tools.browser.mark_crossed_out_text import MARK_CROSSED_OUT
from agents.tools.browser.tables import Cell, laid_out, told
from orchestrator.domain.plural import counted

What = Literal["article", "text", "tables", "links", "images"]

_HIGH, _LOW = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "₀₁₂₃₄₅₆₇₈₉₊₋"
_ALL = """
  const all = (root, wanted) => [...root.querySelectorAll('*')].flatMap(el => [
    ...(el.matches(wanted) ? [el] : []), ...(el.shadowRoot ? all(el.shadowRoot, wanted) : [])]);
  const seen = el => el.checkVisibility ? el.checkVisibility() : true;
"""
_SHOWN = f"""
  const shown = el => {{
    const changed = [], put = (node, words) => {{ changed.push([node, node.data]); node.data = words; }};
    for (const one of el.querySelectorAll('sup, sub')) {{
      const node = one.firstChild, marks = one.tagName === 'SUP' ? '{_HIGH}' : '{_LOW}';
      if (one.childNodes.length === 1 && node.nodeType === 3 && /^\ufdd0?[-+]?\\d+\ufdd1?$/.test(node.data.trim()))
        put(node, node.data.replace(/[-+0-9]/g, sign => marks['0123456789+-'.indexOf(sign)]));
    }}
    let words = el.innerText;
    changed.forEach(([node, was]) => {{ node.data = was; }});
    if (!el.matches('td, th, [role=cell], [role=gridcell]')) return words;
    for (const list of el.querySelectorAll('select'))
      words = words.replace(list.innerText, [...list.selectedOptions].map(o => o.label).join(', '));
    const more = [...el.querySelectorAll('img[alt], input:not([type=hidden])')].filter(seen).map(it =>
      it.tagName === 'IMG' ? it.alt : it.type === 'password' ? '' : ['checkbox', 'radio'].includes(it.type)
        ? (it.checked ? '☒' : '☐') : it.value);
    return [words, ...more].filter(Boolean).join(' ');
  }};
"""
_TEXT = f"""() => {{ {_ALL} {_SHOWN}
  const mains = all(document, 'main, [role=main], article').filter(seen);
  const best = mains.sort((a, b) => b.innerText.length - a.innerText.length)[0];
  const body = document.body;
  if (!body) return '';
  if (best && best.innerText.length > 200) return shown(best);
  const shadow = [...body.querySelectorAll('*')].filter(el => el.shadowRoot && seen(el));
  return [shown(body), ...shadow.map(el => [...el.shadowRoot.children]
    .filter(c => !['STYLE', 'SCRIPT'].includes(c.tagName)).map(c => c.innerText || '').join('\\n'))].join('\\n');
}}"""
_TABLES = f"""() => {{ {_ALL} {_SHOWN}
  const kinds = 'table:not([role=presentation], [role=none]), [role=table], [role=grid], [role=treegrid]';
  const tables = all(document, kinds).filter(seen);
  const said = cell => tables.filter(t => cell !== t && cell.contains(t))
    .reduce((words, t) => words.replace(t.innerText.trim(), `[table ${{tables.indexOf(t) + 1}}]`), shown(cell));
  return tables.map(table => {{
    const rows = all(table, 'tr, [role=row]').filter(row => row.closest(kinds) === table);
    return {{
      title: table.caption ? table.caption.innerText : (table.getAttribute('aria-label') || ''),
      head: rows.filter(row => row.parentElement.tagName === 'THEAD').length,
      rows: rows.map(row => [...row.children].filter(c => c.matches('td, th, [role]')).map(c => [
        said(c), c.rowSpan === 0 ? 10000 : (c.rowSpan || +c.getAttribute('aria-rowspan') || 1),
        Math.min(100, c.colSpan || +c.getAttribute('aria-colspan') || 1),
        c.tagName === 'TH' || c.getAttribute('role') === 'columnheader']))}};
  }});
}}"""
_LINKS = f"""() => {{ {_ALL}
  return all(document, 'a[href]').filter(seen).map(a =>
    [a.innerText || a.getAttribute('aria-label') || a.querySelector('img')?.alt || '', a.href]);
}}"""
_IMAGES = f"""() => {{ {_ALL}
  const later = el => el.dataset.src || el.dataset.original || el.dataset.lazySrc || '';
  const address = el => el.currentSrc.startsWith('http') || !later(el) ? el.currentSrc || el.src || ''
    : new URL(later(el), document.baseURI).href;
  return all(document, 'img, svg[aria-label], [role=img]').filter(seen).map(el =>
    [el.alt || (!el.hasAttribute('data-wordless') && el.getAttribute('aria-label')) || '',
    el.tagName === 'IMG' ? address(el) : '']);
}}"""
_NONE = {"text": "There's no text"}
_SEEN = """() => {
  const root = document.documentElement;
  if (!root || !document.body) return '';
  const kept = 'head, head *, script, style, noscript, template, details *, br, wbr, source, track';
  const gone = el => !el.checkVisibility() && !el.matches(kept) && getComputedStyle(el).display !== 'contents';
  const copy = root.cloneNode(true), same = copy.querySelectorAll('*');
  [...root.querySelectorAll('*')].map((el, n) => gone(el) && same[n]).forEach(el => el && el.remove());
  return copy.outerHTML;
}"""
"""The page without what it hides; what a closed <details> contains is one click away, so it stays."""
_SCRIPTS = {"text": _TEXT, "tables": _TABLES, "links": _LINKS, "images": _IMAGES, "article": _SEEN}


async def extract(page: Page, what: What, number: int | None = None) -> str:
    """Returns what the page contains, frames included, or a sentence that there is none. Raises Error if the page is
    gone.

    `number`: only that table; raises ToolFailed if it doesn't exist.
    """
    if what == "article":
        html, text = [str(await page.evaluate(_marked(_SCRIPTS[part]))) for part in (what, "text")]
        if found := await article(html, page.url, text):
            return with_tildes(found)
        return f"[no article found; this is the page's full text]\n{await extract(page, 'text')}"
    script = _marked(_SCRIPTS[what])
    gathered: list[Any] = [await page.evaluate(script)]
    gathered += [await _of_frame(f, script) for f in page.frames[1:]]
    rows: list[Any] = [row for some in gathered if what != "text" for row in some or ()]
    match what:
        case "text":
            text = "\n\n".join(t for t in (cleaned(str(f or "")) for f in gathered) if t)
        case "tables":
            text = told([laid_out(t["title"], t["head"], _cells(t["rows"])) for t in rows], number)
        case "links":
            text = links([(str(name), str(url)) for name, url in rows])
        case "images":
            text = images([(str(words), str(url)) for words, url in rows])
    return (
        with_tildes(text) or f"{_NONE.get(what, f'There are no {what}')} on this page. Call browser_snapshot to see it."
    )


def _marked(script: str) -> str:
    """Returns the script run with crossed-out text marked."""
    return f"() => {{ const undo = ({MARK_CROSSED_OUT})(); try {{ return ({script})(); }} finally {{ undo(); }} }}"


async def _of_frame(frame: Frame, script: str) -> Any:
    try:
        return await frame.evaluate(script)
    except Error:  # a frame that went away, or was not allowed to load
        return None


def _cells(rows: list[list[Any]]) -> list[list[Cell]]:
    return [[Cell(str(words), int(down), int(right), bool(head)) for words, down, right, head in row] for row in rows]


def cleaned(text: str) -> str:
    """Collapses blank runs and repeated lines."""
    lines: list[str] = []
    for line in (re.sub(r"[ \t\u00a0]+", " ", raw).strip() for raw in text.splitlines()):
        if not (lines and line == lines[-1]) and (line or lines):
            lines.append(line)
    return "\n".join(lines).strip()


def links(found: list[tuple[str, str]]) -> str:
    """Returns one line per page, under its first name; skips mail addresses and scripts."""
    named: dict[str, str] = {}
    for name, url in found:
        address = urldefrag(url).url
        words = re.sub(r"\s+", " ", name).strip()
        if address.startswith(("http://", "https://")) and not named.get(address):
            named[address] = words
    return "\n".join(f"{name or '(no name)'}\t{url}" for url, name in named.items())


def images(found: list[tuple[str, str]]) -> str:
    """Returns one line per described picture, and the number of pictures without a description."""
    named = [(" ".join(words.split()), url) for words, url in found]
    lines = [f"{words}\t{url if url.startswith('http') else '(inside the page)'}" for words, url in named if words]
    silent = len(named) - len(lines)
    return "\n".join(
        [*dict.fromkeys(lines), *([f"[{counted(silent, 'picture')} without a description]"] if silent else [])]
    )
