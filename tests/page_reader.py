"""A page as the browser tools show it, read from the file without a browser: text lines, title and links."""

import re
from pathlib import Path
from typing import NamedTuple

from lxml import html

_BLOCKS = {"p", "h1", "h2", "h3", "li", "dt", "dd", "tr", "div", "blockquote", "main", "table", "ul", "ol", "dl"}


class Page(NamedTuple):
    title: str
    text: str
    links: list[tuple[str, str]]


def read_page(path: Path) -> Page:
    """Title, readable text of the main part (one line per block or table row), and links with their addresses."""
    tree = html.fromstring(path.read_text(encoding="utf-8"))
    main = tree.find(".//main")
    assert main is not None
    links = [(re.sub(r"\s+", " ", a.text_content()).strip(), a.get("href", "")) for a in tree.iter("a")]
    return Page(tree.findtext(".//title") or "", _text(main), links)


def _text(element: html.HtmlElement) -> str:
    parts: list[str] = []

    def walk(node: html.HtmlElement) -> None:
        block = node.tag in _BLOCKS
        parts.append("\0" if block else " " if node.tag in ("td", "th") else "")
        parts.append(node.text or "")
        for child in node:
            walk(child)
            parts.append(child.tail or "")
        parts.append("\0" if block else "")

    walk(element)
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(parts).split("\0"))
    return "\n".join(line for line in lines if line)
