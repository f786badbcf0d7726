"""Defines the tools that write text documents and CSV."""

import asyncio
import csv
import io
import re
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated

from agents.tool import CallContext, tool
from agents.tools.office import provenance_file, zip_package
from agents.tools.office.cell_input import Cell, Scalar, Traced
from agents.tools.office.claims.complete_citations import Completed, completed, told
from agents.tools.office.claims.group_findings import Facts
from agents.tools.office.inline_markup import plain
from agents.tools.office.libreoffice import convert
from agents.tools.office.word.blocks import Block, cell_findings, checked, letters, stretches, traced, with_findings
from agents.tools.office.word.lay_out_with_libreoffice import laid_out
from agents.tools.office.word.template import template_base
from agents.tools.office.word.write_docx import Front, PageLayout, Written, write_docx
from agents.tools.office.word.write_markdown import write_markdown
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.plural import by_kind, counted
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][-+]?\d+)?%?")


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def document_write(
    room: CallContext,
    path: Annotated[str, "a .docx or .md file in the workspace"],
    title: Annotated[str, "shown at the top; not repeated as a heading"],
    blocks: Annotated[list[Block], "the whole document in order; cite the findings behind every figure and claim"],
    subtitle: Annotated[str, "a line under the title, e.g. audience and date"] = "",
    cover: Annotated[bool, "title and subtitle on their own page; for reports of five pages or more"] = False,
    template: Annotated[str, "a team's .docx or .dotx for styles, header, footer, and colors"] = "",
) -> str:
    """Write a text document from blocks, in the house style, with a footnote for every finding.

    The file is rewritten each time, so pass all blocks.
    """
    path, front = zip_package.tidy(path), Front(title.strip(), subtitle.strip(), cover)
    suffix = PurePosixPath(path).suffix.lower()
    _refuse(path, suffix, front, template)
    blocks = checked(blocks)
    found = provenance_file.resolve(room, [i for s in stretches(blocks) for i in s.findings] + _unnamed(blocks))
    blocks, also = await asyncio.to_thread(_completed, blocks, room.call.findings)
    found = provenance_file.resolve(room, [*(f.id for f in found), *(i for s in stretches(blocks) for i in s.findings)])
    blocks = [with_findings(b, found) for b in blocks]
    note = ""
    if suffix == ".docx":
        program = await convert.program_for(".docx")
        write = partial(_word, room, front, blocks, found, template)
        content, headings = await laid_out(blocks, write, program=program)
        if headings and program is None:
            note = " The table of contents shows page numbers once Word has opened the file."
    else:
        content = await asyncio.to_thread(write_markdown, path, front, blocks, found)
    sidecar = provenance_file.Sidecar(file=path, places=tuple(traced(blocks)), findings=found)
    await asyncio.to_thread(_store, room, content, sidecar, [b.path for b in blocks if b.type == "picture"])
    words = sum(len(s.text.split()) for s in stretches(blocks))
    return (
        f"Wrote {path}: {front.title!r} ({by_kind(b.type for b in blocks)}); {counted(words, 'word')}, "
        f"{counted(len(found), 'finding')} in footnotes.{note}{also}"
    )


def _completed(blocks: list[Block], board: Sequence[Finding]) -> tuple[list[Block], str]:
    """Returns the blocks, citing all that their claims rest on, and a sentence about what was added or is wrong."""
    facts = Facts(board)
    texts: list[Completed] = []

    def cites(text: str, ids: list[str]) -> list[str]:
        texts.append(completed(plain(text), ids, facts))
        return [*ids, *texts[-1].added]

    whole: list[Block] = []
    for block in blocks:
        if block.type in ("paragraph", "callout", "quote"):
            whole.append(block.model_copy(update={"findings": cites(block.text, block.findings)}))
        elif block.type in ("bullets", "numbers"):
            items = [
                i.model_copy(update={"findings": cites(i.text, [*i.findings, *block.findings])}) for i in block.lines()
            ]
            whole.append(block.model_copy(update={"items": items}))
        else:
            whole.append(block)
    return whole, told(texts)


def _refuse(path: str, suffix: str, front: Front, template: str) -> None:
    if suffix not in (".docx", ".md"):
        raise ToolFailed(f"{path!r} isn't a .docx or .md file. Use one of these types.")
    if not front.title:
        raise ToolFailed(f"{path!r} has no title. Add one.")
    if template and suffix == ".md":
        raise ToolFailed(f"A template only works for .docx files. Omit it for {path!r}.")


def _word(
    room: CallContext, front: Front, blocks: list[Block], found: tuple[Finding, ...], template: str, layout: PageLayout
) -> Written:
    base = template_base(room.workspace.read(template), template) if template else None
    return write_docx(room.workspace, front, blocks, found, base=base, layout=layout)


def _store(room: CallContext, content: bytes, sidecar: provenance_file.Sidecar, pictures: Sequence[str]) -> None:
    sidecar = sidecar.model_copy(update={"drawn": provenance_file.drawn_in(room.workspace, pictures)})
    with zip_package.one_at_a_time(f"{room.workspace.root}/{sidecar.file}"):
        if not (room.workspace.exists(sidecar.file) and room.workspace.read(sidecar.file) == content):
            room.workspace.write(sidecar.file, content)
        provenance_file.save(room.workspace, sidecar)


def _unnamed(blocks: list[Block]) -> list[provenance_file.FindingId]:
    """Returns findings of blocks without text: a table or picture without a caption."""
    return [provenance_file.FindingId(i) for b in blocks if b.type in ("table", "picture") for i in b.findings]


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def csv_write(
    room: CallContext,
    path: Annotated[str, "a .csv file in the workspace; overwritten if it exists"],
    rows: Annotated[list[list[Cell]], 'all rows, header first; a cell may be {"value": 49, "finding": "f1"}'],
) -> str:
    """Write a CSV file (UTF-8, commas). Text that a spreadsheet would run as a formula is escaped."""
    return await asyncio.to_thread(_csv, room, zip_package.tidy(path), rows)


def _csv(room: CallContext, path: str, rows: list[list[Cell]]) -> str:
    if PurePosixPath(path).suffix.lower() != ".csv":
        raise ToolFailed(f"{path!r} doesn't end in '.csv'. Use sheet_write for a workbook.")
    if not rows:
        raise ToolFailed(f"There are no rows for {path!r}. Include at least a header row.")
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([[_harmless(_value(c)) for c in row] for row in rows])
    found = provenance_file.resolve(room, [i for row in rows for c in row for i in cell_findings(c)])
    places = [
        Provenance(place=f"{letters(c)}{r}", shows=_value(cell), findings=cell_findings(cell))
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row)
        if cell_findings(cell)
    ]
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        room.workspace.write(path, out.getvalue().encode())
        provenance_file.save(
            room.workspace, provenance_file.Sidecar(file=path, places=tuple(places), findings=found, typed=True)
        )
    return f"Wrote {path}: {counted(len(rows), 'row')}, {counted(max(map(len, rows)), 'column')}."


def _value(cell: Cell) -> Scalar:
    return cell.value if isinstance(cell, Traced) else cell


def _harmless(value: Scalar) -> Scalar:
    """Puts an apostrophe before text that starts a formula in Excel; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r") and value.strip():
        return value if _NUMBER.fullmatch(value.strip()) else f"'{value}"
    return value
