"""Renders the pages of a file as pictures."""

import asyncio
from pathlib import PurePosixPath
from typing import NamedTuple

from agents.bounded_read import bounded
from agents.pdf_reading.page_picture import page_count, page_picture
from agents.pdf_reading.page_ranges import chosen
from agents.tools.heic_photo import decodable
from agents.tools.office import unsafe_files
from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets.compute_missing_formula_values import with_values
from agents.tools.picture_facts import PictureFacts, picture_facts
from agents.tools.prepare_picture_for_showing import MOST_SIDE, ShownPicture, fitted, small_picture
from orchestrator.errors import ToolFailed

MOST = 6
"""Pages per call; each costs a model about 1,500 tokens in every turn that keeps it."""
_SIDE = 1400
_IMAGES = (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif")
_OFFICE = (".docx", ".pptx", ".xlsx", ".odt", ".odp", ".ods", ".rtf")
_INSTEAD = {
    **dict.fromkeys((".html", ".htm", ".md"), "convert it to PDF with pdf_make and look at that"),
    ".svg": "put it in a document or convert it to png",
    **dict.fromkeys((".csv", ".tsv", ".txt", ".json"), "it can't be shown as a picture; read it instead"),
}


class PagePictures(NamedTuple):
    """Returns pictures by page number (0: the file is a picture), and the number of pages."""

    pages: dict[int, ShownPicture]
    total: int
    left: tuple[int, ...]
    """Requested pages that aren't shown yet."""
    moving: bool = False
    """Its pages are the frames of a moving picture."""


async def looked(content: bytes, path: str, pages: str) -> PagePictures:
    """Renders the file. Raises ToolFailed for a type that can't be rendered, a damaged file, or a missing page."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _IMAGES:
        return await _pictured(content, path, pages)
    if suffix not in (*_OFFICE, ".pdf"):
        what = _INSTEAD.get(suffix, "use a picture, .pdf, .docx, .pptx, or .xlsx")
        raise ToolFailed(f"look_at can't show {suffix or 'such'} files such as {path!r}; {what}.")
    pdf = content if suffix == ".pdf" else await _as_pdf(content, path, suffix)
    return await _drawn(pdf, path, pages)


async def _pictured(content: bytes, path: str, pages: str) -> PagePictures:
    content = await decodable(content, path)
    facts = PictureFacts.model_validate_json(await bounded(picture_facts, content, path))
    if facts.frames == 1 and pages:
        raise ToolFailed(f"{path!r} is a single picture. Omit 'pages'.")
    several = facts.frames > 1 and (pages or not facts.moving)
    wanted = list(dict.fromkeys(chosen(pages, facts.frames, path))) if several else [1]
    shown: dict[int, ShownPicture] = {}
    for number in wanted[:MOST]:
        small = await bounded(small_picture, content, path, side=MOST_SIDE, page=number)
        shown[number if several else 0] = await asyncio.to_thread(fitted, small, path)
    return PagePictures(shown, facts.frames, tuple(wanted[MOST:]), moving=facts.moving)


async def _as_pdf(content: bytes, path: str, suffix: str) -> bytes:
    program = await convert.needed(suffix, path, "read it as text")
    if suffix != ".rtf":
        await asyncio.to_thread(unsafe_files.looked_at, content, path)
    shown = (await with_values(content, path)).content if suffix in (".xlsx", ".xlsm") else content
    pdf = await convert.convert(shown, suffix, "pdf", program=program)
    if pdf is None:
        raise ToolFailed(f"LibreOffice couldn't render {path!r}. Check the file.")
    return pdf


async def _drawn(pdf: bytes, path: str, pages: str) -> PagePictures:
    total = int(await bounded(page_count, pdf, path))
    wanted = list(dict.fromkeys(chosen(pages, total, path)))
    shown: dict[int, ShownPicture] = {}
    for number in wanted[:MOST]:
        drawn = await bounded(page_picture, pdf, path, page=number)
        shown[number] = await asyncio.to_thread(fitted, drawn, path, side=_SIDE)
    return PagePictures(shown, total, tuple(wanted[MOST:]))
