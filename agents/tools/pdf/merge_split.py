"""Joins and splits PDFs."""

import io
from typing import NamedTuple

from pypdf import PdfWriter

from agents.pdf_reading.open_pdf import BROKEN, structure
from agents.pdf_reading.page_ranges import chosen
from agents.tool import Workspace
from orchestrator.errors import ToolFailed


class Joined(NamedTuple):
    """A PDF and how many pages it has."""

    content: bytes
    pages: int


def merged(workspace: Workspace, parts: list[str]) -> Joined:
    """Joins the parts in order. Raises ToolFailed naming the invalid part."""
    if not parts:
        raise ToolFailed("There are no PDFs to join. Pass at least one.")
    writer = PdfWriter()
    for part in parts:
        path, _, pages = part.partition("#")
        _append(writer, workspace.read(path), path, pages)
    return _written(writer)


def taken(content: bytes, path: str, pages: str) -> Joined:
    """Returns these pages as a separate PDF."""
    writer = PdfWriter()
    _append(writer, content, path, pages)
    return _written(writer)


def _append(writer: PdfWriter, content: bytes, path: str, pages: str) -> None:
    reader = structure(content, path)
    try:
        wanted = [n - 1 for n in chosen(pages, len(reader.pages), path)]
        writer.append(reader, pages=wanted)  # pyright: ignore[reportUnknownMemberType]
    except BROKEN as error:
        raise ToolFailed(f"The pages of {path!r} can't be copied ({error}). Create the file again.") from error


def _written(writer: PdfWriter) -> Joined:
    writer.metadata = None
    # A page that appears twice is stored once; nothing else is touched.
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)  # pyright: ignore[reportUnknownMemberType]
    return Joined(out.getvalue(), len(writer.pages))
