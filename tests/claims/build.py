"""Makes each file of the claims suite with the real tools, and says what the hand-in check finds in it."""

from pathlib import Path
from typing import Any

from agents.tools import slides
from agents.tools.office import provenance_file
from agents.tools.office.inspect.check_and_trace import Examined, examine, with_figures
from agents.tools.office.inspect.run_checks import Programs, checked, converted
from agents.tools.office.libreoffice import convert
from agents.tools.office.provenance import derived_files
from orchestrator.domain.findings import Finding
from tests.claims.cases import Said
from tests.office_workspace import Desk


async def refused(folder: Path, suffix: str, said: Said, findings: tuple[Finding, ...]) -> list[str]:
    """Returns what the checks of figures and claims say against the file; nothing if all is well."""
    desk = Desk(folder, findings)
    path = await made(desk, suffix, said)
    found = await looked(desk, path)
    return [c.words for c in found.checks if c.name in ("figures", "claims") and not c.ok]


async def looked(desk: Desk, path: str) -> Examined:
    """Examines the file as at hand-in, without drawing its pages."""
    content = desk.workspace.read(path)
    sidecar = derived_files.load(desk.workspace, path).model_copy(update={"board": desk.findings})
    if not path.endswith(".xlsx"):
        return (
            with_deck(content, path, sidecar)
            if path.endswith(".pptx")
            else examine(content, path, f".{path.rpartition('.')[2]}", sidecar)
        )
    programs = Programs(str(convert.soffice()), None, "", None)
    return (await checked(content, path, sidecar, programs, await converted(content, path, sidecar, programs)))[1]


def with_deck(content: bytes, path: str, sidecar: provenance_file.Sidecar) -> Examined:
    return with_figures(slides.LOOK.examine(content, path, sidecar, None), content, sidecar)


async def made(desk: Desk, suffix: str, said: Said) -> str:
    """Writes the file and returns its path."""
    match suffix:
        case "xlsx":
            await _book(desk, said)
        case "pptx":
            await _deck(desk, said)
        case "pdf":
            await _document(desk, "a.md", said)
            await _called(desk, "pdf_make", path="a.pdf", source="a.md")
        case _:
            await _document(desk, f"a.{suffix}", said)
    return f"a.{suffix}"


async def _document(desk: Desk, path: str, said: Said) -> None:
    blocks: list[dict[str, Any]] = []
    if said.text:
        blocks.append({"type": "paragraph", "text": said.text, "findings": list(said.cites)})
    if said.rows:
        blocks.append({"type": "table", "rows": [list(r) for r in said.rows]})
    if said.chart:
        await _called(
            desk,
            "chart_picture",
            path="c.png",
            kind="bar",
            title="How they compare",
            rows=[list(r) for r in said.chart],
        )
        blocks.append({"type": "picture", "path": "c.png", "alt": "bars"})
    await _called(desk, "document_write", path=path, title=said.title or "Vendors", blocks=blocks)


async def _deck(desk: Desk, said: Said) -> None:
    slides: list[dict[str, Any]] = []
    title = said.title or "What we found"
    if said.text:
        slides.append({"layout": "text", "title": title, "points": [{"text": said.text, "findings": list(said.cites)}]})
    if said.rows:
        slides.append({"layout": "table", "title": title, "rows": [list(r) for r in said.rows]})
    if said.chart:
        slides.append({"layout": "chart", "chart": "column", "title": title, "rows": [list(r) for r in said.chart]})
    await _called(desk, "slides_write", path="a.pptx", slides=slides)


async def _book(desk: Desk, said: Said) -> None:
    if said.text:
        rows = [["Note"], [{"value": said.text, "finding": list(said.cites)}]]
        await _called(desk, "sheet_write", path="a.xlsx", sheet="Notes", cell="A1", rows=rows)
    if said.rows:
        await _called(desk, "sheet_write", path="a.xlsx", sheet="Data", cell="A1", rows=[list(r) for r in said.rows])
    if said.areas[0]:
        labels, values = said.areas
        where = {"categories": labels, "values": [values], "at": "F2"}
        await _called(desk, "sheet_chart", path="a.xlsx", sheet="Data", kind="column", title=said.title, **where)


async def _called(desk: Desk, tool: str, **args: Any) -> None:
    answer = await desk.call(tool, **args)
    assert answer.ok, answer.text
