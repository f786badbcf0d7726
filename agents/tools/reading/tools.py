"""Defines the tools that read any file and that extract one file from an archive or email."""

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated

from agents.bounded_read import bounded
from agents.pdf_reading.read_pages import attachment
from agents.tool import CallContext, Tool, tool
from agents.tools.office import zip_package
from agents.tools.reading import archive, mail, read_any_file
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import MOST_TEXT, Effect
from orchestrator.errors import ToolFailed


def tools(languages: Sequence[str] = ()) -> list[Tool]:
    """Returns the tools. `languages`: of scans, as Tesseract names them; empty: all that are installed."""

    @tool(effects={Effect.READ}, parallel=True)
    async def document_read(
        room: CallContext,
        path: Annotated[str, "a document, deck, workbook, PDF, email, web page, picture, or archive in the workspace"],
        pages: Annotated[str, "for a PDF or a picture with pages: '3' or '2-5'; default: all"] = "",
        start: Annotated[int, "character to continue from, as the result for a long document says"] = 0,
    ) -> str:
        """Read any file as text, scans and photos too: headings, lists, tables as rows, footnotes, attachments.

        A Word file's blocks have the numbers that document_edit uses. sheet_read shows workbooks and CSV by cell.
        """
        text = await read_any_file.read(room.workspace, zip_package.tidy(path), pages, languages)
        part = text[max(0, start) : max(0, start) + MOST_TEXT - 200]
        if not part:
            raise ToolFailed(f"{path!r} is {counted(len(text), 'character')} long, so there's nothing at {start:,}.")
        end = max(0, start) + len(part)
        return (
            f"{part}\n[{counted(len(text) - end, 'more character')}; continue with start={end}]"
            if end < len(text)
            else part
        )

    return [document_read, archive_extract]


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def archive_extract(
    room: CallContext,
    path: Annotated[str, "a .zip, .eml, .msg, .mbox, or .pdf in the workspace"],
    member: Annotated[str, "the file in it, as document_read lists it"],
    to: Annotated[str, "where to save it; default: under its own name"] = "",
) -> str:
    """Extract one file from a zip archive, or one attachment from an email or PDF, into the workspace."""
    path = zip_package.tidy(path)
    content = await asyncio.to_thread(room.workspace.read, path)
    if PurePosixPath(path).suffix.lower() == ".pdf":
        taken = await bounded(attachment, content, path, name=member)
    elif PurePosixPath(path).suffix.lower() in (".eml", ".msg", ".mbox", ".mbx"):
        taken = await asyncio.to_thread(mail.attachment, content, path, member)
    else:
        taken = await asyncio.to_thread(archive.member, content, path, member)
    target = zip_package.tidy(to) if to else PurePosixPath(member.replace("\\", "/")).name
    await asyncio.to_thread(room.workspace.write, target, taken)
    return f"Saved {member!r} from {path} as {target}: {counted(len(taken), 'byte')}."
