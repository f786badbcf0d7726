"""Finds a Word document's blocks by number, and under the names that provenance gives them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from docx.oxml.ns import qn
from docx.styles import BabelFish

from agents.tools.office.word import find_table_cells
from agents.tools.office.word.blocks import Named, Places, letters
from agents.tools.office.word.runs import said, whole
from orchestrator.errors import ToolFailed

_PARAGRAPH, _STYLE, _NAME, _VALUE = qn("w:p"), qn("w:style"), qn("w:name"), qn("w:val")
_STYLED, _KIND, _KEY, _DEFAULT = f"{qn('w:pPr')}/{qn('w:pStyle')}", qn("w:type"), qn("w:styleId"), qn("w:default")
_MARKS = re.compile(r"\[\^\d+\]")
_ALIKE = str.maketrans(
    {
        "\u00a0": " ",
        "\u2011": "-",
        "“": '"',
        "”": '"',
        "„": '"',
        "’": "'",
        "‘": "'",
        "\u202f": " ",
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾⁼ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₍₎₌", "0123456789+-()=n0123456789+-()=", strict=True)),
    }
)
_LABEL = re.compile(r"^\s*(\[\d+\]\s+)?(#+|-|\w{1,4}[.)])\s+(?=\S)")
"""What document_read shows before a heading or an item of a list."""
_MOST_NAMED, _CONTEXT = 8, 50


class Numbered(NamedTuple):
    """One paragraph or table of the body; `contents`: a line of the table of contents, which is filled
    automatically."""

    number: int
    element: Any
    contents: bool

    @property
    def table(self) -> bool:
        return self.element.tag == qn("w:tbl")


class Quoted(NamedTuple):
    """Where a quote is: its block, the paragraph in it, and the letters from `start` to `end`."""

    block: Numbered
    paragraph: Any
    start: int
    end: int


class NamedBlock(NamedTuple):
    """A paragraph or a table's cell under its name, with its text."""

    place: str
    element: Any
    text: str


def blocks(document: Any) -> list[Numbered]:
    """Returns every paragraph and table of the body in order, numbered from 1, including those inside content
    controls."""
    names = {key: name.lower() for key, name in style_names(document).items()}
    found = _body(document.element.body, contents=False)
    return [Numbered(n, e, inside or _listing(e, names)) for n, (e, inside) in enumerate(found, 1)]


def _body(parent: Any, *, contents: bool) -> Iterator[tuple[Any, bool]]:
    for element in parent:
        if element.tag in (qn("w:p"), qn("w:tbl")):
            yield element, contents
        elif element.tag == qn("w:sdt"):
            gallery = element.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
            inside = contents or (gallery is not None and gallery.get(qn("w:val")) == "Table of Contents")
            for content in element.findall(qn("w:sdtContent")):
                yield from _body(content, contents=inside)
        elif element.tag == qn("w:customXml"):
            yield from _body(element, contents=contents)


def _listing(element: Any, names: dict[str, str]) -> bool:
    style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return style is not None and bool(re.fullmatch(r"toc \d", names.get(style.get(qn("w:val")), "")))


def style_name(paragraph: Any, document: Any) -> str:
    """Returns the paragraph style's name as Word shows it; read from the file, since python-docx takes 3 ms for one."""
    if paragraph.tag != _PARAGRAPH:
        return ""
    wanted = paragraph.find(_STYLED)
    key = None if wanted is None else wanted.get(_VALUE)
    for style in document.styles.element.iterchildren(_STYLE):
        if style.get(_KIND) in (None, "paragraph") and (
            style.get(_KEY) == key if key else style.get(_DEFAULT) in ("1", "true", "on")
        ):
            named = style.find(_NAME)
            return str(BabelFish.internal2ui(named.get(_VALUE) or "")) if named is not None else ""
    return "Normal"


def style_names(document: Any) -> dict[str, str]:
    """Returns the paragraph styles' names as Word shows them, by id; the default one's also under an empty id."""
    found: dict[str, str] = {}
    for style in document.styles.element:
        if style.tag == _STYLE and style.get(_KIND) in (None, "paragraph"):
            named = style.find(_NAME)
            name = str(BabelFish.internal2ui(named.get(_VALUE) or "")) if named is not None else ""
            found.setdefault(str(style.get(_KEY)), name)
            if style.get(_DEFAULT) in ("1", "true", "on"):
                found.setdefault("", name)
    return found


def named_style(paragraph: Any, names: Mapping[str, str]) -> str:
    """Returns the name of the paragraph's style among `names`."""
    wanted = paragraph.find(_STYLED)
    return names.get(str(wanted.get(_VALUE) or "") if wanted is not None else "", "Normal")


def level(paragraph: Any, document: Any) -> int:
    """Returns a heading's level; 0 for any other paragraph."""
    name = style_name(paragraph, document)
    return int(name[8:]) if name.startswith("Heading ") and name[8:].isdigit() else 0


def named(document: Any) -> list[NamedBlock]:
    """Returns every stretch of text under the name that document_write gives it."""
    places, found = Places(), list[NamedBlock]()
    for element in document.element.body:
        if element.tag == qn("w:tbl"):
            name = places.table()
            for r, row in enumerate(find_table_cells.grid(element), 1):
                for c, cell in enumerate(row):
                    text = "\n".join(said(p) for p in cell.iterchildren(qn("w:p")))
                    found.append(NamedBlock(f"{name} {letters(c)}{r}", cell, text))
        elif element.tag == qn("w:p"):
            style, text = style_name(element, document), said(element)
            if not text.strip() or style in ("Title", "Subtitle") or style.lower().startswith("toc "):
                continue
            if style == "Caption" and text.strip() == "Sources:":
                continue
            place = places.heading(text) if style.startswith("Heading") else places.paragraph()
            found.append(NamedBlock(place, element, text))
    return found


def titles(document: Any) -> list[Named]:
    """Returns the title and the subtitle, which have no place of their own."""
    styled = ((style_name(p, document), said(p)) for p in document.element.body.iterchildren(qn("w:p")))
    return [Named(style.lower(), text) for style, text in styled if style in ("Title", "Subtitle") and text.strip()]


def block_at(all_of: list[Numbered], at: int | str) -> Numbered:
    """Returns the block with this number, or the one that contains this quote. Raises ToolFailed."""
    if isinstance(at, str) and not at.strip().strip("[]").isdigit():
        return quoted(all_of, at).block
    number = int(str(at).strip().strip("[]"))
    if not 1 <= number <= len(all_of):
        raise ToolFailed(
            f"There's no block [{number}]; the last one is [{len(all_of)}]. Read the document again with document_read."
        )
    return all_of[number - 1]


def quoted(all_of: list[Numbered], quote: str) -> Quoted:
    """Returns the quote's only place, or the only paragraph equal to it. Raises ToolFailed listing the places."""
    found = list(every(all_of, quote)) or list(every(all_of, _LABEL.sub("", quote)))
    full = [q for q in found if plainly(whole(q.paragraph)).strip() == plainly(quote).strip()]
    if len(found) == 1 or len(full) == 1:
        return (full or found)[0]
    if not found:
        raise ToolFailed(
            f"The text {quote[:80]!r} wasn't found; quote it as document_read shows it, or use its number."
        )
    shown = "; ".join(f"[{q.block.number}] {_around(q)}" for q in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    raise ToolFailed(f"{quote[:80]!r} occurs {len(found)} times: {shown}{more}; set 'at' to the number, or quote more.")


def every(all_of: list[Numbered], quote: str) -> Iterator[Quoted]:
    """Yields each place of the quote outside the contents; spaces, quotation marks and hyphens count as plain ones."""
    pattern = pattern_of(quote)
    if pattern is None:
        raise ToolFailed("The quote is empty; quote some words from the document.")
    for block in (b for b in all_of if not b.contents):
        for paragraph in [block.element] if not block.table else block.element.iter(qn("w:p")):
            for match in pattern.finditer(plainly(whole(paragraph))):
                yield Quoted(block, paragraph, match.start(), match.end())


def plainly(text: str) -> str:
    return text.translate(_ALIKE)


def pattern_of(quote: str) -> re.Pattern[str] | None:
    """Returns a pattern that finds the quote in plain text; None if it has no letters."""
    words = plainly(_MARKS.sub("", quote)).split()
    return re.compile(r"\s+".join(map(re.escape, words))) if words else None


def _around(found: Quoted) -> str:
    text = whole(found.paragraph)
    start, end = max(0, found.start - _CONTEXT // 2), min(len(text), found.end + _CONTEXT // 2)
    return repr(("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else ""))
