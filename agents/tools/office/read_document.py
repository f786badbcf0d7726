"""Word and HTML as text, with headings, lists, tables and footnotes."""

import io
import re
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from agents.tools.office import guard, package, xml
from agents.tools.office.pdf_text import pdf_text
from agents.tools.office.textfile import decoded
from orchestrator.errors import ToolFailed

__all__ = ["docx_text", "footnotes", "html_text", "open_docx", "pdf_text"]

_SKIP = {"script", "style", "noscript", "template", "svg", "head"}
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BREAKS = {"p", "div", "section", "article", "ul", "ol", "li", "table", "tr", "br", "blockquote", "pre", *_HEADINGS}
_AGAIN = re.compile(r"NOTEREF _RefNote(\d+)")
"""How document_write repeats the number of a footnote."""
_TYPES = re.compile(rb"application/[\w.-]+?(?:template|macroEnabledTemplate|macroEnabled)\.main\+xml")
_DOCUMENT = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def open_docx(content: bytes, path: str) -> Any:
    """The document; a template or one with macros is opened as a plain one. Raises ToolFailed when it is none."""
    kind = guard.looked_at(content, path)
    if "Word document" not in kind:
        raise ToolFailed(f"{path!r} is not a Word document, inside it is {kind}; use the tool for that type.")
    try:
        return docx.Document(io.BytesIO(_plain(content, path)))
    except (BadZipFile, KeyError, ValueError, OpcError, SyntaxError, AttributeError) as error:
        raise ToolFailed(
            f"{path!r} cannot be read as a Word document ({error}); check the file or make it anew."
        ) from error


def has_macros(content: bytes, path: str) -> bool:
    return any(name.lower().endswith("vbaproject.bin") for name in package.parts(content, path))


def _plain(content: bytes, path: str) -> bytes:
    """The same with the content type that python-docx opens."""
    parts = package.parts(content, path)
    kinds = parts.get("[Content_Types].xml", b"")
    return (
        package.pack({**parts, "[Content_Types].xml": _TYPES.sub(_DOCUMENT, kinds)})
        if _TYPES.search(kinds)
        else content
    )


def docx_text(content: bytes, path: str) -> str:
    document = open_docx(content, path)
    lines: list[str] = []
    tables = 0
    for element in _body(document.element.body):
        if element.tag == qn("w:p"):
            lines.append(_paragraph(Paragraph(element, document)))
        else:
            tables += 1
            lines.append(f"[table {tables}]\n" + _table([_row(row) for row in Table(element, document).rows]))
    notes = [f"[^{n}]: {words}" for n, words in footnotes(document).items()]
    said = ["[It carries macros; they were neither run nor read.]"] if has_macros(content, path) else []
    return "\n\n".join([*said, *(line for line in lines if line.strip()), *(["\n".join(notes)] if notes else [])])


def _body(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those inside content controls, such as a table of contents."""
    for element in parent:
        if element.tag in (qn("w:p"), qn("w:tbl")):
            yield element
        elif element.tag == qn("w:sdt"):
            for inside in element.findall(qn("w:sdtContent")):
                yield from _body(inside)


def _row(row: Any) -> list[str]:
    """The row's cells; one that spans columns stands once."""
    return [_cell(c) for n, c in enumerate(row.cells) if n == 0 or c._tc is not row.cells[n - 1]._tc]


def footnotes(document: Any) -> dict[str, str]:
    """Text of each footnote by its id."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            tree: Any = xml.parsed(relation.target_part.blob)
            return {
                note.get(qn("w:id")): "".join(note.itertext(qn("w:t"))).strip()
                for note in tree.iter(qn("w:footnote"))
                if note.get(qn("w:type")) is None
            }
    return {}


def _paragraph(paragraph: Any) -> str:
    text = ""
    for element in paragraph._p.iter(*map(qn, ("w:t", "w:tab", "w:br", "w:footnoteReference", "w:fldSimple"))):
        if any(a.tag == qn("w:del") for a in element.iterancestors(qn("w:del"))):
            continue
        if element.tag == qn("w:fldSimple"):
            again = _AGAIN.search(element.get(qn("w:instr")) or "")
            text += f"[^{again[1]}]" if again else ""
        elif element.tag == qn("w:t"):
            field = element.getparent().getparent()
            repeated = field.tag == qn("w:fldSimple") and _AGAIN.search(field.get(qn("w:instr")) or "")
            text += "" if repeated else (element.text or "").replace("\u00a0", " ")
        elif element.tag == qn("w:footnoteReference"):
            text += f"[^{element.get(qn('w:id'))}]"
        elif element.getparent().tag == qn("w:r"):
            text += "\n" if element.tag == qn("w:br") else "\t"
    style = str(paragraph.style.name) if paragraph.style is not None else ""
    if style == "Title":
        return f"# {text}"
    if style.startswith("Heading ") and style[8:].isdigit():
        return f"{'#' * (int(style[8:]) + 1)} {text}"
    return f"{'1.' if 'Number' in style else '-'} {text}" if style.startswith("List ") else text


def _cell(cell: Any) -> str:
    return " ".join(_paragraph(p) for p in cell.paragraphs)


def _table(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(" ".join(c.split()) for c in row) + " |" for row in rows)


def html_text(content: bytes, path: str) -> str:
    text, _ = decoded(content, path)
    tree = xml.parsed_html(text)
    out: list[str] = []
    try:
        _walk(tree, out)
    except RecursionError as error:
        raise ToolFailed(f"{path!r} is nested too deeply to be read; ask for a simpler copy.") from error
    lines = (" ".join(line.split()) for line in "".join(out).splitlines())
    return "\n".join(line for line in lines if line)


def _walk(node: Any, out: list[str]) -> None:
    tag = node.tag if isinstance(node.tag, str) else "script"
    if tag not in _SKIP:
        starts = {"li": "\n- ", "td": " | ", "th": " | "}
        out.append(
            f"\n{'#' * _HEADINGS[tag]} " if tag in _HEADINGS else starts.get(tag, "\n" if tag in _BREAKS else "")
        )
        out.append(node.text or "")
        for child in node:
            _walk(child, out)
        out.append("\n" if tag in _BREAKS else "")
    if node.getparent() is not None:
        out.append(node.tail or "")
