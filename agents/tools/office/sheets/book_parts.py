"""Holds a workbook's parts while they're edited; a part that isn't edited keeps its bytes."""

import posixpath
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import unquote

from agents.tools.office import xml, zip_package
from agents.tools.office.drawing_text import local
from agents.tools.office.package_reader import ordinary
from orchestrator.errors import ToolFailed

_LARGEST_TREE, _MOST_TAGS = 60_000_000, 8_000_000
_TYPES = "[Content_Types].xml"
_TYPE_NAMES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_NO_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
_OPEN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_DAYS_1904 = 1462
_USUAL_MAIN = "xl/workbook.xml"
_BOOK_ORDER = ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets",
               "functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews",
               "pivotCaches")  # fmt: skip
_SHEET_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
_STYLE_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
                "colors", "extLst")  # fmt: skip
_ORDERS = {"workbook": _BOOK_ORDER, "worksheet": _SHEET_ORDER, "styleSheet": _STYLE_ORDER}


class SheetPart(NamedTuple):
    """A sheet as the workbook lists it; `kind` is `worksheet`, `chartsheet`, …"""

    title: str
    part: str
    kind: str


class PartLink(NamedTuple):
    """What a part points to."""

    id: str
    kind: str
    target: str
    external: bool


class BookParts:
    """One workbook's parts by name. Trees from `changing` are written back by `packed`."""

    def __init__(self, content: bytes, path: str) -> None:
        self.path, self._content = path, content
        self._before = zip_package.parts(content, path)
        self.parts = dict(self._before)
        self._trees: dict[str, Any] = {}
        self._changing: set[str] = set()
        self.main = next((r.target for r in self.links("") if r.kind == "officeDocument"), _USUAL_MAIN)
        if not self.has(self.main):
            raise ToolFailed(f"{path!r} has no content: its main part is missing. Ask for the file again.")

    def has(self, name: str) -> bool:
        return self.name(name) in self.parts

    def name(self, name: str) -> str:
        """Returns how the file spells the part's name: some programs don't agree with themselves about case."""
        if name in self.parts:
            return name
        return next((n for n in self.parts if n.replace("\\", "/").lstrip("/").lower() == name.lower()), name)

    def tree(self, name: str) -> Any:
        """Returns the part's root for reading. Raises ToolFailed if it's damaged or too large."""
        name = self.name(name)
        if name not in self._trees:
            content = self.parts[name]
            if len(content) > _LARGEST_TREE or content.count(b"<") > _MOST_TAGS:
                raise ToolFailed(
                    f"{self.path!r} contains a {len(content) // 1_000_000:,} MB part, which is too large to change. "
                    "Write the new values to another file."
                )
            try:
                self._trees[name] = xml.parsed(content)
            except ToolFailed as error:
                raise ToolFailed(
                    f"{self.path!r} can't be changed because its part {name!r} is damaged. Ask for a copy saved again "
                    "by its program, or write to a new file."
                ) from error
        return self._trees[name]

    def changing(self, name: str) -> Any:
        """Returns the part's root; what is changed in it is saved."""
        tree = self.tree(name)
        self._changing.add(self.name(name))
        return tree

    @property
    def edited(self) -> frozenset[str]:
        """The parts whose trees may differ from their bytes."""
        return frozenset(self._changing)

    def put(self, name: str, content: bytes) -> None:
        """Adds or replaces a part."""
        name = self.name(name)
        self.parts[name] = content
        self._trees.pop(name, None)
        self._changing.discard(name)

    def remove(self, name: str) -> None:
        """Removes a part, its relations and its content type; whatever points to it keeps doing so."""
        name = self.name(name)
        for gone in (name, self.name(_links_of(name))):
            self.parts.pop(gone, None)
            self._trees.pop(gone, None)
            self._changing.discard(gone)
        types = self.tree(_TYPES)
        for entry in list(types):
            if str(entry.get("PartName") or "").lower() == f"/{name}".lower():
                self.changing(_TYPES).remove(entry)

    def packed(self) -> bytes:
        """Returns the file, as it was if nothing changed; equal parts give equal bytes."""
        for name in sorted(self._changing):
            written = xml.written(self._trees[name])
            if name not in self._before or xml.canonical(self._before[name]) != xml.canonical(written):
                self.parts[name] = written
        return self._content if self.parts == self._before else zip_package.pack(self.parts)

    def links(self, part: str) -> list[PartLink]:
        """Returns what the part points to, in order, also what isn't in the file."""
        place = self.name(_links_of(part))
        if place not in self.parts:
            return []
        folder = posixpath.dirname(part)
        return [_link(folder, each) for each in self.tree(place) if local(each) == "Relationship"]

    def link(self, part: str, kind: str, target: str, *, external: bool = False) -> str:
        """Makes the part point to another one; returns the relation's id."""
        place = self.name(_links_of(part))
        if place not in self.parts:
            self.put(place, _NO_RELATIONS)
        tree = self.changing(place)
        taken = {str(each.get("Id")) for each in tree}
        key = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        address = target if external else posixpath.relpath(f"/{target}", f"/{posixpath.dirname(part)}")
        wanted = {"Id": key, "Type": kind if "://" in kind else f"{self.relations}/{kind}", "Target": address}
        tree.append(tree.makeelement(_RELATION, wanted | ({"TargetMode": "External"} if external else {})))
        return key

    def unlink(self, part: str, key: str) -> None:
        tree = self.changing(_links_of(part))
        for each in [e for e in tree if e.get("Id") == key]:
            tree.remove(each)

    def rename_link(self, part: str, key: str, new: str) -> None:
        """Gives a relation the id by which the part's content calls it."""
        for each in self.changing(_links_of(part)):
            if each.get("Id") == key:
                each.set("Id", new)

    def declare(self, name: str, kind: str) -> None:
        """States the part's content type."""
        types = self.changing(_TYPES)
        types.append(types.makeelement(f"{_TYPE_NAMES}Override", {"PartName": f"/{name}", "ContentType": kind}))

    def declared(self, name: str) -> str:
        """Returns the part's content type."""
        types = self.tree(_TYPES)
        own = (str(e.get("ContentType")) for e in types if str(e.get("PartName") or "").lower() == f"/{name}".lower())
        suffix = name.rpartition(".")[2].lower()
        usual = (str(e.get("ContentType")) for e in types if str(e.get("Extension") or "").lower() == suffix)
        return next(chain(own, usual), "")

    def free(self, pattern: str) -> str:
        """Returns the first name of this pattern (with `{}` for a number) that no part has."""
        return next(name for n in range(1, 100_000) if not self.has(name := pattern.format(n)))

    @property
    def book(self) -> Any:
        return self.tree(self.main)

    @property
    def names(self) -> str:
        """The namespace of the workbook's elements, in braces; strict Open XML has another one."""
        return str(self.book.tag).rpartition("}")[0] + "}"

    @property
    def strict(self) -> bool:
        return "purl.oclc.org" in self.names

    @property
    def relations(self) -> str:
        return _STRICT if self.strict else _OPEN

    @property
    def days(self) -> int:
        """How many days later than usual the workbook's dates begin: some count from 1904."""
        settings = self.book.find(f"{self.names}workbookPr")
        return _DAYS_1904 if settings is not None and settings.get("date1904") in ("1", "true") else 0

    @property
    def sheets(self) -> list[SheetPart]:
        """Returns the sheets in order, without those whose part is missing."""
        parts = {r.id: r for r in self.links(self.main)}
        found: list[SheetPart] = []
        for entry in self.book.iter(f"{self.names}sheet"):
            link = parts.get(relation_key(entry))
            if link is not None and self.has(link.target):
                found.append(SheetPart(str(entry.get("name")), self.name(link.target), link.kind))
        return found

    def sheet(self, title: str) -> SheetPart | None:
        """Returns the sheet with that name; case doesn't count."""
        return next((s for s in self.sheets if s.title.lower() == title.lower()), None)

    @property
    def grids(self) -> list[SheetPart]:
        """Returns the sheets that hold cells."""
        return [s for s in self.sheets if s.kind == "worksheet"]


def relation_key(element: Any) -> str:
    """Returns the relation that the element names, in ordinary and in strict Open XML."""
    return next((str(v) for k, v in element.attrib.items() if k in (f"{{{_OPEN}}}id", f"{{{_STRICT}}}id")), "")


def child(tree: Any, name: str) -> Any:
    """Returns the child with that name; created in its place among the others if missing."""
    space = str(tree.tag).rpartition("}")[0] + "}"
    found = tree.find(f"{space}{name}")
    if found is None:
        found = tree.makeelement(f"{space}{name}", {})
        insert(tree, found)
    return found


def insert(tree: Any, element: Any) -> None:
    """Puts a child where the file format wants it, after others of its kind."""
    order: Sequence[str] = _ORDERS[local(tree)]
    rank = order.index(local(element))
    later = (n for n, e in enumerate(tree) if local(e) in order and order.index(local(e)) > rank)
    tree.insert(next(later, len(tree)), element)


def written_by_openpyxl(content: bytes, path: str) -> bool:
    """Returns whether openpyxl wrote the file last, so that it loses nothing by being written like that again."""
    return b"Openpyxl" in zip_package.parts(content, path).get("docProps/app.xml", b"")


def as_usual(content: bytes, path: str) -> bytes:
    """Returns the workbook in ordinary Open XML, with parts named as others spell them: libraries want both."""
    book = BookParts(content, path)
    names: dict[str, str] = {}
    for owner in ("", *(n for n in book.parts if n.endswith((".xml", ".bin")))):
        for link in book.links(owner):
            if not link.external and book.has(link.target):
                names.setdefault(book.name(link.target), link.target)
    for part in list(book.parts):
        if (links := book.name(_links_of(part))) in book.parts:
            names[links] = _links_of(names.get(part, part))
    if not book.strict and all(old == new for old, new in names.items()):
        return content
    parts = {names.get(n, n): ordinary(p) if n.endswith((".xml", ".rels")) else p for n, p in book.parts.items()}
    return zip_package.pack(parts)


def _links_of(part: str) -> str:
    folder, _, file = part.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


def _link(folder: str, each: Any) -> PartLink:
    external = each.get("TargetMode") == "External"
    target = str(each.get("Target") or "")
    if not external:
        words = unquote(target.partition("#")[0]).replace("\\", "/")
        target = posixpath.normpath(posixpath.join("/" + folder, words)).lstrip("/")
    return PartLink(str(each.get("Id")), str(each.get("Type") or "").rpartition("/")[2], target, external)
