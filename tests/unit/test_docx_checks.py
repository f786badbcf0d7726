"""Each planted fault of a Word document, a workbook and a deck is named, and a clean file raises no alarm."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm
from PIL import Image

from agents.tools.office import xml
from agents.tools.office.inspect import link_spelling
from agents.tools.office.inspect.docx_checks import contents_match, structure
from agents.tools.office.inspect.sheet_checks import stumbling
from orchestrator.domain.deliverables import Check
from tests.foreign_document import foreign
from tests.office_workspace import Desk

BLOCKS: list[dict[str, Any]] = [
    {"type": "contents"},
    {"type": "heading", "text": "Prices"},
    {"type": "paragraph", "text": "See [the page](https://acme.example/a). It costs $49.", "findings": ["f1", "f2"]},
    {"type": "picture", "path": "p.png", "text": "Prices", "alt": "One bar"},
    {"type": "table", "text": "At a glance", "rows": [["Company", "Price"], ["Acme", 49]]},
]


@pytest.fixture
async def document(tmp_path: Path) -> Any:
    """A document of ours without a fault."""
    desk, out = Desk(tmp_path), io.BytesIO()
    Image.new("RGB", (1600, 900), "navy").save(out, "PNG", dpi=(220, 220))
    desk.workspace.write("p.png", out.getvalue())
    await desk.call("document_write", path="a.docx", title="T", blocks=BLOCKS)
    made: Any = docx.Document(io.BytesIO(desk.workspace.read("a.docx")))
    assert [c for c in [*structure(made), *contents_match(made, None)] if not c.ok or c.told] == []
    return made


def found(document: Any) -> dict[str, Check]:
    return {c.name: c for c in structure(document)}


def notes(document: Any) -> Any:
    return next(r.target_part for r in document.part.rels.values() if r.reltype.endswith("/footnotes"))


def without_body(document: Any) -> None:
    tree: Any = xml.parsed(notes(document).blob)
    tree.remove(next(n for n in tree if n.get(qn("w:id")) == "2"))
    notes(document)._blob = xml.written(tree)


def without_mark(document: Any) -> None:
    mark = next(document.element.body.iter(qn("w:footnoteReference")))
    mark.getparent().remove(mark)


def with_empty_note(document: Any) -> None:
    tree: Any = xml.parsed(notes(document).blob)
    for text in tree.iter(qn("w:t")):
        text.text = ""
    notes(document)._blob = xml.written(tree)


def shape(document: Any) -> Any:
    return document.inline_shapes[0]


def stretched(document: Any) -> None:
    shape(document).width = int(shape(document).width * 1.3)


def coarse(document: Any) -> None:
    out = io.BytesIO()
    Image.new("RGB", (160, 90), "navy").save(out, "PNG")
    part = next(p for p in document.part.related_parts.values() if "image" in str(p.content_type))
    part._blob = out.getvalue()


def without_target(document: Any) -> None:
    field = f'<w:fldSimple {nsdecls("w")} w:instr=" REF _Ref77 \\h "><w:r><w:t>Table 1</w:t></w:r></w:fldSimple>'
    document.paragraphs[-1]._p.append(parse_xml(field))


def linked(address: str) -> Callable[[Any], None]:
    def plant(document: Any) -> None:
        document.part.relate_to(
            address, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink", True
        )

    return plant


def failed_field(document: Any) -> None:
    document.add_paragraph("as shown in Error! Reference source not found.")


def wide_table(document: Any) -> None:
    for column in document.add_table(1, 2).columns:
        column.width = Cm(12)


@pytest.mark.parametrize(
    ("plant", "name", "words"),
    [
        (without_body, "footnotes", "reference 2 has no footnote"),
        (without_mark, "footnotes", "footnote 1 is never referenced"),
        (with_empty_note, "footnotes", "footnote 1 is empty"),
        (stretched, "proportions", "picture 1 is 1.30 times too wide"),
        (coarse, "sharpness", "pixels per inch"),
        (without_target, "links", "a reference to '_Ref77', which doesn't exist"),
        (linked("https://acme .example/a"), "links", "isn't a web address"),
        (linked("mailto:nobody"), "links", "isn't an email address"),
        (linked("file:///tmp/a.pdf"), "links", "is a file path, so it may not work on other computers"),
        (failed_field, "links", "the text contains 'Error! Reference source not found'"),
        (wide_table, "tables", "24.0 cm wide"),
    ],
)
def test_a_planted_fault_is_named_and_no_other_check_fails(
    document: Any, plant: Callable[[Any], None], name: str, words: str
) -> None:
    plant(document)
    checks = found(document)
    assert words in checks[name].words and [c.name for c in checks.values() if not c.ok] == [name]


def test_comments_and_looks_of_a_persons_own_document_are_told_and_never_refused() -> None:
    document: Any = docx.Document(io.BytesIO(foreign()))
    stretched(document)
    checks = found(document)
    assert all(c.ok for c in checks.values())
    assert checks["comments"].told and checks["comments"].words == "it still has comments: 1 by Ada"
    assert checks["proportions"].told and checks["pictures"].told and not checks["footnotes"].told


async def test_revisions_that_wait_are_told_and_do_not_spoil_the_contents(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    blocks = [b for b in BLOCKS if b["type"] != "picture"]
    await desk.call("document_write", path="a.docx", title="T", blocks=blocks)
    change = {"do": "rewrite", "at": "Prices", "text": "Prices of today"}
    await desk.call("document_edit", path="a.docx", changes=[change], track=True)
    document: Any = docx.Document(io.BytesIO(desk.workspace.read("a.docx")))
    assert found(document)["tracked changes"].told and "by threadwork" in found(document)["tracked changes"].words
    assert [(c.ok, c.told) for c in contents_match(document, None)] == [(True, True)]


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.example/a?b=1#c", "http://127.0.0.1:80/", "http://[::1]/x", "https://bücher.example",
        "mailto:a@b.example", "mailto:a@b.example,c@d.example?subject=x", "tel:+4912", "../other.docx", "https://de.wikipedia.org/wiki/A_(B)",
    ],
)  # fmt: skip
def test_an_address_that_may_lead_somewhere_is_left_alone(address: str) -> None:
    assert link_spelling.wrong(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://",
        "https:///a",
        "https://a..example",
        "mailto:",
        "mailto:a@b",
        "C:\\a.docx",
        "\\\\server\\a",
        "file:a",
    ],
)
def test_an_address_that_leads_nowhere_is_named(address: str) -> None:
    assert link_spelling.wrong(address)


def test_links_of_a_workbook_lead_to_sheets_and_names_that_are_there() -> None:
    book: Any = openpyxl.Workbook()
    book.active.title = "Prices 1"
    for n, target in enumerate(("#'Prices 1'!A1", "#B2", "https://acme.example", "mailto:a@b.example"), 1):
        book.active.cell(n, 1, "x").hyperlink = target
    assert next(c for c in stumbling(book, {}) if c.name == "links").ok
    for n, target in enumerate(("#Gone!A1", "#NoName", "http://"), 5):
        book.active.cell(n, 1, "x").hyperlink = target
    words = next(c for c in stumbling(book, {}) if c.name == "links").words
    assert (
        "Prices 1!A5: a link to 'Gone!A1'" in words and "A6: a link to 'NoName'" in words and "A7: 'http://'" in words
    )
