"""Fetches files with the page's cookies, checks every redirect against the rules, and limits their size."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from playwright.async_api import Download, Error

from agents.egress.parse_proxy_request import STATUS
from agents.tools.browser.network_rules import Refusal, words
from agents.tools.browser.page_downloads import MOST, Incoming
from agents.tools.browser.page_open_errors import not_opened, reason, unreachable
from agents.tools.browser.page_session import PageSession
from agents.tools.browser.sends.outgoing_message import Outgoing
from orchestrator.errors import ToolFailed

_HOPS = 10


@dataclass(frozen=True)
class File:
    """A fetched file and its source."""

    name: str
    url: str
    media: str
    content: bytes

    @property
    def is_pdf(self) -> bool:
        return self.content[:1024].lstrip().startswith(b"%PDF-")


async def fetch(session: PageSession, url: str) -> File:
    """GETs the URL with the page's cookies, through the page's proxy.

    Raises ToolFailed: not allowed, not found, too large. Doesn't use the browser's driver, which would hold the whole
    body in memory before its size is known.
    """
    tls, agent = await asyncio.to_thread(_tls), await session.agent()
    way = f"http://127.0.0.1:{session.port}"
    try:
        async with (
            asyncio.timeout(4 * session.patience),
            httpx.AsyncClient(proxy=way, verify=tls, trust_env=False, timeout=session.patience) as client,
        ):
            for _ in range(_HOPS):
                session.check(url)
                _only_reads(session, url)
                sent = {"User-Agent": agent, "Cookie": await session.cookies(url)}
                headers = {name: words for name, words in sent.items() if words}
                async with client.stream("GET", url, headers=headers) as answer:
                    if not answer.has_redirect_location:
                        return File(_name(url), url, *await _received(url, answer))
                    url = urljoin(url, answer.headers["location"])
    except TimeoutError as late:
        raise ToolFailed(
            f"Downloading {url!r} took more than {4 * session.patience:g} s, so the file wasn't saved."
        ) from late
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if session.guard.proxy.refusals:
            raise unreachable(url, session.guard.proxy.refusals[-1]) from error
        raise not_opened(url, str(error) or type(error).__name__) from error
    raise ToolFailed(f"{url!r} redirects more than {_HOPS} times, so it wasn't downloaded.")


def _only_reads(session: PageSession, url: str) -> None:
    """Raises ToolFailed for an address that does something; it's held like one that a page opens."""
    if session.guard.held(Outgoing("GET", url, "document"), {}):
        session.guard.refused = (Refusal.SEND, url)
        raise ToolFailed(words(Refusal.SEND, url))


async def _received(url: str, answer: httpx.Response) -> tuple[str, bytes]:
    """Returns media type and body."""
    if STATUS in answer.headers:
        raise unreachable(url, (await answer.aread()).decode(errors="replace"))
    if not answer.is_success:
        raise ToolFailed(f"{url!r} couldn't be downloaded: the server returned status {answer.status_code}.")
    content = bytearray()
    if int(answer.headers.get("content-length") or 0) <= MOST:
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > MOST:
                break
        else:
            return answer.headers.get("content-type", "").partition(";")[0], bytes(content)
    raise _too_large(url)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def saved(download: Download, incoming: Incoming, patience: float) -> File:
    """Returns the download that the page itself started. Raises ToolFailed, also for one that doesn't end."""
    try:
        async with asyncio.timeout(patience):
            path = await download.path()
        content = await asyncio.to_thread(Path(path).read_bytes)
        await download.delete()
    except TimeoutError as late:
        with suppress(Error):
            await download.cancel()
        raise ToolFailed(
            f"{download.suggested_filename!r} didn't arrive within {patience:g} s; it wasn't saved."
        ) from late
    except Error as error:
        if incoming.large:
            raise _too_large(download.url) from error
        raise ToolFailed(f"The download of {download.url!r} failed: {reason(error)}.") from error
    return _sized(File(download.suggested_filename, download.url, "", content))


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or "download"


def _sized(file: File) -> File:
    if len(file.content) > MOST:
        raise _too_large(file.url)
    return file


def _too_large(url: str) -> ToolFailed:
    return ToolFailed(f"{url!r} is larger than {MOST // 1_000_000} MB, so it wasn't saved. Look for a smaller file.")
