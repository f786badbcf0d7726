"""Makes a PDF from another file, and reads it back to check that the text is in it."""

import asyncio
import re
import unicodedata
from pathlib import PurePosixPath
from typing import NamedTuple

from agents.pdf_reading.pdf_text import pdf_pages
from agents.tool import Workspace
from agents.tools.office import unsafe_files
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets.compute_missing_formula_values import with_values
from agents.tools.office.word.read_document import docx_words, html_text
from agents.tools.pdf.chromium_print import Printer
from agents.tools.pdf.html_page import of_html, of_markdown
from orchestrator.errors import ToolFailed

_OFFICE = (".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp", ".rtf")
_PAGES = (".html", ".htm", ".md")
_WORD = re.compile(r"[^\W_]{4,}")


class MadePdf(NamedTuple):
    """A PDF, its number of pages, and a note about its text."""

    content: bytes
    pages: int
    words: str


async def made(workspace: Workspace, source: str, printer: Printer) -> MadePdf:
    """Converts the file to PDF. Raises ToolFailed for an unsupported type, a missing program, or lost text."""
    suffix = PurePosixPath(source).suffix.lower()
    content = await asyncio.to_thread(workspace.read, source)
    if suffix in _OFFICE:
        if suffix != ".rtf":
            await asyncio.to_thread(unsafe_files.looked_at, content, source)
        shown = (await with_values(content, source)).content if suffix == ".xlsx" else content
        pdf, by = await _office(shown, source, suffix), "LibreOffice"
    elif suffix in _PAGES:
        html = await asyncio.to_thread(of_markdown if suffix == ".md" else of_html, workspace, source, content)
        pdf, by = await printer.printed(html), "Chromium"
        if pdf is None:
            pdf, by = await _office(html.encode(), source, ".html"), "LibreOffice"
    else:
        raise ToolFailed(f"{source!r} can't be converted to PDF. Use .docx, .pptx, .xlsx, .odt, .html, or .md.")
    pages = await asyncio.to_thread(pdf_pages, pdf, source)
    expected = await asyncio.to_thread(_expected, content, source, suffix)
    missing = lost(expected, "\n".join(pages))
    if len(missing) > max(1, len(set(_WORD.findall(expected))) // 50):
        raise ToolFailed(
            f"A PDF made from {source!r} would lose text: {', '.join(map(repr, missing[:5]))}. A font may be missing; "
            f"use plain letters, or convert it from a .docx."
        )
    told = f"with all the text from {source}" if expected and not missing else "with readable text"
    return MadePdf(pdf, len(pages), f"made by {by} {told}")


def lost(expected: str, found: str) -> list[str]:
    """Returns words of `expected` missing in `found`. Ignores ligatures, hyphens and line ends, but not NULs."""
    flat = _flat(found)
    return [word for word in dict.fromkeys(_WORD.findall(expected)) if _flat(word) not in flat]


def _flat(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum() or c == "\x00")


def _expected(content: bytes, source: str, suffix: str) -> str:
    match suffix:
        case ".docx":
            return docx_words(content, source)
        case ".html" | ".htm":
            return html_text(content, source)
        case ".md":
            return re.sub(r"\]\([^)]*\)|<[^>]*>|```\w*|&\w+;", " ", decoded(content, source).text)
        case _:
            return ""


async def _office(content: bytes, source: str, suffix: str) -> bytes:
    program = await convert.needed(suffix, source, "hand in the file itself")
    pdf = await convert.convert(content, suffix, "pdf", program=program)
    if pdf is None:
        raise ToolFailed(f"LibreOffice couldn't convert {source!r} to PDF. Check the file.")
    return pdf
