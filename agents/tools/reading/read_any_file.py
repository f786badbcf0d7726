"""Chooses the reader of a file by its name; refuses a file whose content is something else."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from agents.tool import Workspace
from agents.tools.office import unsafe_files
from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets.workbook import read_book
from agents.tools.office.text_encoding import decoded
from agents.tools.office.word.read_document import docx_text, html_text
from agents.tools.reading import archive, mail, pdf, picture_metadata, slides
from orchestrator.errors import ToolFailed

_TEXTS = {
    ".md",
    ".txt",
    ".csv",
    ".tsv",
    ".json",
    ".jsonl",
    ".log",
    ".yaml",
    ".yml",
    ".xml",
    ".rst",
    ".toml",
    ".svg",
    ".ics",
}
_Reader = Callable[[bytes, str], str]


def _plain(content: bytes, path: str) -> str:
    return decoded(content, path)[0]


def _sheets(content: bytes, path: str) -> str:
    """Returns every sheet as rows of values."""
    parts: list[str] = []
    for sheet in read_book(content, path, values=True).worksheets:
        rows = (["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True))
        parts.append(f"[sheet {sheet.title!r}]\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows if any(row)))
    return "\n\n".join(parts)


_READERS: dict[str, _Reader] = {
    **dict.fromkeys((".docx", ".dotx", ".docm", ".dotm"), docx_text),
    **dict.fromkeys((".pptx", ".potx", ".pptm", ".ppsx"), slides.text),
    **dict.fromkeys((".html", ".htm", ".xhtml"), html_text),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"), picture_metadata.described),
    **dict.fromkeys(_TEXTS, _plain),
    ".eml": mail.text,
    ".zip": archive.listing,
}
_CONVERTED: dict[str, tuple[str, _Reader]] = {
    **dict.fromkeys((".odt", ".rtf", ".doc", ".ott", ".wpd"), ("docx", docx_text)),
    **dict.fromkeys((".odp", ".ppt", ".otp"), ("pptx", slides.text)),
    **dict.fromkeys((".ods", ".xls", ".ots"), ("xlsx", _sheets)),
}
"""Types that LibreOffice has to convert first."""
_INSTEAD = {
    ".xlsx": "use sheet_read for workbooks",
    ".xlsm": "save it as .xlsx without macros, then use sheet_read",
    ".msg": "save it in Outlook as .eml, or ask for the text",
    **dict.fromkeys(
        (".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"), "unpack it with run_shell, or ask for a .zip"
    ),
    **dict.fromkeys(
        (".mp3", ".mp4", ".wav", ".mov", ".m4a"), "audio and video can't be read here; ask for a transcript"
    ),
}


async def read(workspace: Workspace, path: str, pages: str) -> str:
    """Returns the file as text. Raises ToolFailed with the next step for an unsupported type or a damaged file."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _INSTEAD:
        raise ToolFailed(f"document_read can't read {suffix} files such as {path!r}; {_INSTEAD[suffix]}.")
    if pages and suffix != ".pdf":
        raise ToolFailed(f"'pages' only works for PDFs. Omit it for {path!r}.")
    content = await asyncio.to_thread(workspace.read, path)
    if not content:
        raise ToolFailed(f"{path!r} is empty. Ask for it again.")
    if suffix == ".pdf":
        return await asyncio.to_thread(pdf.text, content, path, pages)
    if suffix in _CONVERTED:
        return await _converted(content, path, suffix)
    if suffix in _READERS:
        return await asyncio.to_thread(_READERS[suffix], content, path)
    try:
        return (await asyncio.to_thread(decoded, content, path))[0]
    except ToolFailed as error:
        raise ToolFailed(f"{path!r} has an unsupported type. Ask for it as docx, pdf or text.") from error


async def _converted(content: bytes, path: str, suffix: str) -> str:
    program = await convert.needed(suffix, path, "ask for it as docx, xlsx, pptx or pdf")
    _refuse_bomb(content, path)
    target, reader = _CONVERTED[suffix]
    made = await convert.convert(content, suffix, target, program=program)
    if made is None:
        raise ToolFailed(
            f"LibreOffice couldn't open {path!r}: it's damaged or a different type of file. Ask for it again."
        )
    return await asyncio.to_thread(reader, made, path)


def _refuse_bomb(content: bytes, path: str) -> None:
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as opened:
                archive.refuse_bomb(opened.infolist(), path)
        except unsafe_files.UNREADABLE as error:
            raise ToolFailed(f"{path!r} is damaged or incomplete ({error}). Ask for it again.") from error
