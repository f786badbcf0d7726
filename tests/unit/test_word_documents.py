"""Writing and reading text documents."""

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from PIL import Image

from agents.tools.office import provenance_file
from agents.tools.office.cell_input import Cell, Traced
from agents.tools.office.inline_markup import Span, plain, spans
from agents.tools.office.word.blocks import cell_text, decimals
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

BLOCKS: list[dict[str, Any]] = [
    {"type": "callout", "text": "**Take Borealis.** It costs $39.50.", "findings": ["f2"]},
    {"type": "heading", "text": "Prices"},
    {
        "type": "paragraph",
        "text": "See [the page](https://acme.example/a?b=1&c=2) & *compare*.",
        "findings": ["f1", "f2"],
    },
    {"type": "table", "text": "At a glance", "rows": [["Company", "Price"], ["Acme", {"value": 49, "finding": "f1"}]]},
    {"type": "bullets", "items": ["plain", {"text": "traced 8", "findings": ["f3"]}]},
    {"type": "numbers", "items": ["one", "two"]},
    {"type": "paragraph", "text": "Between."},
    {"type": "numbers", "items": ["again one"]},
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def write(desk: Desk, path: str = "a.docx", blocks: list[dict[str, Any]] | None = None) -> str:
    return (await desk.call("document_write", path=path, title="Which vendor?", blocks=blocks or BLOCKS)).text


def part(desk: Desk, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(desk.workspace.read("a.docx"))) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("path", ["a.docx", "a.md"])
async def test_writing_a_document_again_gives_the_same_bytes(desk: Desk, path: str) -> None:
    await write(desk, path)
    once = desk.workspace.read(path)
    await write(desk, path)
    assert desk.workspace.read(path) == once


async def test_findings_are_real_footnotes_and_a_repeated_one_keeps_its_number(desk: Desk) -> None:
    await write(desk)
    notes, text = part(desk, "word/footnotes.xml"), part(desk, "word/document.xml")
    assert notes.count("<w:footnote w:id=") == 3 and text.count("<w:footnoteReference") == 3
    assert "borealis.example/plans" in notes and "“Team: $49”" in notes and "2026-03-04 09:30 UTC" in notes
    assert text.count("NOTEREF _RefNote") == 2
    assert "footnotes+xml" in part(desk, "[Content_Types].xml")
    assert 'TargetMode="External"' in part(desk, "word/_rels/footnotes.xml.rels")


async def test_the_document_uses_real_styles(desk: Desk) -> None:
    await write(desk)
    document = docx.Document(io.BytesIO(desk.workspace.read("a.docx")))
    styles = [p.style.name for p in document.paragraphs if p.style is not None]
    assert styles[:4] == ["Title", "Callout", "Heading 1", "Normal"]
    assert document.tables[0].style is not None and document.tables[0].style.name == "House Table"


async def test_each_numbered_list_starts_at_one(desk: Desk) -> None:
    await write(desk)
    document = docx.Document(io.BytesIO(desk.workspace.read("a.docx")))
    numbers = [
        p._p.pPr.numPr.numId.val for p in document.paragraphs if p.style is not None and p.style.name == "List Number"
    ]  # pyright: ignore
    assert numbers[0] == numbers[1] != numbers[2]


async def test_markdown_gets_footnotes(desk: Desk) -> None:
    await write(desk, "a.md")
    text = desk.workspace.read("a.md").decode()
    assert "| Acme | 49[^2] |" in text
    assert "[^1]: <https://borealis.example/plans>, Pricing table: “Team: $49” (seen 2026-03-04 09:30 UTC)." in text


async def test_places_are_named_so_that_a_reader_finds_them(desk: Desk) -> None:
    await write(desk)
    places = {p.place: p.findings for p in provenance_file.load(desk.workspace, "a.docx").places}
    assert places == {
        "paragraph 1": ("f2",),
        "Prices > paragraph 1": ("f1", "f2"),
        "Prices > table 1 B2": ("f1",),
        "Prices > paragraph 4": ("f3",),
    }


async def test_what_was_written_can_be_read_back(desk: Desk) -> None:
    await write(desk)
    text = (await desk.call("document_read", path="a.docx")).text
    assert "# Which vendor?" in text and "## Prices" in text and "| Acme | 49[^2] |" in text
    assert "compare.[^2] [^1]" in text
    assert "[^1]: borealis.example/plans" in text


async def test_a_picture_is_placed_within_the_margins(desk: Desk) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4000, 300), "navy").save(out, "PNG")
    desk.workspace.write("p.png", out.getvalue())
    await write(desk, blocks=[{"type": "picture", "path": "p.png", "text": "Figure 1"}])
    document = docx.Document(io.BytesIO(desk.workspace.read("a.docx")))
    section = document.sections[0]
    room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    assert document.inline_shapes[0].width <= room


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ([], "no blocks"),
        ([{"type": "table"}], "Block 1 of type 'table' has no 'rows'"),
        ([{"type": "paragraph", "text": "x", "findings": ["f99"]}], "no finding 'f99'"),
        ([{"type": "picture", "path": "gone.png"}], "gone.png"),
    ],
)
async def test_a_bad_block_is_named(desk: Desk, blocks: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        await desk.call("document_write", path="a.docx", title="T", blocks=blocks)
    assert not desk.workspace.exists("a.docx")


async def test_html_is_read_without_its_scripts(desk: Desk) -> None:
    page = "<html><head><title>t</title></head><h1>Prices</h1><script>x()</script><ul><li>one</li></ul></html>"
    desk.workspace.write("a.html", page.encode())
    assert (await desk.call("document_read", path="a.html")).text == "# Prices\n- one"


@pytest.mark.parametrize("path", ["a.pdf", "a.docx"])
async def test_a_damaged_document_is_refused_in_words(desk: Desk, path: str) -> None:
    desk.workspace.write(path, b"PK\x03\x04 broken")
    with pytest.raises(ToolFailed, match=f"'{path}' (isn't a PDF file|is damaged)"):
        await desk.call("document_read", path=path)


async def test_a_figure_beside_a_not_found_is_right_aligned_like_its_neighbours(desk: Desk) -> None:
    rows = [["Vendor", "Monthly", "Yearly", "Note"], ["Northwind", 15, 12, "new"], ["Borealis", 14, "not found", "old"]]
    await desk.call("document_write", path="a.docx", title="Prices", blocks=[{"type": "table", "rows": rows}])
    table = docx.Document(str(desk.folder / "a.docx")).tables[0]
    aligned = [cell.paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT for cell in table.rows[1].cells]
    assert aligned == [False, True, True, False]


def test_a_count_stays_whole_in_a_column_with_prices() -> None:
    rows: list[list[Cell]] = [["Bike"], [Traced(value=4.1)], [Traced(value=1840, format="integer")], [7]]
    assert [cell_text(row[0], decimals(rows, 0)) for row in rows[1:]] == ["4.10", "1,840", "7.00"]


def test_shares_of_one_column_show_the_same_decimals() -> None:
    def column(*values: float) -> list[str]:
        rows: list[list[Cell]] = [["Share"], *([Traced(value=v, format="percent")] for v in values)]
        return [cell_text(row[0], decimals(rows, 0)) for row in rows[1:]]

    assert column(0.0, -0.194, 0.265) == ["0.0 %", "-19.4 %", "26.5 %"]
    assert column(0.5, 1.0) == ["50 %", "100 %"]


def test_markup_that_is_not_closed_stays_as_it_stands() -> None:
    assert spans("2 * 3 * 4 and **open") == [Span("2 * 3 * 4 and **open")]
    assert spans("**a *b***")[0].bold
    assert plain("**a** [b](https://x.example) `c`") == "a b c"


@pytest.mark.parametrize("path", ["a.docx", "a.md"])
async def test_findings_named_for_a_whole_table_are_those_of_the_cells_that_show_them(desk: Desk, path: str) -> None:
    rows = [
        ["Company", "Price", "Seats"],
        ["Acme", "$49.00", 7],
        ["Borealis", {"value": 39.5, "format": "currency"}, 8],
    ]
    await write(desk, path, [{"type": "table", "rows": rows, "findings": ["f1", "f2", "f3"]}])
    places = {p.place: p.findings for p in provenance_file.load(desk.workspace, path).places}
    assert places == {"table 1 B2": ("f1",), "table 1 B3": ("f2",), "table 1 C3": ("f3",)}
