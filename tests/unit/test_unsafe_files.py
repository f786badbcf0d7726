"""No tool opens an office file that unpacks to far more than it is."""

import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agents.tools.office import package_reader, unsafe_files
from agents.tools.office.libreoffice import convert
from orchestrator.errors import ToolFailed
from tests.office_workspace import BY_NAME, Desk
from tests.world.files.office_packages import workbook

_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument"
_KINDS = {
    "xlsx": ("spreadsheetml.sheet", "xl/sharedStrings.xml", b"<si/>"),
    "docx": ("wordprocessingml.document", "word/document.xml", b"<w:p/>"),
    "pptx": ("presentationml.presentation", "ppt/slides/slide1.xml", b"<a:p/>"),
}
_SLIDE = {"layout": "title", "title": "A"}
TOOLS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "xlsx": [
        ("sheet_read", {"path": "a.xlsx"}),
        ("sheet_write", {"path": "a.xlsx", "sheet": "A", "cell": "A1", "rows": [["a"]]}),
        ("sheet_change", {"path": "a.xlsx", "sheet": "A", "changes": [{"do": "freeze", "cell": "A2"}]}),
        (
            "sheet_chart",
            {
                "path": "a.xlsx", "sheet": "A", "kind": "bar", "title": "A", "categories": "A2:A3",
                "values": ["B2:B3"], "at": "D2",
            },
        ),
        ("chart_picture", {"path": "a.png", "kind": "bar", "title": "A", "file": "a.xlsx"}),
        ("look_at", {"path": "a.xlsx"}),
        ("pdf_make", {"path": "a.pdf", "source": "a.xlsx"}),
    ],
    "docx": [
        ("document_read", {"path": "a.docx"}),
        ("document_edit", {"path": "a.docx", "changes": [{"do": "replace", "old": "a", "new": "b"}]}),
        (
            "document_write",
            {"path": "b.docx", "title": "A", "blocks": [{"type": "paragraph", "text": "a"}], "template": "a.docx"},
        ),
        ("look_at", {"path": "a.docx"}),
        ("pdf_make", {"path": "a.pdf", "source": "a.docx"}),
        ("archive_extract", {"path": "a.docx", "member": "a.xml"}),
    ],
    "pptx": [
        ("document_read", {"path": "a.pptx"}),
        ("slides_read", {"path": "a.pptx"}),
        ("slides_edit", {"path": "a.pptx", "action": "delete", "number": 1}),
        ("slides_write", {"path": "b.pptx", "slides": [_SLIDE], "template": "a.pptx"}),
        ("look_at", {"path": "a.pptx"}),
        ("pdf_make", {"path": "a.pdf", "source": "a.pptx"}),
    ],
}  # fmt: skip
_WITHOUT_OFFICE_FILES = {
    "csv_write", "uses_of_findings", "pdf_merge", "pdf_split", "pdf_fill", "pdf_picture", "inspect_deliverable",
}  # fmt: skip
"""inspect_deliverable reports a bomb instead of refusing it."""


@cache
def bomb(kind: str, *, typed: bool) -> bytes:
    main, part, filling = _KINDS[kind]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if typed:
            archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{_MAIN}.{main}.main+xml"/></Types>')
        archive.writestr(part, filling * (40_000_000 // len(filling)))
    return out.getvalue()


def test_every_tool_that_takes_a_file_is_held_against_a_bomb() -> None:
    held = {tool for tools in TOOLS.values() for tool, _ in tools}
    assert held | _WITHOUT_OFFICE_FILES == set(BY_NAME)


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
@pytest.mark.parametrize(("kind", "tool", "args"), [(kind, *case) for kind, tools in TOOLS.items() for case in tools])
async def test_a_bomb_is_refused_unopened(
    tmp_path: Path, kind: str, tool: str, args: dict[str, Any], typed: bool
) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write(f"a.{kind}", bomb(kind, typed=typed))
    with pytest.raises(ToolFailed, match="zip bomb"):
        await desk.call(tool, **args)


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
@pytest.mark.parametrize("kind", _KINDS)
async def test_an_inspection_names_a_bomb_and_gives_it_to_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, typed: bool
) -> None:
    given: list[str] = []

    async def convert_all(content: bytes, suffix: str, *_: object, **__: object) -> dict[str, bytes]:
        given.append(suffix)
        return {}

    monkeypatch.setattr(convert, "convert_all", convert_all)
    desk = Desk(tmp_path)
    desk.workspace.write(f"a.{kind}", bomb(kind, typed=typed))
    told = (await desk.call("inspect_deliverable", path=f"a.{kind}")).text
    assert "zip bomb" in told
    assert "not previewed" in told
    assert given == []


_CELL = b'<c r="A1"><v>1</v></c>'
_PIECES = {
    "one row": b'<row r="1">' + _CELL * 2_000_000 + b"</row></sheetData></worksheet>",
    "one text": b'<row r="1"><c r="A1" t="str"><v>' + b"1" * 40_000_000 + b"</v></c></row></sheetData></worksheet>",
    "what follows the rows": b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:B2"/>' * 2_000_000 + b"</mergeCells>",
    "nothing ever ends": b"<row>" * 8_000_000,
}
"""Pieces of a sheet that a reader of rows would have to hold as a whole."""


@pytest.mark.parametrize("piece", _PIECES)
async def test_a_sheet_that_is_streamed_is_bounded_by_its_pieces(tmp_path: Path, piece: str) -> None:
    sheet = f'<worksheet xmlns="{_SPACE}"><sheetData>'.encode() + _PIECES[piece]
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", workbook({"A": ""}, {"xl/worksheets/sheet1.xml": sheet}))
    with pytest.raises(ToolFailed, match="zip bomb"):
        await desk.call("sheet_read", path="a.xlsx")


async def test_a_read_that_takes_too_long_ends_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_reader, "_SLOWEST", -1.0)
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", workbook({"A": '<row r="1"><c r="A1"><v>1</v></c></row>'}))
    with pytest.raises(ToolFailed, match="takes longer than 30 seconds"):
        await desk.call("sheet_read", path="a.xlsx")


@pytest.mark.parametrize(
    ("size", "packed", "much"),
    [
        (360_000_000, 529_000, True),
        (360_000_000, 90_000_000, True),
        (4_000_000, 550_000, False),
        (109_194_287, 4_662_196, False),
        (78_134_310, 11_232_893, False),
    ],
)
def test_large_honest_workbooks_are_no_bombs(size: int, packed: int, much: bool) -> None:
    """The honest ones as openpyxl packs them: 20,000 x 5 numbers; 200,000 x 10 times one word; as many numbers."""
    assert unsafe_files.unpacks_to_much(size, packed) is much
