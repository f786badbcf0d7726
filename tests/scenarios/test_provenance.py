"""From a messy export to six kinds of files through the hub and a real host; every figure is computed again."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from orchestrator.domain import commands as c
from orchestrator.domain.deliverables import Origins, Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.people import Place, Request
from orchestrator.domain.task import TaskState
from orchestrator.ledger.file_shelf import FolderShelf
from tests.host_fixtures import open_folder
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage
from tests.scenarios.data_workspace import messy
from tests.scenarios.test_data_tools import STEPS
from tests.scenarios.test_request_to_files import plan, row

Line = Callable[[Prompt], Reply]
Board = dict[str, Finding]
SQL = 'SELECT "Country", sum("Amount EUR") AS total, count(*) AS orders FROM d GROUP BY ALL ORDER BY 1'
FILES = ("report.xlsx", "report.docx", "deck.pptx", "totals.csv", "report.md", "report.pdf")


def from_the_export(content: bytes) -> dict[tuple[str, str], float]:
    """What the export says, read by other means than the tools': by country and kind of figure."""
    found: dict[str, dict[str, float]] = {}
    for raw in content.split(b"\r\n"):
        cells = raw.decode("utf-8", "replace").split(";")
        if not re.fullmatch(r"A-\d{3}", cells[0]):
            continue
        country = {"DE": "Germany", "FR": "France"}[cells[4].upper()]
        text = cells[3].removeprefix("€ ")
        text = text.replace(".", "").replace(",", ".") if "," in text else text
        found.setdefault(country, {})[cells[0]] = float(text) if text != "n/a" else 0.0
    return {
        (country, kind): value
        for country, orders in found.items()
        for kind, value in (("total", sum(orders.values())), ("orders", float(len(orders))))
    }


def shares(country: str, kind: str, column: int) -> Line:
    """The figure as the query just showed it, with the source that the tool told the agent to name."""

    def line(prompt: Prompt) -> Reply:
        told = next(m.text for m in reversed(prompt.messages) if "For share_finding" in m.text and country in m.text)
        cells = next(r for r in told.splitlines() if r.startswith(f"| {country} ")).strip("| ").split("|")
        source = re.search(r"locator='(.*)'", told)
        assert source
        quote = f"{country}: {cells[column].strip()}"
        return say(
            share_finding={
                "kind": f"{kind} of {country}", "value": float(cells[column].replace(",", "")), "quote": quote,
                "source_file": "attachments/sales.csv", "locator": f"out/clean.xlsx, {source[1]}",
            }
        )  # fmt: skip

    return line


def cell(board: Board, name: str) -> dict[str, Any]:
    return {"value": board[name].value, "finding": board[name].id}


CHART = {"title": "Orders", "categories": "A2:A3", "values": ["B2:B3"], "at": "D2"}


def rows(board: Board) -> list[list[Any]]:
    return [["Country", "Orders EUR"], *[[k, cell(board, f"total of {k}")] for k in ("France", "Germany")]]


def total(board: Board) -> float:
    value = board["total of Germany"].value
    assert isinstance(value, float)
    return value


def words(board: Board) -> str:
    return f"Germany ordered for {total(board):,.2f} EUR."


def blocks(board: Board) -> list[dict[str, Any]]:
    said = {"type": "paragraph", "text": words(board), "findings": [board["total of Germany"].id]}
    return [said, {"type": "table", "text": "By country", "rows": rows(board)}]


def wrong(board: Board) -> list[dict[str, Any]]:
    ids = [f.id for f in board.values()]
    return [{"type": "paragraph", "text": "Germany ordered for 99,999.50 EUR.", "findings": ids}]


def slides(board: Board) -> list[dict[str, Any]]:
    point = {"text": words(board), "findings": [board["total of Germany"].id]}
    return [
        {"layout": "text", "title": "Germany leads", "notes": words(board), "points": [point]},
        {"layout": "chart", "chart": "column", "title": "Two countries order", "rows": rows(board)},
    ]


def written(board: Board) -> list[Line | Reply]:
    """What the document agent says. `board` is full when its first turn comes."""

    def report(path: str, made: Callable[[Board], list[dict[str, Any]]]) -> Line:
        return lambda _: say(document_write={"path": path, "title": "Orders by country", "blocks": made(board)})

    def sheet(_: Prompt) -> Reply:
        block = [*rows(board), ["Both", "=SUM(B2:B3)"]]
        return say(sheet_write={"path": "report.xlsx", "sheet": "Orders", "cell": "A1", "rows": block})

    return [
        sheet,
        say(sheet_chart={"path": "report.xlsx", "sheet": "Orders", "kind": "column", **CHART}),
        report("report.docx", blocks),
        lambda _: say(slides_write={"path": "deck.pptx", "slides": slides(board)}),
        lambda _: say(csv_write={"path": "totals.csv", "rows": rows(board)}),
        report("report.md", wrong),
        say(deliver={"path": "report.md", "words": "A report."}),
        report("report.md", blocks),
        say(pdf_make={"path": "report.pdf", "source": "report.docx"}),
        *(say(deliver={"path": name, "words": "Orders by country."}) for name in FILES),
        say("All is handed in."),
    ]


async def test_every_figure_of_every_kind_of_file_leads_back_to_the_export(tmp_path: Path) -> None:
    board: Board = {}
    figures = [(k, kind, n) for k in ("France", "Germany") for kind, n in (("total", 1), ("orders", 2))]
    model = ScriptedModel(
        {
            "plan": [plan(row("clean", "analyst"), row("write", after=["clean"], deliverables=list(FILES)))],
            "clean": [
                say(data_clean={"file": "attachments/sales.csv", "save_as": "out/clean.xlsx", "steps": STEPS}),
                say(data_query={"sql": SQL, "files": {"d": "out/clean.xlsx#Data"}}),
                *(shares(*one) for one in figures),
                say("Cleaned and summed up."),
            ],
            "write": written(board),
        }
    )
    with open_folder() as folder:
        shelf = FolderShelf(tmp_path / "shelf")
        async with (
            StdioHost(HostConfig(home=str(folder / "host")), shelf) as host,
            stage(tmp_path, model, link=lambda _: host) as on,
        ):
            state = await worked(on, shelf, board)
            expected = from_the_export(messy())
            seen: set[str] = set()
            for one in (r.deliverable for r in state.deliverables.values()):
                assert one.provenance and not [
                    x.words for x in one.checks if x.name == "figures" and (x.told or not x.ok)
                ]
                origins = Origins.model_validate_json(await shelf.get(one.provenance.sha))
                there = shown(one.file.name, await shelf.get(one.file.sha))
                assert followed(one.file.name, origins, there, expected) >= 2
                assert unsourced(origins) == []
                seen.add(one.file.name)
            assert seen == set(FILES)
    refused = next(m.text for p in model.prompts for m in p.messages if "wasn't handed in" in m.text)
    assert "report.md wasn't handed in" in refused
    assert "paragraph 1 shows 99,999.50, but clean." in refused and "(“France: " in refused


async def worked(on: Stage, shelf: FolderShelf, board: Board) -> TaskState:
    file = await shelf.put(messy(), name="sales.csv")
    request = Request(text="Sum up", by=ADA, place=Place(platform="web", channel="general", thread="1"), files=(file,))
    task = (await on.desk.submit(c.OpenTask(id="m", by=ADA, request=request))).task
    await on.press_start(task)
    state = await on.until(task, lambda s: len(s.board) == 4, seconds=60)
    board |= {f.kind: f for f in state.findings()}
    return await on.until(task, lambda s: len(s.deliverables) == len(FILES), seconds=120)


def followed(name: str, origins: Origins, there: dict[str, str], expected: dict[tuple[str, str], float]) -> int:
    """How many places were followed; each shows what its finding says, and the finding what the export says."""
    findings = {f.id: f for f in origins.findings}
    formulas = {f.place for f in origins.formulas}
    for place in origins.places:
        values: list[float] = []
        for i in place.findings:
            kind, _, country = findings[i].kind.partition(" of ")
            source = findings[i].source
            assert source and source.file == "attachments/sales.csv" and SQL in source.locator
            assert findings[i].value == expected[country, kind], (name, place)
            values.append(expected[country, kind])
        if place.place not in formulas and " > chart “" not in place.place:
            assert told(place, there) in values, (name, place, there.get(place.place))
        elif place.place in formulas:
            assert float(there[place.place]) == sum(values)
    return len(origins.places)


def told(place: Provenance, there: dict[str, str]) -> float:
    """The figure that stands at the place in the file itself."""
    text = there.get(place.place, there.get("", ""))
    if "" in there:  # a PDF: its words are looked for on its pages
        assert "".join(str(place.shows).split()) in text, place
        text = str(place.shows)
    found = re.findall(r"\d[\d,]*(?:\.\d+)?", text)
    return float(found[-1].replace(",", ""))


def unsourced(origins: Origins) -> list[object]:
    return [s.shows for s in origins.unsourced]


def shown(name: str, content: bytes) -> dict[str, str]:
    """Place -> text, read with the file's own library and none of ours."""
    match name.rpartition(".")[2]:
        case "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            return {f"{s.title}!{x.coordinate}": str(x.value) for s in book for r in s.iter_rows() for x in r}
        case "csv":
            rows = csv.reader(io.StringIO(content.decode()))
            return {f"{'AB'[k]}{n}": cell for n, r in enumerate(rows, 1) for k, cell in enumerate(r)}
        case "docx":
            document = docx.Document(io.BytesIO(content))
            cells = {f"table 1 B{n}": r.cells[1].text for n, r in enumerate(document.tables[0].rows, 1)}
            return cells | {"paragraph 1": next(p.text for p in document.paragraphs if "ordered" in p.text)}
        case "md":
            lines = [re.sub(r"\[\^\d\]", "", line) for line in content.decode().splitlines()]
            rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|") and "---" not in line]
            cells = {f"table 1 B{n}": r[1] for n, r in enumerate(rows, 1)}
            return cells | {"paragraph 1": next(line for line in lines if "ordered" in line)}
        case "pptx":
            slides: Any = pptx.Presentation(io.BytesIO(content)).slides
            first, second = slides[0], slides[1]
            chart: Any = next(s.chart for s in second.shapes if s.has_chart)
            values = {f"Slide 2 > chart B{n}": str(v) for n, v in enumerate(chart.plots[0].series[0].values, 2)}
            notes = first.notes_slide.notes_text_frame
            texts = [p.text for s in first.shapes if s.has_text_frame for p in s.text_frame.paragraphs]
            said = next(text for text in texts if "ordered" in text)
            return values | {"Slide 1 > point 1": said.split(" EUR")[0], "Slide 1 > notes": notes.text if notes else ""}
        case _:
            from pypdf import PdfReader

            pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
            return {"": "".join(pages.split())}
