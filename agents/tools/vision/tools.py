"""Defines the tool that shows a file to a model that can see."""

import asyncio
from pathlib import PurePosixPath
from typing import Annotated

from agents.tool import CallContext, Workspace, tool
from agents.tools.office import provenance_file, zip_package
from agents.tools.prepare_picture_for_showing import ShownPicture
from agents.tools.vision.page_pictures import PagePictures, looked
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import CallResult, Effect, Label
from orchestrator.errors import ToolFailed


@tool(effects={Effect.READ}, parallel=True)
async def look_at(
    room: CallContext,
    path: Annotated[str, "a picture in the workspace, or a .pdf, .docx, .pptx, or .xlsx"],
    pages: Annotated[
        str, "for a document, deck, or picture of several pages: '3', '2-5', '1,4-6'; default: the first"
    ] = "",
) -> CallResult:
    """Look at a picture, or the pages of a document, deck, workbook, or PDF as people see them.

    Look at what you made before you hand it in; only this shows overlaps, cut-off text, and what is too small or empty.
    """
    path = zip_package.tidy(path)
    content = await asyncio.to_thread(room.workspace.read, path)
    room.progress(f"rendering {path}")
    look = await looked(content, path, pages)
    return await asyncio.to_thread(_result, room, path, look)


def _result(room: CallContext, path: str, look: PagePictures) -> CallResult:
    shown = tuple(_kept(room, path, page, picture) for page, picture in look.pages.items())
    first = next(iter(look.pages.values()))
    return CallResult(
        ok=True,
        text=_words(path, look),
        shown=shown,
        picture=room.keep(first.small, f"{PurePosixPath(path).stem}-small.jpg"),
        labels=_labels(room.workspace, path),
    )


def _kept(room: CallContext, path: str, page: int, picture: ShownPicture) -> FileRef:
    stem = PurePosixPath(path).stem
    return room.keep(picture.content, f"{stem}-page-{page}{picture.suffix}" if page else f"{stem}{picture.suffix}")


def _words(path: str, look: PagePictures) -> str:
    if 0 in look.pages:
        frames = (
            f" It's animated; this is the first of {look.total} frames, and pages='2-4' shows others."
            if look.moving
            else ""
        )
        return f"{path} is shown as a picture.{frames}"
    numbers = ", ".join(map(str, look.pages))
    more = f" Next: pages='{','.join(map(str, look.left[:12]))}'." if look.left else ""
    return f"{path} has {counted(look.total, 'frame' if look.moving else 'page')}; shown as pictures: {numbers}.{more}"


def _labels(workspace: Workspace, path: str) -> frozenset[Label]:
    """Only files made by our document tools, without attachments, contain no untrusted text."""
    ours = workspace.exists(provenance_file.beside(path)) and not _attachments(workspace)
    return frozenset() if ours else frozenset({Label.UNTRUSTED})


def _attachments(workspace: Workspace) -> bool:
    try:
        return bool(workspace.files("attachments"))
    except ToolFailed:  # there is no such folder
        return False
