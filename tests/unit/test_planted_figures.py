"""A figure of every kind of file is followed to its finding; one that was planted afterwards is caught at hand-in."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from pptx.chart.data import CategoryChartData

from agents.tools.office import provenance_file
from agents.tools.office.inspect.check_and_trace import examine, examine_book, printed
from agents.tools.office.libreoffice import convert
from orchestrator.domain.deliverables import Inspection, Origins
from tests.office_workspace import Desk

BLOCKS: list[dict[str, Any]] = [
    {"type": "paragraph", "text": "Acme asks **$49** a seat.", "findings": ["f1"]},
    {"type": "heading", "text": "Prices"},
    {"type": "bullets", "items": [{"text": "Plus for $39.50", "findings": ["f2"]}, "We guess 77 seats."]},
    {"type": "table", "text": "What they ask", "rows": [["Who", "Price"], ["A", {"value": 49, "finding": "f1"}]]},
]
SLIDES: list[dict[str, Any]] = [
    {"layout": "text", "title": "Prices differ", "notes": "Say that $39.50 is the list price.",
     "points": [{"text": "Acme asks **$49** a seat", "findings": ["f1"]}, {"text": "Plus $39.50", "findings": ["f2"]}]},
    {"layout": "chart", "chart": "column", "title": "Acme is dearer",
     "rows": [["Who", "Price"], ["A", {"value": 49, "finding": "f1"}], ["B", {"value": 39.5, "finding": "f2"}]]},
]  # fmt: skip
ROWS: list[list[Any]] = [
    ["Who", "Price"],
    ["A", {"value": 49, "finding": "f1"}],
    ["B", {"value": 39.5, "finding": "f2"}],
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def made(desk: Desk, path: str) -> None:
    match path.rpartition(".")[2]:
        case "docx" | "md":
            await desk.call("document_write", path=path, title="T", subtitle="For the board", blocks=BLOCKS)
        case "pptx":
            await desk.call("slides_write", path=path, slides=SLIDES)
        case "csv":
            await desk.call("csv_write", path=path, rows=[*ROWS, ["C", 77]])
        case _:
            await desk.call(
                "sheet_write", path=path, sheet="Prices", cell="A1", rows=[*ROWS, ["C", 77], ["Sum", "=B2+B3"]]
            )
            chart = {"title": "Prices", "categories": "A2:A3", "values": ["B2:B3"], "at": "D2"}
            await desk.call("sheet_chart", path=path, sheet="Prices", kind="column", **chart)


def looked(desk: Desk, path: str) -> tuple[list[str], Origins]:
    """What the check of figures says, and what people can point at."""
    content, sidecar = desk.workspace.read(path), provenance_file.load(desk.workspace, path)
    suffix = f".{path.rpartition('.')[2]}"
    known = printed(content, path, suffix, sidecar)
    found = (
        examine_book(content, path, {}, set(), sidecar)
        if suffix == ".xlsx"
        else examine(content, path, suffix, sidecar)
    )
    said = [c.words for c in found.checks if c.name == "figures" and not c.ok]
    assert known.printed
    return said, known.printed.model_copy(update={"places": found.traced[0]})


EVERY = ["a.docx", "a.md", "a.pptx", "a.csv", "a.xlsx"]


@pytest.mark.parametrize("path", EVERY)
async def test_what_was_written_agrees_and_every_traced_place_can_be_pointed_at(desk: Desk, path: str) -> None:
    await made(desk, path)
    wrong, known = looked(desk, path)
    assert wrong == []
    there = {s.place: s.shows for part in known.parts for row in part.rows for s in row}
    assert {p.place for p in known.places} <= set(there)
    assert {i for p in known.places for i in p.findings} == {"f1", "f2"}
    if path != "a.pptx":
        assert [s.shows for s in known.unsourced if "77" in str(s.shows)] != []


def in_word(where: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def plant(content: bytes) -> bytes:
        document = docx.Document(io.BytesIO(content))
        run = next(r for r in where(document).runs if any(c.isdigit() for c in r.text))
        run.text = run.text.replace("49", "94").replace("39.50", "93.50")
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return plant


def in_words(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda content: content.decode().replace(old, new, 1).encode()


def in_deck(change: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    def plant(content: bytes) -> bytes:
        deck = pptx.Presentation(io.BytesIO(content))
        change(deck)
        out = io.BytesIO()
        deck.save(out)
        return out.getvalue()

    return plant


def bullet(deck: Any) -> None:
    runs = [r for s in deck.slides[0].shapes if s.has_text_frame for p in s.text_frame.paragraphs for r in p.runs]
    run = next(r for r in runs if "$49" in r.text)
    run.text = run.text.replace("$49", "$94")


def series(deck: Any) -> None:
    chart = next(s.chart for s in deck.slides[1].shapes if s.has_chart)
    data: Any = CategoryChartData()
    data.categories = ["A", "B"]
    data.add_series("Price", (49, 93.5))
    chart.replace_data(data)


def spoken(deck: Any) -> None:
    deck.slides[0].notes_slide.notes_text_frame.text = "Say that $93.50 is the list price."


def in_cell(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Prices"]["B3"] = 93.5
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("path", "plant", "place", "figure"),
    [("a.docx", in_word(lambda d: d.paragraphs[2]), "paragraph 1", "$94"),
     ("a.docx", in_word(lambda d: d.tables[0].cell(1, 1).paragraphs[0]), "Prices > table 1 B2", "94"),
     ("a.md", in_words("asks **$49**", "asks **$94**"), "paragraph 1", "$94"),
     ("a.md", in_words("| 49[^1]", "| 94[^1]"), "Prices > table 1 B2", "94"),
     ("a.md", in_words("Plus for $39.50", "Plus for $93.50"), "Prices > paragraph 1", "$93.50"),
     ("a.md", in_words("“Team: $49”", "“Team: $94”"), "footnote 1", "$94"),
     ("a.csv", in_words("39.5", "93.5"), "B3", "93.5"),
     ("a.pptx", in_deck(bullet), "Slide 1 > point 1", "$94"),
     ("a.pptx", in_deck(series), "Slide 2 > chart B3", "93.5"),
     ("a.pptx", in_deck(spoken), "Slide 1 > notes", "$93.50"),
     ("a.xlsx", in_cell, "Prices!B3", "93.5")],
)  # fmt: skip
async def test_a_planted_figure_is_caught_with_its_place_and_what_was_found(
    desk: Desk, path: str, plant: Callable[[bytes], bytes], place: str, figure: str
) -> None:
    await made(desk, path)
    before = desk.workspace.read(path)
    desk.workspace.write(path, after := plant(before))
    assert after != before
    (words,) = looked(desk, path)[0]
    found = "f1 is 49" if "4" in figure and "3" not in figure else "f2 is 39.5"
    assert words.startswith(f"{place} shows {figure}, but {found} (“Team: $49”)"), words
    assert words.count(" shows ") == 1


async def test_a_wrong_footnote_of_a_word_file_is_caught(desk: Desk) -> None:
    await made(desk, "a.docx")
    content = desk.workspace.read("a.docx")
    document = docx.Document(io.BytesIO(content))
    notes = next(r.target_part for r in document.part.rels.values() if r.reltype.endswith("/footnotes"))
    notes._blob = notes.blob.replace(  # pyright: ignore[reportPrivateUsage]
        "“Team: $49”".encode(), "“Team: $94”".encode(), 1
    )
    document.save(str(desk.folder / "a.docx"))
    (words,) = looked(desk, "a.docx")[0]
    assert words.startswith("footnote 1 shows $94, but f1 is 49")


async def test_a_pdf_knows_what_its_source_knew_and_a_wrong_source_is_caught_in_it(desk: Desk) -> None:
    await made(desk, "a.md")
    await desk.call("pdf_make", path="a.pdf", source="a.md")
    desk.workspace.write("wrong.md", in_words("asks **$49**", "asks **$94**")(desk.workspace.read("a.md")))
    of_md = provenance_file.load(desk.workspace, "a.md")
    provenance_file.save(desk.workspace, of_md.model_copy(update={"file": "wrong.md"}))
    await desk.call("pdf_make", path="wrong.pdf", source="wrong.md")
    of_pdf = provenance_file.load(desk.workspace, "a.pdf")
    provenance_file.save(desk.workspace, of_pdf.model_copy(update={"file": "other.pdf"}))
    desk.workspace.write("other.pdf", desk.workspace.read("wrong.pdf"))
    checks: dict[str, list[str]] = {}
    for path in ("a.pdf", "wrong.pdf", "other.pdf"):
        answer = Inspection.model_validate_json((await desk.call("inspect_deliverable", path=path)).text)
        checks[path] = [c.words for c in answer.checks if c.name == "figures" and not c.ok]
    assert checks["a.pdf"] == []
    assert [w[0].partition(" (")[0] for w in list(checks.values())[1:]] == ["paragraph 1 shows $94, but f1 is 49"] * 2
    known = Origins.model_validate_json(desk.shelf["a.provenance.json"])
    other = Origins.model_validate_json(desk.shelf["other.provenance.json"])
    assert known.parts == other.parts and len(known.places) == 3 and known.unsourced_count == 1


async def test_a_comment_names_its_row_of_the_sources_and_the_links_there_lead_back(desk: Desk) -> None:
    await made(desk, "a.xlsx")
    content = desk.workspace.read("a.xlsx")
    again = await convert.convert(content, ".xlsx", "xlsx", program=str(convert.soffice()))
    assert again, "LibreOffice could not open it"
    for book in (openpyxl.load_workbook(io.BytesIO(content)), openpyxl.load_workbook(io.BytesIO(again))):
        comment = book["Prices"]["B3"].comment
        assert comment is not None and "[f2] price (Sources, row 3)" in comment.text
        assert book["Sources"]["A3"].value == "f2"
        links = [c.hyperlink for r in book["Sources"].iter_rows(min_row=2) for c in r if c.hyperlink]
        targets = [str(link.location).replace("$", "").replace("'", "") for link in links if link.location]
        assert targets == ["Prices!B2", "Prices!B3"]
        assert [book["Prices"][t.partition("!")[2]].value for t in targets] == [49, 39.5]
