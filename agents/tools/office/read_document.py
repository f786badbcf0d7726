"""Text documents as text: docx, md, txt, html, pdf."""

import io
import re
from pathlib import PurePosixPath
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from agents.tool import Workspace, clipped
from agents.tools.office import xml
from agents.tools.office.textfile import decoded
from orchestrator.errors import ToolFailed

_PLAIN = {".md", ".txt", ".csv", ".json", ".log", ".yaml", ".yml", ".xml", ".rst"}
_SKIP = {"script", "style", "noscript", "template", "svg", "head"}
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BREAKS = {"p", "div", "section", "article", "ul", "ol", "li", "table", "tr", "br", "blockquote", "pre", *_HEADINGS}
_MOST_PAGES = 400
_AGAIN = re.compile(r"NOTEREF _RefNote(\d+)")
"""How document_write repeats the number of a footnote."""


def read_document(workspace: Workspace, path: str) -> str:
    """The text, cut with a sentence when it is long. Raises ToolFailed for an unknown type or a damaged file."""
    suffix = PurePosixPath(path).suffix.lower()
    content = workspace.read(path)
    match suffix:
        case ".docx":
            return clipped(docx_text(content, path))
        case ".pdf":
            return clipped(pdf_text(content, path))
        case ".html" | ".htm":
            return clipped(html_text(content, path))
        case _ if suffix in _PLAIN:
            return clipped(decoded(content, path)[0])
        case _:
            raise ToolFailed(f"{path!r} is no text document; documents are .docx, .md, .txt, .html and .pdf.")


def open_docx(content: bytes, path: str) -> Any:
    """The document. Raises ToolFailed when it is none."""
    try:
        return docx.Document(io.BytesIO(content))
    except (BadZipFile, KeyError, ValueError, OpcError, SyntaxError) as error:
        raise ToolFailed(
            f"{path!r} cannot be read as a Word document ({error}); check the file or make it anew."
        ) from error


def docx_text(content: bytes, path: str) -> str:
    document = open_docx(content, path)
    lines: list[str] = []
    for element in document.element.body:
        if element.tag == qn("w:p"):
            lines.append(_paragraph(Paragraph(element, document)))
        elif element.tag == qn("w:tbl"):
            lines.append(_table([[_cell(c) for c in row.cells] for row in Table(element, document).rows]))
    notes = [f"[^{n}]: {words}" for n, words in footnotes(document).items()]
    return "\n\n".join([*(line for line in lines if line.strip()), *(["\n".join(notes)] if notes else [])])


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


def pdf_text(content: bytes, path: str) -> str:
    """Page by page. Raises ToolFailed for a damaged or locked file, or one without any text."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ToolFailed(f"{path!r} is locked with a password; ask for an open copy.")
        pages = [(n, page.extract_text().strip()) for n, page in enumerate(reader.pages[:_MOST_PAGES], 1)]
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise ToolFailed(f"{path!r} cannot be read as a PDF ({error}); check the file.") from error
    if not any(text for _, text in pages):
        raise ToolFailed(
            f"{path!r} has {len(pages)} pages but no text; it is probably scanned. Look at it as a picture."
        )
    return f"{path}: {len(reader.pages)} pages.\n\n" + "\n\n".join(f"[page {n}]\n{text}" for n, text in pages)


def html_text(content: bytes, path: str) -> str:
    text, _ = decoded(content, path)
    tree = xml.parsed_html(text)
    out: list[str] = []
    _walk(tree, out)
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
