"""Reads the words of drawings in office files: text, tables, charts, SmartArt."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from agents.superscript_text import lowered, raised
from agents.tools.office.chart_text import chart_lines
from agents.tools.office.equation_text import equation
from agents.tools.office.package_reader import PackageReader, relation_id

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"


def local(element: Any) -> str:
    """Returns a tag without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Any) -> Iterator[Any]:
    """Yields the children, with one of several alternatives: the newest, or the older if the newest is empty."""
    for child in element:
        if local(child) == "AlternateContent":
            choices = [c for c in child if c.tag in (_CHOICE, _FALLBACK) and len(c)]
            yield from (grandchild for choice in choices[:1] for grandchild in children(choice))
        elif isinstance(child.tag, str):
            yield child


def descendants(element: Any, *tags: str) -> Iterator[Any]:
    """Yields descendants by local name, in order, without the alternatives that aren't shown."""
    for child in children(element):
        if local(child) in tags:
            yield child
        yield from descendants(child, *tags)


_NOTE = re.compile(r"\[([\d,]+)\]")
_POWER = re.compile(r"((?<![\d.,])10|(?<![^\W\d])(k|c|m|d|µ)?m|(?<![^\W\d])(s|h))$")
"""What a raised number is a power of: 10, or a unit such as m or km. After a word or a price it marks a note."""


def paragraphs(body: Any) -> list[tuple[int, str]]:
    """Returns level and text of each paragraph with words; raised numbers appear as `[2]`."""
    found: list[tuple[int, str]] = []
    for paragraph in descendants(body, "p") if body is not None else ():
        text = paragraph_text(paragraph).strip()
        if text:
            look = paragraph.find(f"{A}pPr")
            found.append((_number(look.get("lvl")) if look is not None else 0, text))
    return found


def paragraph_text(paragraph: Any) -> str:
    text = ""
    for piece in _pieces(paragraph):
        if (note := _NOTE.fullmatch(piece)) and _POWER.search(text):
            piece = raised(note[1])
        text += piece
    return text


def _pieces(parent: Any) -> Iterator[str]:
    for child in children(parent):
        name = local(child)
        if name == "br":
            yield "\n"
        elif name in ("oMath", "oMathPara"):
            yield equation(child)
        elif name in ("r", "fld"):
            text = "".join(t.text or "" for t in child if local(t) == "t")
            look = child.find(f"{A}rPr")
            shift = _number(look.get("baseline")) if look is not None else 0
            if shift < 0 and text.isdigit():
                text = lowered(text)
            if text.strip() and look is not None and look.get("strike") in ("sngStrike", "dblStrike"):
                text = f"~~{text}~~"
            yield f"[{text}]" if shift > 0 and text.replace(",", "").isdigit() else text
        elif name not in ("pPr", "endParaRPr"):
            yield from _pieces(child)


def table_rows(table: Any) -> list[list[str]]:
    """Returns the cells of a drawn table by column; where a cell of another place reaches into, it's empty."""
    return [
        [
            "" if _covered(cell) else " ".join(text.replace("\n", " ") for _, text in paragraphs(cell))
            for cell in line
            if local(cell) == "tc"
        ]
        for line in descendants(table, "tr")
    ]


def _covered(cell: Any) -> bool:
    """Returns whether a merged cell covers it. What it may still hold isn't shown on the slide."""
    return any(cell.get(name) in ("1", "true") for name in ("hMerge", "vMerge"))


def graphic_lines(package: PackageReader, owner: str, element: Any) -> Iterator[str]:
    """Yields what a chart, SmartArt or embedded file inside a drawing says; `owner` is the part it's in."""
    for inside in descendants(element, "chart", "relIds", "oleObj", "OLEObject"):
        name, key = local(inside), relation_id(inside, "dm") or relation_id(inside)
        found = package.relation(owner, key)
        if name == "relIds" and found:
            yield from smart_art(package, found.target)
        elif name == "chart" and found:
            yield from chart_lines(package.tree(found.target), names(package, found.target))
        elif name in ("oleObj", "OLEObject"):
            kind = inside.get("progId") or inside.get("ProgID") or "file"
            file = found.target.rpartition("/")[2] if found else ""
            yield f"[embedded {kind}{f': {file}' if file else ''}]"


def names(package: PackageReader, chart: str) -> list[str]:
    """Returns the words that are drawn on top of a chart."""
    shapes = (package.tree(r.target) for r in package.related(chart, "chartUserShapes"))
    return [text for tree in shapes if tree is not None for _, text in paragraphs(tree)]


def smart_art(package: PackageReader, part: str) -> Iterator[str]:
    tree = package.tree(part)
    lines = [text for point in descendants(tree, "pt") for _, text in paragraphs(point)] if tree is not None else []
    if lines:
        yield "[SmartArt]"
        yield from (f"- {line}" for line in lines)


def rows(lines: Iterable[list[str]]) -> list[str]:
    return ["| " + " | ".join(" ".join(cell.split()) for cell in line) + " |" for line in lines]


def _number(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else 0
