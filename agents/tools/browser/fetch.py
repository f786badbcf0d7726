"""Files: fetched with the page's cookies, every redirect held to the rules; PDF files are read as text."""

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from playwright.async_api import Download, Error
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from agents.egress.request import STATUS
from agents.tools.browser.seat import Seat, reason, unreachable
from orchestrator.errors import ToolFailed

MOST = 50_000_000
MOST_PAGES = 300
_HOPS = 10


@dataclass(frozen=True)
class File:
    """What came, from where."""

    name: str
    url: str
    media: str
    content: bytes

    @property
    def is_pdf(self) -> bool:
        return self.content[:1024].lstrip().startswith(b"%PDF-")


async def fetch(seat: Seat, url: str) -> File:
    """GETs the URL. Raises ToolFailed: not allowed, not there, too large."""
    for _ in range(_HOPS):
        seat.check(url)
        try:
            answer = await seat.context.request.get(url, max_redirects=0, timeout=4 * seat.patience * 1000)
        except Error as error:
            raise ToolFailed(f"{url!r} could not be fetched: {reason(error)}. Check the address.") from error
        try:
            if answer.status in (301, 302, 303, 307, 308) and "location" in answer.headers:
                url = urljoin(url, answer.headers["location"])
                continue
            if STATUS.lower() in answer.headers:
                raise unreachable(url, await answer.text())
            if not answer.ok:
                raise ToolFailed(f"{url!r} could not be fetched: the server answered with status {answer.status}.")
            if int(answer.headers.get("content-length") or 0) > MOST:
                raise ToolFailed(f"{url!r} is larger than {MOST // 1_000_000} MB; it was not fetched.")
            media = answer.headers.get("content-type", "").partition(";")[0]
            return _sized(File(_name(url), url, media, await answer.body()))
        finally:
            await answer.dispose()
    raise ToolFailed(f"{url!r} redirects more than {_HOPS} times; it was not fetched.")


async def saved(download: Download) -> File:
    """The file the page itself began to send. Raises ToolFailed."""
    try:
        path = await download.path()
        content = await asyncio.to_thread(Path(path).read_bytes)
        await download.delete()
    except Error as error:
        raise ToolFailed(f"The download of {download.url!r} failed: {reason(error)}.") from error
    return _sized(File(download.suggested_filename, download.url, "", content))


async def read_pdf(file: File) -> str:
    """The text, page by page. Raises ToolFailed when it cannot be read."""
    try:
        return await asyncio.to_thread(_text, file.content)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ToolFailed(f"The PDF {file.url!r} cannot be read ({error}); browser_download saves it.") from error


def _text(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    pages = [f"[page {n}]\n{p.extract_text()}" for n, p in enumerate(reader.pages[:MOST_PAGES], 1)]
    if len(reader.pages) > MOST_PAGES:
        pages.append(f"[{len(reader.pages) - MOST_PAGES} more pages were left out]")
    return "\n\n".join(pages)


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or "download"


def _sized(file: File) -> File:
    if len(file.content) > MOST:
        raise ToolFailed(f"{file.url!r} is larger than {MOST // 1_000_000} MB; it was not kept.")
    return file
