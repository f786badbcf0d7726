"""Names what a workbook would lose if openpyxl wrote it, by writing it and comparing."""

import re

from agents.tools.office import zip_package
from agents.tools.office.sheets.workbook import lost, read_book, saved_parts
from orchestrator.errors import ToolFailed

_PARTS = {
    r"xl/charts/chart\d": "charts",
    r"xl/media/": "pictures",
    r"xl/tables/": "tables",
    r"xl/comments": "notes",
    r"xl/printerSettings/": "printer settings",
    r"xl/chartsheets/": "chart sheets",
    r"xl/externalLinks/externalLink": "links to other files",
    r"xl/customProperty|xl/xmlMaps": "custom sheet properties and XML maps",
    r"customXml/": "custom XML",
    r"docProps/custom": "custom document properties",
    r"xl/drawings/vmlDrawing|xl/drawings/.*[vV]ml": "boxes of notes and controls",
}
_ELEMENTS = {
    b"protectedRange": "protected ranges",
    b"customSheetView": "custom views",
    b"picture": "sheet backgrounds",
    b"scenario": "scenarios",
    b"oleObject": "embedded files",
    b"control": "form controls",
    b"sortState": "sort orders",
    b"cellWatch": "watched cells",
    b"legacyDrawingHF": "pictures in headers and footers",
    b"xdr:sp": "drawn shapes",
}


def would_lose(content: bytes, path: str) -> list[str]:
    """Returns what would be gone, in words. Raises ToolFailed if openpyxl can't read or write the file at all."""
    before = zip_package.parts(content, path)
    try:
        after = saved_parts(read_book(content, path), path)
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        raise ToolFailed(
            f"{path!r} has content that only its own program can move. Write next to what is there instead."
        ) from error
    known = lost(content, path)
    found = [known] if known else []
    found += [words for pattern, words in _PARTS.items() if _several(pattern, before) > _several(pattern, after)]
    found += [words for name, words in _ELEMENTS.items() if _inside(name, before) > _inside(name, after)]
    return sorted(dict.fromkeys(found))


def _several(pattern: str, parts: dict[str, bytes]) -> int:
    return sum(bool(re.match(pattern, name)) and not name.endswith(".rels") for name in parts)


def _inside(name: bytes, parts: dict[str, bytes]) -> int:
    element = re.compile(rb"<(?:\w+:)?" + name + rb"[\s/>]")
    return sum(len(element.findall(part)) for n, part in parts.items() if re.match(r"xl/(worksheets|drawings)/", n))
