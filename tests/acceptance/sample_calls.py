"""What each tool of the host is told to do while something of it is killed, and the files it does it with."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import docx
import openpyxl
from PIL import Image
from pypdf import PdfWriter

from tests.scenarios.test_pdf_tools import form

Part = Literal["reading", "writing", "search", "office", "drawer", "printer", "sandbox", "browser", "background"]
"""Where a call is caught: in the host's own reading or writing, or in a process that the tool uses."""


@dataclass(frozen=True)
class Hand:
    """One call. `parts`: all places where it can be caught; `writes`: the file it leaves; `said`: words of its result.

    `again`: whether a host that was killed makes the call once more.
    """

    tool: str
    args: Mapping[str, Any]
    parts: tuple[Part, ...]
    writes: str = ""
    said: str = ""
    again: bool = True


_ROWS = [["Company", "Price"], ["Acme", 49], ["Bo", 8]]
_CODE = "import time\nopen('py-began', 'w')\nwhile True: time.sleep(0.05)"
_CHART = {"sheet": "Prices", "kind": "bar", "title": "Prices", "categories": "A2:A3", "values": ["B2:B3"], "at": "E2"}
DECK: list[dict[str, Any]] = [
    {"layout": "agenda", "title": "Agenda", "points": ["Where we are", "What to do"]},
    {"layout": "section", "title": "Where we are"},
    {"layout": "text", "title": "Most people use it", "points": ["Many of us do", "Some do not"]},
]
PAPER: list[dict[str, Any]] = [
    {"type": "contents"},
    {"type": "heading", "text": "News", "level": 1},
    {"type": "paragraph", "text": "All is well."},
]
_BOTH: tuple[Part, ...] = ("reading", "writing")
_INSIDE: tuple[Part, ...] = ("sandbox",)
_PAGE: tuple[Part, ...] = ("browser",)
HANDS = (
    Hand("list_files", {}, ("reading",), said="note.txt"),
    Hand("read_file", {"path": "note.txt"}, ("reading",), said="one"),
    Hand("write_file", {"path": "new.txt", "content": "new\n"}, _BOTH, "new.txt"),
    Hand("edit_file", {"path": "edit.txt", "old": "two", "new": "three"}, _BOTH, again=False),
    Hand("search_files", {"pattern": "^one"}, ("reading", "search"), said="note.txt:1"),
    Hand("sheet_write", {"path": "w.xlsx", "sheet": "Prices", "cell": "A1", "rows": _ROWS}, _BOTH, "w.xlsx"),
    Hand("sheet_change", {"path": "change.xlsx", "sheet": "Prices",
                          "changes": [{"do": "freeze", "cell": "A2"}]}, _BOTH, "change.xlsx"),
    Hand("sheet_chart", {"path": "chart.xlsx", **_CHART}, _BOTH, "chart.xlsx"),
    Hand("sheet_read", {"path": "book.xlsx"}, ("reading",), said="Acme"),
    Hand("document_write", {"path": "w.docx", "title": "Paper",
                            "blocks": [{"type": "paragraph", "text": "All is well."}]}, _BOTH, "w.docx"),
    Hand("document_write", {"path": "c.docx", "title": "Paper", "blocks": PAPER}, ("office",), "c.docx"),
    Hand("document_edit", {"path": "edit.docx", "changes": [{"do": "delete", "at": "All is well."}]},
         (*_BOTH, "office"), again=False),
    Hand("document_read", {"path": "paper.rtf"}, ("reading", "office"), said="Terms"),
    Hand("csv_write", {"path": "w.csv", "rows": _ROWS}, _BOTH, "w.csv"),
    Hand("uses_of_findings", {"findings": ["f1"]}, ("reading",)),
    Hand("slides_write", {"path": "w.pptx", "slides": DECK}, _BOTH, "w.pptx"),
    Hand("slides_edit", {"path": "edit.pptx", "action": "delete", "number": 1}, _BOTH, again=False),
    Hand("slides_read", {"path": "edit.pptx"}, ("reading",), said="Agenda"),
    Hand("chart_picture", {"path": "w.png", "kind": "bar", "title": "Acme costs most", "rows": _ROWS}, ("writing",),
         "w.png"),
    Hand("archive_extract", {"path": "all.zip", "member": "in.txt", "to": "out.txt"}, _BOTH, "out.txt"),
    Hand("pdf_make", {"path": "paper.pdf", "source": "paper.docx"}, (*_BOTH, "office"), "paper.pdf",
         said="LibreOffice"),
    Hand("pdf_make", {"path": "page.pdf", "source": "page.md"}, ("printer",), "page.pdf", said="Chromium"),
    Hand("pdf_merge", {"path": "merged.pdf", "parts": ["form.pdf", "blank.pdf"]}, _BOTH, "merged.pdf"),
    Hand("pdf_split", {"path": "blank.pdf", "parts": [{"path": "one.pdf", "pages": "1"}]}, _BOTH, "one.pdf"),
    Hand("pdf_fill", {"path": "form.pdf", "to": "filled.pdf", "values": {"name": "Ada"}}, _BOTH, "filled.pdf"),
    Hand("pdf_picture", {"path": "blank.pdf", "to": "blank.png"}, _BOTH, "blank.png"),
    Hand("inspect_deliverable", {"path": "sums.xlsx"}, (*_BOTH, "office", "drawer"), "sums.xlsx",
         said='"words":"2 pages rendered"'),
    Hand("look_at", {"path": "paper.docx"}, ("reading", "office"), said="1"),
    Hand("browser_open", {"url": "SITE/found?N"}, _PAGE, said="1,2,3"),
    Hand("browser_snapshot", {}, _PAGE, said="Shop"),
    Hand("browser_scroll", {"direction": "down"}, _PAGE),
    Hand("browser_wait", {"text": "Buy"}, _PAGE),
    Hand("browser_back", {}, _PAGE),
    Hand("browser_extract", {"what": "text"}, _PAGE, said="Buy"),
    Hand("browser_click", {"ref": "Buy"}, _PAGE, again=False),
    Hand("browser_type", {"ref": "Name", "text": "Ada"}, _PAGE, again=False),
    Hand("browser_select", {"ref": "Size", "options": ["Large"]}, _PAGE, again=False),
    Hand("browser_hover", {"ref": "Buy"}, _PAGE),
    Hand("browser_press", {"key": "Tab"}, _PAGE, again=False),
    Hand("browser_upload", {"ref": "File", "path": "note.txt"}, _PAGE, again=False),
    Hand("browser_send", {"message": "Send approved"}, _PAGE, again=False),
    Hand("browser_download", {"url_or_ref": "SITE/found?N", "path": "got.html"}, _PAGE, "got.html"),
    Hand("browser_screenshot", {"path": "shot.png"}, _PAGE, "shot.png"),
    Hand("run_shell", {"command": "touch sh-began; sleep 300"}, _INSIDE, again=False),
    Hand("run_python", {"code": _CODE}, _INSIDE, again=False),
    Hand("shell_output", {"handle": "HANDLE", "wait": 30}, ("background",)),
    Hand("shell_input", {"handle": "HANDLE", "text": "x" * 500_000}, ("background",), again=False),
    Hand("shell_stop", {"handle": "HANDLE"}, ("background",)),
    Hand("data_look", {"file": "table.csv"}, _INSIDE, said="Price"),
    Hand("data_query", {"sql": "SELECT * FROM t", "files": {"t": "table.csv"}, "save_as": "query.csv"}, _INSIDE,
         "query.csv"),
    Hand("data_clean", {"file": "table.csv", "save_as": "clean.csv", "steps": [{"do": "trim"}]}, _INSIDE, "clean.csv"),
    Hand("make_patch", {"save_as": "own.patch", "folder": "project"}, _INSIDE, "own.patch"),
)  # fmt: skip
PAGE = (
    "<title>Shop</title><button>Buy</button><form method=post action=/found>"
    "<label>Name <input name=n></label><label>Size <select name=s><option>Small<option>Large</select></label>"
    "<label>File <input type=file name=f></label></form>"
    "<form method=post action=/slow?send><button>Send slowly</button></form>"
    "<form method=post action=/slow?approved><button>Send approved</button></form>"
)


def furnish(workspace: Path) -> None:
    """Puts the files there that the calls work on, open to the host, who is somebody else."""
    (workspace / "note.txt").write_text("one\ntwo\n")
    (workspace / "edit.txt").write_text("one\ntwo\n")
    (workspace / "table.csv").write_text("Company,Price\n" + "".join(f" Acme {n} ,{n}\n" for n in range(3000)))
    (workspace / "paper.rtf").write_text(r"{\rtf1\ansi Terms of the offer\par}")
    (workspace / "page.md").write_text("# Prices\n\nBorealis is cheaper.\n")
    for name in ("book.xlsx", "change.xlsx", "chart.xlsx", "sums.xlsx"):
        (workspace / name).write_bytes(_book(sums=name == "sums.xlsx"))
    paper = docx.Document()
    paper.add_heading("Terms", 1)
    paper.save(str(workspace / "paper.docx"))
    (workspace / "form.pdf").write_bytes(form())
    blank = PdfWriter()
    for _ in range(2):
        blank.add_blank_page(200, 200)
    blank.write(workspace / "blank.pdf")
    Image.new("RGB", (30, 20), "red").save(workspace / "red.png")
    with zipfile.ZipFile(workspace / "all.zip", "w") as archive:
        archive.writestr("in.txt", "from the archive\n")
    for path in workspace.iterdir():
        if path.is_file():
            path.chmod(0o666)


def _book(*, sums: bool) -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = made.active
    sheet.title = "Prices"
    for row in [*_ROWS, *([["Sum", "=B2+B3"]] if sums else [])]:
        sheet.append(row)
    if sums:
        made.create_sheet("More").append(["Words"])
    made.save(out)
    return out.getvalue()
