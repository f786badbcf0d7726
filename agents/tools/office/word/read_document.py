"""Reads Word and HTML as text, with headings, lists, tables and footnotes."""

import io
import re
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from agents.tools.office import unsafe_files, xml, zip_package
from agents.tools.office.pdf_text import pdf_text
from agents.tools.office.text_encoding import decoded
from agents.tools.office.word import clean_up_after_edit, find_blocks, runs
from agents.tools.office.word.revisions import pending
from orchestrator.errors import ToolFailed

__all__ = ["docx_text", "docx_words", "footnotes", "html_text", "open_docx", "pdf_text"]

_SKIP = {"script", "style", "noscript", "template", "svg", "head"}
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BREAKS = {"p", "div", "section", "article", "ul", "ol", "li", "table", "tr", "br", "blockquote", "pre", *_HEADINGS}
_OTHERS = ("w:footnoteReference", "wp:docPr")
_TYPES = re.compile(rb"application/[\w.-]+?(?:template|macroEnabledTemplate|macroEnabled)\.main\+xml")
_DOCUMENT = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def open_docx(content: bytes, path: str) -> Any:
    """Opens the document; a template or one with macros is opened as a plain one. Raises ToolFailed if it isn't one."""
    kind = unsafe_files.looked_at(content, path)
    if "Word document" not in kind:
        raise ToolFailed(f"{path!r} isn't a Word document but {kind}. Use the tool for that type.")
    try:
        return docx.Document(io.BytesIO(_plain(content, path)))
    except (BadZipFile, KeyError, ValueError, OpcError, SyntaxError, AttributeError) as error:
        raise ToolFailed(
            f"{path!r} can't be read as a Word document ({error}). Check the file or create it again."
        ) from error


def has_macros(content: bytes, path: str) -> bool:
    return any(name.lower().endswith("vbaproject.bin") for name in zip_package.parts(content, path))


def _plain(content: bytes, path: str) -> bytes:
    """Replaces the content type with the one that python-docx opens."""
    parts = zip_package.parts(content, path)
    kinds = parts.get("[Content_Types].xml", b"")
    return (
        zip_package.pack({**parts, "[Content_Types].xml": _TYPES.sub(_DOCUMENT, kinds)})
        if _TYPES.search(kinds)
        else content
    )


def docx_text(content: bytes, path: str) -> str:
    """Returns its blocks in order, each with the number that document_edit uses, then notes, comments, headers and
    footers."""
    document = open_docx(content, path)
    numbers = {i: str(n) for i, n in clean_up_after_edit.shown_numbers(document).items()}
    lines: list[str] = []
    tables = 0
    for block in find_blocks.blocks(document):
        if block.table:
            tables += 1
            rows = [_row(row, numbers) for row in Table(block.element, document).rows]
            lines.append(f"[{block.number}] [table {tables}]\n{_table(rows)}")
        elif (text := _paragraph(Paragraph(block.element, document), numbers)).strip():
            lines.append(f"{'[contents]' if block.contents else f'[{block.number}]'} {text}")
        lines += [f"[text box] {text}" for text in _boxes(block.element)]
    notes = sorted((int(numbers[i]) if i in numbers else 0, words) for i, words in footnotes(document).items())
    told = "\n".join(f"[^{n}]: {words}" for n, words in notes)
    return "\n\n".join(part for part in [*_first(document, content, path), *lines, told, _beside(document)] if part)


def docx_words(content: bytes, path: str) -> str:
    """Returns only the text on its pages, paragraph by paragraph, without headers, footers, notes and boxes."""
    document = open_docx(content, path)
    return "\n".join(runs.whole(p) for p in document.element.body.iter(qn("w:p")))


def _first(document: Any, content: bytes, path: str) -> list[str]:
    """Returns what an editor has to know first."""
    said = ["[It contains macros, which were neither run nor read.]"] if has_macros(content, path) else []
    if waiting := pending(document):
        by = ", ".join(f"{count} by {author}" for author, count in waiting.items())
        said.append(f"[Open revisions: {by}. The text is shown as if accepted.]")
    return said


def _boxes(block: Any) -> list[str]:
    """Returns texts in boxes, without the copy for older programs."""
    boxes = [b for b in block.iter(qn("w:txbxContent")) if not any("Fallback" in str(a.tag) for a in b.iterancestors())]
    texts = ("\n".join(runs.whole(p) for p in box.iter(qn("w:p"))).strip() for box in boxes)
    return [text for text in texts if text]


def _beside(document: Any) -> str:
    """Returns comments, headers and footers."""
    found: list[str] = []
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind == "comments":
            for comment in xml.parsed(relation.target_part.blob).iter(qn("w:comment")):
                words = " ".join("".join(comment.itertext(qn("w:t"))).split())
                at = _commented(document, comment.get(qn("w:id")))
                found.append(f"[comment by {comment.get(qn('w:author'))} at {at}] {words}")
        elif kind in ("header", "footer"):
            lines = (runs.whole(p).strip() for p in relation.target_part.element.iter(qn("w:p")))
            found += [f"[{kind}] {text}" for text in lines if text]
    return "\n".join(dict.fromkeys(found))


def _commented(document: Any, comment: str) -> str:
    for block in find_blocks.blocks(document):
        for start in block.element.iter(qn("w:commentRangeStart"), qn("w:commentReference")):
            if start.get(qn("w:id")) == comment:
                return f"[{block.number}]"
    return "no place"


def _row(row: Any, numbers: dict[str, str]) -> list[str]:
    """Returns the row's cells; one that spans columns appears once."""
    cells = [c for n, c in enumerate(row.cells) if n == 0 or c._tc is not row.cells[n - 1]._tc]
    return [" ".join(_paragraph(p, numbers) for p in cell.paragraphs) for cell in cells]


def footnotes(document: Any) -> dict[str, str]:
    """Returns each footnote's text by its id."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            tree: Any = xml.parsed(relation.target_part.blob)
            return {
                note.get(qn("w:id")): "".join(note.itertext(qn("w:t"))).strip()
                for note in tree.iter(qn("w:footnote"))
                if note.get(qn("w:type")) is None
            }
    return {}


def _paragraph(paragraph: Any, numbers: dict[str, str]) -> str:
    """Returns its text with its footnote marks and what its pictures show."""
    pieces = runs.pieces(paragraph._p, notes=True)
    shown = {p.element: f"[^{p.text}]" if p.note else p.text.replace("\u00a0", " ") for p in pieces}
    text = ""
    for element in paragraph._p.iter(*map(qn, ("w:t", "w:tab", "w:br", "w:cr", "w:noBreakHyphen", *_OTHERS))):
        if element.tag == qn("wp:docPr"):
            text += f"[picture: {element.get('descr') or 'no description'}]" if _pictured(element) else ""
        elif element.tag == qn("w:footnoteReference"):
            gone = next(element.iterancestors(qn("w:del")), None) is not None
            text += "" if gone else f"[^{numbers.get(element.get(qn('w:id')), element.get(qn('w:id')))}]"
        else:
            text += shown.get(element, "")
    style = find_blocks.style_name(paragraph._p, paragraph.part.document)
    if style == "Title":
        return f"# {text}"
    if style.startswith("Heading ") and style[8:].isdigit():
        return f"{'#' * (int(style[8:]) + 1)} {text}"
    return f"{'1.' if 'Number' in style else '-'} {text}" if style.startswith("List ") else text


def _pictured(words: Any) -> bool:
    """Returns whether it is a picture or chart; a box's text is shown separately."""
    return next(words.getparent().iter(qn("w:txbxContent")), None) is None


def _table(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(" ".join(c.split()) for c in row) + " |" for row in rows)


def html_text(content: bytes, path: str) -> str:
    text, _ = decoded(content, path)
    tree = xml.parsed_html(text)
    out: list[str] = []
    try:
        _walk(tree, out)
    except RecursionError as error:
        raise ToolFailed(f"{path!r} is nested too deeply. Ask for a simpler copy.") from error
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
