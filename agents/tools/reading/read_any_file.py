"""Chooses the reader of a file by its name; refuses a file whose content is something else."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from agents.tool import Workspace
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.word.read_document import html_text
from agents.tools.reading import archive, calendars_and_contacts, mail, office_file, pdf, picture
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
}
_Reader = Callable[[bytes, str], str]


def _plain(content: bytes, path: str) -> str:
    return decoded(content, path).text


_READERS: dict[str, _Reader] = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), html_text),
    **dict.fromkeys(_TEXTS, _plain),
    ".vcf": calendars_and_contacts.cards,
    ".ics": calendars_and_contacts.calendar,
    ".eml": mail.text,
    ".msg": mail.text,
    **dict.fromkeys((".mbox", ".mbx"), mail.mailbox),
    ".zip": archive.listing,
}
PICTURES = (
    ".png", ".jpg", ".jpeg", ".jfif", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif",
)  # fmt: skip
_PICTURE_SIGNS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_INSTEAD = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb"), "use sheet_read for workbooks"),
    **dict.fromkeys(
        (".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"), "unpack it with run_shell, or ask for a .zip"
    ),
    **dict.fromkeys(
        (".mp3", ".mp4", ".wav", ".mov", ".m4a"), "audio and video can't be read here; ask for a transcript"
    ),
}


async def read(workspace: Workspace, path: str, pages: str, languages: Sequence[str]) -> str:
    """Returns the file as text. `languages`: of scans; empty: all that are installed. Raises ToolFailed
    with the next step for an unsupported type or a damaged file."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _INSTEAD:
        raise ToolFailed(f"document_read can't read {suffix} files such as {path!r}; {_INSTEAD[suffix]}.")
    if pages and suffix not in (".pdf", *PICTURES):
        raise ToolFailed(f"'pages' only works for PDFs and pictures. Omit it for {path!r}.")
    content = await asyncio.to_thread(workspace.read, path)
    if not content:
        raise ToolFailed(f"{path!r} is empty. Ask for the file again.")
    if suffix in (".pdf", *PICTURES):
        of = (
            picture
            if content.startswith(_PICTURE_SIGNS) or (suffix != ".pdf" and b"%PDF-" not in content[:1024])
            else pdf
        )
        return await of.text(content, path, pages, languages)
    if suffix in office_file.KINDS:
        return await office_file.office_text(content, path)
    if suffix in _READERS:
        return await asyncio.to_thread(_READERS[suffix], content, path)
    try:
        return (await asyncio.to_thread(decoded, content, path)).text
    except ToolFailed as error:
        raise ToolFailed(f"{path!r} has an unsupported type. Ask for it as docx, pdf, or text.") from error
