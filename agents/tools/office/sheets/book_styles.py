"""Adds cell styles to a workbook's own; those that are there keep their numbers."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS

from agents.tools.office import xml
from agents.tools.office.drawing_text import local
from agents.tools.office.sheets.book_parts import BookParts, child

_FIRST_OWN_FORMAT = 164
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_EMPTY = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)
_PARTS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
_BUILTIN = {shape: str(number) for number, shape in BUILTIN_FORMATS.items()}


class BookStyles:
    """A workbook's styles. A style is a number, as a cell states it in `s`."""

    def __init__(self, book: BookParts) -> None:
        self._book = book
        self._part = next((r.target for r in book.links(book.main) if r.kind == "styles" and book.has(r.target)), "")
        self._known: dict[tuple[int, str], int] = {}

    def format_of(self, style: int) -> str:
        """Returns the style's number format."""
        looks = self._listed("cellXfs")
        number = str(looks[style].get("numFmtId") or "0") if style < len(looks) else "0"
        own = {f.get("numFmtId"): str(f.get("formatCode")) for f in self._listed("numFmts")}
        return own.get(number) or str(BUILTIN_FORMATS.get(int(number), "General") if number.isdigit() else "General")

    def formatted(self, style: int, shape: str) -> int:
        """Returns the style with this number format."""
        if (style, shape) not in self._known:
            number = self._format(shape)
            self._known[style, shape] = self.changed(
                style, lambda look: look.attrib.update({"numFmtId": number, "applyNumberFormat": "1"})
            )
        return self._known[style, shape]

    def changed(self, style: int, change: Callable[[Any], None]) -> int:
        """Returns the style after this change of its `xf`; the number of an equal one if there is one."""
        looks = self._listed("cellXfs")
        made = deepcopy(looks[style]) if style < len(looks) else looks.makeelement(self._tag("xf"), {"xfId": "0"})
        change(made)
        return self._number("cellXfs", made)

    def with_part(self, style: int, element: Any) -> int:
        """Returns the style with this font, fill or border, given as an element."""
        kind = local(element)
        number = str(self._number(f"{kind}s", self._own(element)))
        applied = f"apply{kind.capitalize()}"
        return self.changed(style, lambda look: look.attrib.update({f"{kind}Id": number, applied: "1"}))

    def adopted(self, theirs: Any, style: int) -> int:
        """Returns the number here of a style from another workbook's style sheet."""
        space = str(theirs.tag).rpartition("}")[0] + "}"
        look = self._own(theirs.find(f"{space}cellXfs")[style])
        for key, section in _PARTS.items():
            element = theirs.find(f"{space}{section}")[int(look.get(key) or 0)]
            look.set(key, str(self._number(section, self._own(element))))
        shapes = {f.get("numFmtId"): str(f.get("formatCode")) for f in theirs.iter(f"{space}numFmt")}
        if (shape := shapes.get(look.get("numFmtId"))) is not None:
            look.set("numFmtId", self._format(shape))
        for kind in ("NumberFormat", "Font", "Fill", "Border", "Alignment"):
            look.set(f"apply{kind}", "1")
        look.set("xfId", "0")
        return self._number("cellXfs", look)

    def rule_look(self, element: Any) -> int:
        """Returns the number of a conditional format's look, which is added."""
        return self._number("dxfs", self._own(element))

    def _own(self, element: Any) -> Any:
        """Returns a copy with this workbook's namespace."""
        space = str(element.tag).rpartition("}")[0].lstrip("{")
        words = xml.written(element).replace(space.encode(), self._book.names.strip("{}").encode())
        return xml.parsed(words)

    def _format(self, shape: str) -> str:
        if shape in _BUILTIN:
            return _BUILTIN[shape]
        formats = self._listed("numFmts")
        known = {str(f.get("formatCode")): str(f.get("numFmtId")) for f in formats}
        if shape not in known:
            taken = [int(n) for n in known.values() if n.isdigit()]
            known[shape] = str(max([_FIRST_OWN_FORMAT - 1, *taken]) + 1)
            formats = self._section("numFmts")
            formats.append(formats.makeelement(self._tag("numFmt"), {"numFmtId": known[shape], "formatCode": shape}))
            formats.set("count", str(len(formats)))
        return known[shape]

    def _number(self, section: str, element: Any) -> int:
        """Returns the position of an equal element; it's added if there is none."""
        wanted = _meaning(element)
        for n, known in enumerate(self._listed(section)):
            if _meaning(known) == wanted:
                return n
        listed = self._section(section)
        listed.append(element)
        listed.set("count", str(len(listed)))
        return len(listed) - 1

    def _listed(self, name: str) -> Any:
        return self._found(name) if self._found(name) is not None else self._section(name) if name == "cellXfs" else ()

    def _found(self, name: str) -> Any:
        return self._book.tree(self._part).find(self._tag(name)) if self._part else None

    def _section(self, name: str) -> Any:
        return child(self._book.changing(self._there()), name)

    def _there(self) -> str:
        """Returns the part's name; a workbook without styles gets them."""
        if not self._part:
            self._part = self._book.free("xl/styles{}.xml")
            self._book.put(self._part, _EMPTY.format(self._book.names.strip("{}")).encode())
            self._book.declare(self._part, _TYPE)
            self._book.link(self._book.main, "styles", self._part)
        return self._part

    def _tag(self, name: str) -> str:
        return f"{self._book.names}{name}"


def _meaning(element: Any) -> tuple[object, ...]:
    """Returns what makes two elements equal, whatever their prefixes and spaces."""
    return (
        element.tag,
        tuple(sorted((str(k), str(v)) for k, v in element.attrib.items())),
        (element.text or "").strip(),
        tuple(_meaning(e) for e in element if isinstance(e.tag, str)),
    )
