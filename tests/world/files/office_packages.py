"""Builds the smallest office files of odd kinds from their XML parts."""

import io
import zipfile
from collections.abc import Mapping

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = " ".join(
    f'xmlns:{name}="{address}"'
    for name, address in {
        "r": _RELATED,
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)
_MAINS = {
    "xl/workbook.xml": "spreadsheetml.sheet",
    "word/document.xml": "wordprocessingml.document",
    "ppt/presentation.xml": "presentationml.presentation",
}


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def relations(*targets: tuple[str, str] | tuple[str, str, str]) -> str:
    """Relations rId1, rId2, … of (kind, target); a third word makes it external."""
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATED}/{one[0]}" Target="{one[1]}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if len(one) > 2 else ''}/>"
        for n, one in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def package(main: str, parts: Mapping[str, str | bytes]) -> bytes:
    """An office file with this main part; each part's root gets the usual namespaces where it says NAMES."""
    kind = f"application/vnd.openxmlformats-officedocument.{_MAINS[main]}.main+xml"
    types = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/></Types>'
    )
    named = {n: p.replace("NAMES", NAMES) if isinstance(p, str) else p for n, p in parts.items()}
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations(("officeDocument", main)), **named})


def workbook(sheets: Mapping[str, str], parts: Mapping[str, str | bytes] | None = None, *, states: str = "") -> bytes:
    """A workbook whose sheets hold this XML (rows alone, or everything below `<worksheet>`); `states`: a letter each,
    h for hidden."""
    away = ['state="hidden"' if states[n : n + 1] == "h" else "" for n in range(len(sheets))]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" {away[n - 1]}/>' for n, name in enumerate(sheets, 1)
    )
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" NAMES'
    made = {
        f"xl/worksheets/sheet{n}.xml": f"<worksheet {space}>"
        + (body if "<sheetData" in body else f"<sheetData>{body}</sheetData>")
        + "</worksheet>"
        for n, body in enumerate(sheets.values(), 1)
    }
    return package(
        "xl/workbook.xml",
        {
            "xl/workbook.xml": f"<workbook {space}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations(
                *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)),
                *((name, f"{name}.xml") for name in ("styles", "sharedStrings") if f"xl/{name}.xml" in (parts or {})),
            ),
            **made,
            **(parts or {}),
        },
    )


def cell(address: str, text: str) -> str:
    """A cell with text."""
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


def line(number: int, *texts: str) -> str:
    """A row of texts from column A."""
    return f'<row r="{number}">' + "".join(cell(f"{chr(64 + n)}{number}", t) for n, t in enumerate(texts, 1)) + "</row>"


def strict(content: bytes) -> bytes:
    """The same file in strict Open XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    base = b"http://schemas.openxmlformats.org/"
    for name, part in parts.items():
        if name != "[Content_Types].xml":
            for head in (b"officeDocument", b"spreadsheetml", b"wordprocessingml", b"drawingml", b"presentationml"):
                part = part.replace(base + head + b"/2006/", b"http://purl.oclc.org/ooxml/" + head + b"/")
        parts[name] = part
    return zipped(parts)
