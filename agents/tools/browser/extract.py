"""Taking things out of a page: its readable text, its tables, its links."""

import re
from typing import Any, Literal
from urllib.parse import urldefrag

from playwright.async_api import Error, Frame, Page

What = Literal["text", "tables", "links"]

_ALL = """
  const all = (root, wanted) => [...root.querySelectorAll('*')].flatMap(el => [
    ...(el.matches(wanted) ? [el] : []), ...(el.shadowRoot ? all(el.shadowRoot, wanted) : [])]);
  const seen = el => el.checkVisibility ? el.checkVisibility() : true;
"""
_TEXT = f"""() => {{ {_ALL}
  const mains = all(document, 'main, [role=main], article').filter(seen);
  const best = mains.sort((a, b) => b.innerText.length - a.innerText.length)[0];
  const body = document.body;
  if (!body) return '';
  if (best && best.innerText.length > 200) return best.innerText;
  const shadow = [...body.querySelectorAll('*')].filter(el => el.shadowRoot && seen(el));
  return [body.innerText, ...shadow.map(el => [...el.shadowRoot.children]
    .filter(c => !['STYLE', 'SCRIPT'].includes(c.tagName)).map(c => c.innerText || '').join('\\n'))].join('\\n');
}}"""
_TABLES = f"""() => {{ {_ALL}
  return all(document, 'table, [role=table], [role=grid]').filter(seen).map(table => ({{
    title: table.caption ? table.caption.innerText : (table.getAttribute('aria-label') || ''),
    rows: all(table, 'tr, [role=row]').filter(row => row.closest('table, [role=table], [role=grid]') === table)
      .map(row => [...row.children].filter(c => c.matches('td, th, [role]')).flatMap(c =>
        [c.innerText, ...Array(Math.min(50, (c.colSpan || 1) - 1)).fill('')]))}}));
}}"""
_LINKS = f"""() => {{ {_ALL}
  return all(document, 'a[href]').filter(seen).map(a =>
    [a.innerText || a.getAttribute('aria-label') || a.querySelector('img')?.alt || '', a.href]);
}}"""


async def extract(page: Page, what: What) -> str:
    """What the page holds, frames included, or a sentence that there is none. Raises Error when the page is gone."""
    scripts = {"text": _TEXT, "tables": _TABLES, "links": _LINKS}
    found: list[Any] = [await page.evaluate(scripts[what])]
    found += [await _of_frame(f, scripts[what]) for f in page.frames[1:]]
    match what:
        case "text":
            text = "\n\n".join(t for t in (cleaned(str(f or "")) for f in found) if t)
        case "tables":
            text = "\n\n".join(table(str(t["title"]), t["rows"]) for f in found for t in f or () if t["rows"])
        case "links":
            text = links([(str(name), str(url)) for f in found for name, url in f or ()])
    return text or f"There are no {what} on this page; browser_snapshot shows what there is."


async def _of_frame(frame: Frame, script: str) -> Any:
    try:
        return await frame.evaluate(script)
    except Error:  # a frame that went away, or was not allowed to load
        return None


def cleaned(text: str) -> str:
    """Without blank runs and without the same line twice in a row."""
    lines: list[str] = []
    for line in (re.sub(r"[ \t\u00a0]+", " ", raw).strip() for raw in text.splitlines()):
        if not (lines and line == lines[-1]) and (line or lines):
            lines.append(line)
    return "\n".join(lines).strip()


def table(title: str, rows: list[list[str]]) -> str:
    """Tab separated, one row per line."""
    body = "\n".join("\t".join(re.sub(r"\s+", " ", str(c)).strip() for c in row) for row in rows)
    return f"# {title.strip()}\n{body}" if title.strip() else body


def links(found: list[tuple[str, str]]) -> str:
    """One line per page, under its first name; mail addresses and scripts are not pages."""
    named: dict[str, str] = {}
    for name, url in found:
        address = urldefrag(url).url
        words = re.sub(r"\s+", " ", name).strip()
        if address.startswith(("http://", "https://")) and not named.get(address):
            named[address] = words
    return "\n".join(f"{name or '(no name)'}\t{url}" for url, name in named.items())
