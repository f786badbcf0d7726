"""Walks a provenance.json as a doubter would: opens the file at each place, then the page, and looks for the quote."""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import openpyxl
from docx import Document
from lxml import html

from agents.tools.office.inspect.check_and_trace import examine_book
from agents.tools.office.provenance_file import Sidecar
from orchestrator.domain.deliverables import Origins
from orchestrator.domain.findings import Finding
from orchestrator.domain.task import TaskState
from tests.product_walk import Program


async def every_figure_leads_to_its_quote(program: Program, state: TaskState, *files: Path) -> None:
    """Followed from the file to the page, read again; what is planted is caught there and at the hand-in."""
    for file in files:
        row = next(r.deliverable for r in state.deliverables.values() if r.deliverable.file.name == file.name)
        origins = Origins.model_validate_json(await program.content(row.provenance))
        count, wrong = await wrong_places(origins, file)
        assert (count >= 10, wrong) == (True, [])
        one, *others = origins.findings
        assert [f.id for f in origins.findings if f.source and f.source.unchecked] == []
        assert one.source
        lie = one.model_copy(update={"source": one.source.model_copy(update={"quote": "Nobody ever wrote this."})})
        planted = origins.model_copy(update={"findings": (lie, *others)})
        assert len((await wrong_places(planted, file))[1]) == 1
        if file.suffix == ".xlsx":
            place = next(p for p in origins.places if isinstance(p.shows, float) and p.place.startswith("Comparison!"))
            copy = file.with_name(f"wrong{file.suffix}")
            book = openpyxl.load_workbook(file)
            book["Comparison"][place.place.rpartition("!")[2]] = 941.5
            book.save(copy)
            assert (await wrong_places(origins, copy))[1] == [f"{place.place} holds 941.5"]
            sidecar = Sidecar(file=file.name, places=origins.places, findings=origins.findings, sources_sheet="Sources")
            found = examine_book(copy.read_bytes(), copy.name, {}, set(), sidecar).checks
            refused = [c.words for c in found if c.name == "figures" and not c.ok]
            assert len(refused) == 1 and f"{place.place} shows 941.5" in refused[0]


async def wrong_places(origins: Origins, file: Path) -> tuple[int, list[str]]:
    """How many figures were followed from the file to words on a page, and a sentence for each that could not be."""
    shown = _cells(file) if file.suffix == ".xlsx" else None
    text = "" if shown is not None else _words(file)
    findings = {f.id: f for f in origins.findings}
    formulas = {f.place for f in origins.formulas}
    pages = await _pages(findings)
    wrong = [words for f in findings.values() if (words := _off_page(f, pages))]
    count = 0
    for place in origins.places:
        known = [findings[i] for i in place.findings if i in findings]
        if len(known) != len(place.findings) or not known:
            wrong.append(f"{place.place} names a finding that is not there")
        if not re.search(r"\d", str(place.shows)):
            continue
        count += 1
        if shown is not None and place.place not in formulas:
            there = shown.get(place.place)
            if there not in [f.value for f in known]:
                wrong.append(f"{place.place} holds {there!r}")
        elif shown is None and _bare(str(place.shows)) not in text:
            wrong.append(f"{place.place} is not in the document")
    return count, wrong


async def _pages(findings: Mapping[str, Finding]) -> dict[str, str]:
    """The words of every page, read again."""
    urls = {f.source.url for f in findings.values() if f.source and f.source.url}
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as client:
        answers = {url: await client.get(url) for url in urls}
    return {url: _bare(html.fromstring(a.content).text_content()) for url, a in answers.items() if a.is_success}


def _off_page(finding: Finding, pages: Mapping[str, str]) -> str:
    source = finding.source
    if source is None or not source.quote or source.url not in pages:
        return f"{finding.id} leads to no page"
    if _bare(source.quote) not in pages[source.url]:
        return f"{finding.id}: {source.quote!r} is not on {source.url}"
    number = isinstance(finding.value, int | float)
    if number and finding.value not in [float(n) for n in re.findall(r"\d+(?:\.\d+)?", source.quote.replace(",", ""))]:
        return f"{finding.id}: {finding.value!r} is not in {source.quote!r}"
    return ""


def _cells(file: Path) -> dict[str, object]:
    book = openpyxl.load_workbook(file)
    return {f"{s.title}!{c.coordinate}": c.value for s in book.worksheets for row in s.iter_rows() for c in row}


def _words(file: Path) -> str:
    document = Document(str(file))
    cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
    return _bare("".join([*(p.text for p in document.paragraphs), *cells]))


def _bare(text: str) -> str:
    return "".join(text.split())
