"""Defines the PDF tools."""

import asyncio
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from agents.bounded_read import bounded
from agents.pdf_reading.page_picture import page_picture
from agents.tool import CallContext, Tool, Workspace, tool
from agents.tools.office import provenance_file, zip_package
from agents.tools.office.inspect.check_and_trace import printed
from agents.tools.office.provenance import derived_files
from agents.tools.office.sheets.compute_missing_formula_values import with_values
from agents.tools.pdf import convert_to_pdf, forms, merge_split
from agents.tools.pdf.chromium_print import Printer
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import CallResult, Effect
from orchestrator.errors import ToolFailed

_Read = Annotated[str, "a .pdf in the workspace"]
_Write = Annotated[str, "the .pdf to write in the workspace"]


class Piece(BaseModel):
    """One part of a PDF to write."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[str, "the .pdf to write"]
    pages: Annotated[str, "'3', '2-5', or '1,4-6'"]


def tools(browser: str | None, *, as_root: bool = False) -> list[Tool]:
    """Returns the tools. `browser` is the Chromium that prints pages; None means Playwright's."""
    printer = Printer(browser, as_root=as_root)

    @tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
    async def pdf_make(
        room: CallContext,
        path: _Write,
        source: Annotated[str, "a .docx, .pptx, .xlsx, .odt, .html, or .md in the workspace"],
    ) -> str:
        """Make a PDF from a document, slides, a workbook, an HTML page, or Markdown, and check that no text is lost."""
        path, source = _pdf(path), zip_package.tidy(source)
        made = await convert_to_pdf.made(room.workspace, source, printer)
        await asyncio.to_thread(room.workspace.write, path, made.content)
        await _keep_sources(room.workspace, path, source)
        return f"Made {path} from {source}: {counted(made.pages, 'page')}, {made.words}."

    return [pdf_make, pdf_merge, pdf_split, pdf_fill, pdf_picture]


async def _keep_sources(workspace: Workspace, path: str, source: str) -> None:
    """Copies the provenance of the source's figures to the PDF."""
    known, suffix = await asyncio.to_thread(derived_files.load, workspace, source), PurePosixPath(source).suffix.lower()
    if suffix in (".docx", ".pptx", ".xlsx", ".md"):
        content = await asyncio.to_thread(workspace.read, source)
        content = (await with_values(content, source)).content if suffix == ".xlsx" else content
        known = await asyncio.to_thread(printed, content, source, suffix, known)
    await asyncio.to_thread(provenance_file.save, workspace, known.model_copy(update={"file": path}))


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def pdf_merge(
    room: CallContext,
    path: _Write,
    parts: Annotated[list[str], "PDFs in order; 'a.pdf#2-5' uses only those pages"],
) -> str:
    """Join PDFs, or pages from them, into one; outlines are kept."""
    path = _pdf(path)
    content, pages = await asyncio.to_thread(merge_split.merged, room.workspace, [zip_package.tidy(p) for p in parts])
    await asyncio.to_thread(room.workspace.write, path, content)
    return f"Wrote {path}: {counted(pages, 'page')} from {counted(len(parts), 'part')}."


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def pdf_split(
    room: CallContext, path: _Read, parts: Annotated[list[Piece], "the PDFs to write, each with its pages"]
) -> str:
    """Save pages from a PDF as separate PDFs."""
    path = zip_package.tidy(path)
    content = await asyncio.to_thread(room.workspace.read, path)
    made = [(_pdf(p.path), await asyncio.to_thread(merge_split.taken, content, path, p.pages)) for p in parts]
    for target, (piece, _) in made:
        await asyncio.to_thread(room.workspace.write, target, piece)
    return "Wrote " + ", ".join(f"{target} ({counted(count, 'page')})" for target, (_, count) in made) + "."


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def pdf_fill(
    room: CallContext,
    path: _Read,
    to: Annotated[str, "the filled .pdf to write; the form itself stays unchanged"],
    values: Annotated[
        dict[str, str | bool], "by field name, as document_read lists them; true or false for checkboxes"
    ],
    flatten: Annotated[bool, "make the answers part of the page so that they can't be changed"] = False,
) -> str:
    """Fill in a PDF form. Errors name unknown fields or choices and list the valid ones."""
    path, to = zip_package.tidy(path), _pdf(to)
    content = await asyncio.to_thread(room.workspace.read, path)
    filled = await asyncio.to_thread(forms.filled, content, path, values, flatten=flatten)
    await asyncio.to_thread(room.workspace.write, to, filled.content)
    left = f" Still empty: {', '.join(filled.empty[:20])}." if filled.empty else ""
    return f"Wrote {to}: {counted(len(values), 'field')} filled{', flattened' if flatten else ''}.{left}"


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def pdf_picture(
    room: CallContext,
    path: _Read,
    page: Annotated[int, "page number, from 1"] = 1,
    to: Annotated[str, "a .png to write in the workspace; default: 'a-page-1.png' next to 'a.pdf'"] = "",
) -> CallResult:
    """Render one page of a PDF as a picture, to show it or to put it in a document."""
    path = zip_package.tidy(path)
    target = zip_package.tidy(to) if to else f"{path.removesuffix('.pdf')}-page-{page}.png"
    if PurePosixPath(target).suffix.lower() != ".png":
        raise ToolFailed(f"{target!r} doesn't end in '.png'. Use a name that does.")
    content = await asyncio.to_thread(room.workspace.read, path)
    drawn = await bounded(page_picture, content, path, page=page)
    await asyncio.to_thread(room.workspace.write, target, drawn)
    file = await asyncio.to_thread(room.keep, drawn, PurePosixPath(target).name)
    return CallResult(ok=True, text=f"Rendered page {page} of {path} as {target}.", files=(file,))


def _pdf(path: str) -> str:
    path = zip_package.tidy(path)
    if PurePosixPath(path).suffix.lower() != ".pdf":
        raise ToolFailed(f"{path!r} doesn't end in '.pdf'. Use a name that does.")
    return path
