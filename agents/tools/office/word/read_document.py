"""Opens Word documents for editing and checking, and reads HTML as text."""

import io
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from agents.tools.office import unsafe_files, xml, zip_package
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.word import runs
from agents.tools.office.word.hidden_content import hiding_styles, is_hidden
from orchestrator.errors import ToolFailed

__all__ = ["docx_words", "footnotes", "html_text", "open_docx"]

_TYPE, _ID = qn("w:type"), qn("w:styleId")
_SKIP = {"script", "style", "noscript", "template", "svg", "head"}
_HIDDEN = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(px|pt)?\s*(;|$)"
)
_LONGEST_LINK, _LONGEST_URL, _MOST_LINKS, _MOST_SPANNED = 120, 300, 40, 5_000
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BREAKS = {"p", "div", "section", "article", "ul", "ol", "li", "table", "tr", "br", "blockquote", "pre", *_HEADINGS}
_TYPES = re.compile(rb"application/[\w.-]+?(?:template|macroEnabledTemplate|macroEnabled)\.main\+xml")
_DOCUMENT = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def open_docx(content: bytes, path: str) -> Any:
    """Opens the document; a template or one with macros is opened as a plain one. Raises ToolFailed if it isn't one."""
    kind = unsafe_files.looked_at(content, path)
    if "Word document" not in kind:
        raise ToolFailed(f"{path!r} isn't a Word document; it's {kind}. Use the tool for that file type.")
    try:
        document: Any = docx.Document(io.BytesIO(_plain(content, path)))
        for style in _untyped(document):
            style.set(_TYPE, "paragraph")  # what a missing type means; python-docx wants it written
    except (BadZipFile, KeyError, ValueError, OpcError, SyntaxError, AttributeError) as error:
        raise ToolFailed(
            f"{path!r} can't be read as a Word document ({error}). Check the file or create it again."
        ) from error
    return document


@contextmanager
def as_it_was(document: Any, before: bytes) -> Generator[None]:
    """Inside this block, styles that had no type in the file `before` have none, so that saving doesn't add it."""
    ids = {s.get(_ID) for s in _untyped(docx.Document(io.BytesIO(_plain(before, "the document"))))}
    bare = [s for s in document.styles.element.style_lst if s.get(_ID) in ids]
    for style in bare:
        del style.attrib[_TYPE]
    try:
        yield
    finally:
        for style in bare:
            style.set(_TYPE, "paragraph")


def _untyped(document: Any) -> list[Any]:
    return [s for s in document.styles.element.style_lst if s.get(_TYPE) is None]


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


def docx_words(content: bytes, path: str) -> str:
    """Returns only the text on its pages, paragraph by paragraph, without headers, footers, notes, boxes and what is
    hidden."""
    document = open_docx(content, path)
    hiding = hiding_styles(document.styles.element)
    return "\n".join(
        "".join(piece.text for piece in runs.pieces(paragraph) if not is_hidden(piece.run, hiding))
        for paragraph in document.element.body.iter(qn("w:p"))
    )


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


def html_text(content: bytes, path: str) -> str:
    text = decoded(content, path).text
    tree = xml.parsed_html(text)
    out: list[str] = []
    try:
        _walk(tree, out, {})
    except RecursionError as error:
        raise ToolFailed(f"{path!r} is nested too deeply. Ask for a simpler copy.") from error
    lines = (" ".join(line.split()) for line in "".join(out).splitlines())
    return "\n".join(line for line in lines if line)


def html_links(text: str) -> list[str]:
    """Returns a line with the address of each linked text of a page; a text that is its own address needs none."""
    found: dict[str, None] = {}
    for link in xml.parsed_html(text).iter("a"):
        url, words = str(link.get("href") or "").strip(), " ".join("".join(link.itertext()).split())
        same = url.removeprefix("mailto:").rstrip("/") == words.rstrip("/")
        if url.startswith(("http://", "https://", "mailto:")) and words and not same and not _hides(link):
            found[f"[link] {words[:_LONGEST_LINK]}: {url[:_LONGEST_URL]}"] = None
    return list(found)[:_MOST_LINKS]


def _hides(node: Any) -> bool:
    """Returns whether a page never shows the element or one around it."""
    around = (node, *node.iterancestors())
    return any(one.get("hidden") is not None or _HIDDEN.search(str(one.get("style") or "")) for one in around)


def _blanks_before(table: Any) -> dict[Any, int]:
    """Returns how many columns before each cell are covered by a cell that spans columns or rows."""
    found: dict[Any, int] = {}
    taken: set[tuple[int, int]] = set()
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
    for r, row in enumerate(rows[:_MOST_SPANNED]):
        column = after = 0
        for cell in row.iterchildren("td", "th"):
            while (r, column) in taken:
                column += 1
            found[cell] = column - after
            wide, high = (_spanned(cell.get(name)) for name in ("colspan", "rowspan"))
            taken |= {(r + down, column + over) for down in range(high) for over in range(wide)}
            after = column + 1
    return {cell: count for cell, count in found.items() if count}


def _spanned(text: str | None) -> int:
    return max(1, min(int(text), 100)) if text and text.strip().isdigit() else 1


def _walk(node: Any, out: list[str], blanks: dict[Any, int]) -> None:
    tag = node.tag if isinstance(node.tag, str) else "script"
    if tag not in _SKIP and not (node.get("hidden") is not None or _HIDDEN.search(str(node.get("style") or ""))):
        blanks = _blanks_before(node) if tag == "table" else blanks
        starts = {"li": "\n- ", "td": " | ", "th": " | "}
        out.append(" | " * blanks.get(node, 0))
        out.append(
            f"\n{'#' * _HEADINGS[tag]} " if tag in _HEADINGS else starts.get(tag, "\n" if tag in _BREAKS else "")
        )
        out.append(node.text or "")
        for child in node:
            _walk(child, out, blanks)
        out.append("\n" if tag in _BREAKS else "")
    if node.getparent() is not None:
        out.append(node.tail or "")
