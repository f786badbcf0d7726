"""Reads any program's Word document as text: blocks with their numbers, then all that stands beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from docx.oxml.ns import qn

from agents.tools.office.decode_text_file import decoded
from agents.tools.office.drawing_text import graphic_lines
from agents.tools.office.equation_text import equation
from agents.tools.office.file_kind import file_kind
from agents.tools.office.package_reader import PackageReader, odd_content, relation_id
from agents.tools.office.word import clean_up_after_edit, find_blocks, find_table_cells
from agents.tools.office.word.hidden_content import hidden_lines, link_lines, revision_lines, struck_lines
from agents.tools.office.word.list_numbers import ListNumbers
from agents.tools.office.word.paragraph_text import EQUATIONS, paragraph_text
from agents.tools.office.word.read_document import html_text
from agents.tools.office.word.revisions import pending
from orchestrator.errors import ToolFailed

_GRAPHICS = (qn("w:drawing"), qn("w:object"), qn("w:pict"))
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_UNNUMBERED = (qn("w:p"), qn("w:altChunk"), f"{EQUATIONS}oMathPara")
_PASSED_OVER = tuple(map(qn, ("w:sectPr", "w:del", "w:moveFrom", "w:sdtPr", "w:tbl")))
_MOST_CHUNKS = 20


@dataclass(frozen=True)
class _Reading:
    """One part's words: `main` is the part, `styles` the names of paragraph styles, `notes` the shown numbers, `items`
    what is shown before an item of a list."""

    package: PackageReader
    main: str
    styles: Mapping[str, str]
    notes: Mapping[str, str]
    endnotes: Mapping[str, str]
    items: Mapping[Any, str]


def docx_text(content: bytes, path: str) -> str:
    """Returns its blocks in order, each with the number that document_edit uses, then notes, comments, headers and
    footers. Raises ToolFailed if it isn't a Word document."""
    with odd_content(path):
        return _text(content, path, chunks=_MOST_CHUNKS)


def _text(content: bytes, path: str, *, chunks: int) -> str:
    package = PackageReader(content, path)
    main = package.main()
    if "Word document" not in package.kind and not main.lower().startswith("word/"):
        raise ToolFailed(f"{path!r} isn't a Word document; it's {package.kind}. Use the tool for that file type.")
    root = package.tree(main)
    body = root.find(qn("w:body")) if root is not None else None
    if body is None:
        raise ToolFailed(f"{path!r} is damaged: the part with its text can't be read. Ask for the file again.")
    styles = next((package.tree(r.target) for r in package.related(main, "styles")), None)
    document: Any = SimpleNamespace(
        element=SimpleNamespace(body=body), styles=SimpleNamespace(element=() if styles is None else styles)
    )
    reading = _Reading(
        package,
        main,
        find_blocks.style_names(document),
        {key: str(n) for key, n in clean_up_after_edit.shown_numbers(document).items()},
        {str(mark.get(qn("w:id"))): str(n) for n, mark in enumerate(body.iter(qn("w:endnoteReference")), 1)},
        ListNumbers(_numbering(package, main), () if styles is None else styles).labels(body.iter(qn("w:p"))),
    )
    blocks = find_blocks.blocks(document)
    lines = list(_blocks(reading, body, blocks, chunks))
    places = {
        str(start.get(qn("w:id"))): f"[{block.number}]"
        for block in reversed(blocks)
        for start in block.element.iter(qn("w:commentRangeStart"), qn("w:commentReference"))
    }
    beside = [
        *_comments(reading, places),
        *revision_lines(blocks),
        *hidden_lines(blocks, () if styles is None else styles),
        *struck_lines(blocks),
        *link_lines(blocks, {r.id: r.target for r in package.related(main, "hyperlink") if r.external}),
        *_edges(reading),
    ]
    told = [*_notes(reading), "\n".join(dict.fromkeys(beside))]
    said = [part for part in [*_first(reading, document), *lines, *told] if part]
    return "\n\n".join([*(said or ["[The document is empty.]"]), *package.notes()])


def _numbering(package: PackageReader, main: str) -> Any:
    return next((package.tree(r.target) for r in package.related(main, "numbering")), None)


def _first(reading: _Reading, document: Any) -> Iterator[str]:
    """Yields what an editor has to know first."""
    if any(name.endswith("vbaproject.bin") for name in reading.package.names("")):
        yield "[It contains macros, which were neither run nor read.]"
    if waiting := pending(document):
        by = ", ".join(f"{count} by {author}" for author, count in waiting.items())
        yield f"[Tracked changes: {by}. The text is shown as if accepted.]"


def _blocks(reading: _Reading, body: Any, blocks: list[find_blocks.Numbered], chunks: int) -> Iterator[str]:
    """Yields each block with its number, and what stands between blocks without one."""
    numbered = {block.element: block for block in blocks}
    tables = 0
    for element in _in_order(body, numbered):
        block = numbered.get(element)
        if block is None:
            if element.tag == qn("w:altChunk"):
                yield from _chunk(reading, element, chunks)
            elif text := _paragraph(reading, element).strip():
                yield text
        elif block.table:
            tables += 1
            yield f"[{block.number}] [table {tables}]\n{_table(reading, element)}"
        elif (text := _paragraph(reading, element)).strip():
            yield f"{'[contents]' if block.contents else f'[{block.number}]'} {text}"
        yield from _drawn(reading, reading.main, element)


def _in_order(parent: Any, numbered: Mapping[Any, Any]) -> Iterator[Any]:
    """Yields numbered blocks, and paragraphs, equations and inserted files that have no number."""
    for child in parent:
        if child in numbered or child.tag in _UNNUMBERED:
            yield child
        elif child.tag not in _PASSED_OVER:
            yield from _in_order(child, numbered)


def _chunk(reading: _Reading, element: Any, chunks: int) -> Iterator[str]:
    """Yields a whole document of another format that Word would show at this place."""
    relation = reading.package.relation(reading.main, relation_id(element))
    part = relation.target if relation else ""
    content = reading.package.part(part) if part else b""
    if not content or chunks <= 0:
        return
    kind = file_kind(content)
    try:
        if kind == "zip":
            yield f"[embedded document]\n{_text(content, part, chunks=chunks // 2)}"
        elif kind == "html":
            yield f"[embedded web page]\n{html_text(content, part)}"
        elif kind == "text":
            yield f"[embedded text]\n{decoded(content, part)[0].strip()}"
        else:
            yield f"[an embedded file that isn't shown here: {part.rpartition('/')[2]}]"
    except ToolFailed:
        yield f"[an embedded file that can't be read: {part.rpartition('/')[2]}]"


def _paragraph(reading: _Reading, element: Any) -> str:
    if element.tag != qn("w:p"):
        return equation(element)
    text = paragraph_text(element, reading.notes, reading.endnotes)
    style = find_blocks.named_style(element, reading.styles)
    if style == "Title":
        return f"# {text}"
    if style.startswith("Heading ") and style[8:].isdigit():
        return f"{'#' * (int(style[8:]) + 1)} {text}"
    if label := reading.items.get(element):
        return f"{label}{text}" if text.strip() else text
    return f"{'1.' if 'Number' in style else '-'} {text}" if style.startswith("List ") else text


def _table(reading: _Reading, table: Any) -> str:
    rows = (
        _gone(row)
        if find_table_cells.is_deleted(row)
        else [_cell(reading, cell) for cell in find_table_cells.in_columns(row)]
        for row in find_table_cells.rows(table)
    )
    return "\n".join("| " + " | ".join(" ".join(cell.split()) for cell in row) + " |" for row in rows)


def _gone(row: Any) -> list[str]:
    """Returns what a row says that a tracked change deletes; it keeps its number until somebody accepts that."""
    words = (
        "".join(t.text or "" for t in cell.iter(qn("w:t"), qn("w:delText"))) for cell in find_table_cells.cells(row)
    )
    return [f"[deleted row: {'; '.join(' '.join(w.split()) for w in words)}]"]


def _cell(reading: _Reading, cell: Any) -> str:
    """Returns a cell's paragraphs as one line; a table inside it in brackets; nothing for a column without a cell."""
    if cell is None:
        return ""
    words: list[str] = []
    for element in _in_order(cell, dict.fromkeys(_nested(cell), True)):
        if element.tag == qn("w:tbl"):
            rows = (
                "; ".join(
                    _gone(row)
                    if find_table_cells.is_deleted(row)
                    else [_cell(reading, c) for c in find_table_cells.cells(row)]
                )
                for row in find_table_cells.rows(element)
            )
            words.append(f"[table inside: {' / '.join(rows)}]")
        else:
            words.append(_paragraph(reading, element))
    return " ".join(word for word in words if word.strip())


def _nested(cell: Any) -> Iterator[Any]:
    return (table for table in cell.iter(qn("w:tbl")) if next(table.iterancestors(qn("w:tc"))) is cell)


def _drawn(reading: _Reading, owner: str, block: Any) -> Iterator[str]:
    """Yields texts in boxes, WordArt, charts, SmartArt and embedded files, without the copies for older programs."""
    for box in block.iter(qn("w:txbxContent")):
        if not _copied(box) and next(box.iterancestors(qn("w:txbxContent")), None) is None:
            inside = (paragraph_text(p, reading.notes, reading.endnotes).strip() for p in box.iter(qn("w:p")))
            if text := "\n".join(line for line in inside if line):
                yield f"[text box] {text}"
    yield from (f"[WordArt] {w.get('string')}" for w in block.iter(_WORD_ART) if w.get("string") and not _copied(w))
    for drawing in block.iter(*_GRAPHICS):
        if not _copied(drawing):
            yield from ("\n".join(lines) for lines in [list(graphic_lines(reading.package, owner, drawing))] if lines)


def _copied(element: Any) -> bool:
    return any(str(a.tag).endswith("}Fallback") and len(a.getparent()) > 1 for a in element.iterancestors())


def _notes(reading: _Reading) -> Iterator[str]:
    for kind, tag, numbers, mark in (
        ("footnotes", "w:footnote", reading.notes, ""), ("endnotes", "w:endnote", reading.endnotes, "e"),
    ):  # fmt: skip
        found: list[tuple[int, str]] = []
        for relation in reading.package.related(reading.main, kind):
            tree = reading.package.tree(relation.target)
            for note in tree.iter(qn(tag)) if tree is not None else ():
                if note.get(qn("w:type")) in (None, "normal"):
                    number = numbers.get(str(note.get(qn("w:id"))), "0")
                    found.append((int(number), _flat(reading, note)))
        lines = [f"[^{mark}{number}]: {words}" for number, words in sorted(found) if words or number]
        if lines:
            yield "\n".join(lines)


def _comments(reading: _Reading, places: Mapping[str, str]) -> Iterator[str]:
    for relation in reading.package.related(reading.main, "comments"):
        tree = reading.package.tree(relation.target)
        for comment in tree.iter(qn("w:comment")) if tree is not None else ():
            place = places.get(str(comment.get(qn("w:id"))))
            at = f" at {place}" if place else ""
            author = comment.get(qn("w:author")) or "unknown"
            yield f"[comment by {author}{at}] {_flat(reading, comment)}"


def _edges(reading: _Reading) -> Iterator[str]:
    """Yields headers and footers."""
    for relation in reading.package.related(reading.main, "header", "footer"):
        tree = reading.package.tree(relation.target)
        for paragraph in tree.iter(qn("w:p")) if tree is not None else ():
            boxed = next(paragraph.iterancestors(qn("w:txbxContent")), None) is not None
            text = paragraph_text(paragraph, reading.notes, reading.endnotes).strip()
            if text and not boxed:
                yield f"[{relation.kind}] {text}"
        if tree is not None:
            yield from (f"[{relation.kind}] {text}" for text in _drawn(reading, relation.target, tree))


def _flat(reading: _Reading, element: Any) -> str:
    words = (paragraph_text(p, reading.notes, reading.endnotes).split() for p in element.iter(qn("w:p")))
    return " ".join(word for line in words for word in line)
