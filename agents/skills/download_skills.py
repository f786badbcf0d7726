"""Downloads skills that sites publish: a file, or what a site's `/.well-known/agent-skills/index.json` lists.

All of it goes through an egress proxy of its own, which connects only to public hosts and to those that `host.near`
names. Nothing is sent but the request.
"""

import asyncio
import hashlib
import re
import ssl
from collections.abc import Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import JsonValue

from agents.egress.allowed_targets import Grant
from agents.egress.parse_proxy_request import STATUS
from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_port
from agents.skills.install_source import ARCHIVES, DownloadedFile, InstallSource, granted
from agents.skills.read_folder import MOST_BYTES, SHEET, sheet_among
from agents.skills.skill import MOST_FILE, BadSkill
from agents.skills.unpack_tar import tar_files, unpacked_gzip
from agents.skills.zip_skill import archived
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused

SCHEMA = "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
"""The only version of the list with a hash for each skill; what is older can't be checked."""
_MOST_LIST, _MOST_LISTED, _SECONDS, _HOPS = 1 << 20, 500, 60.0, 5
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class ListedSkill(NamedTuple):
    """A row of a site's list."""

    name: str
    kind: str
    url: str
    sha: str


async def downloaded(source: InstallSource, near: Sequence[str], wanted: str) -> DownloadedFile:
    """Returns the file, or what the site's list has under the name `wanted`. `near`: private hosts that may be reached.

    Raises Refused with one sentence.
    """
    proxy = Proxy(Grant(), whose="the installation of a skill", upload=1 << 20)
    try:
        async with asyncio.timeout(_SECONDS), at_port(proxy) as port:
            fetch = _Fetch(proxy, port, near)
            if source.kind == "file":
                return await asyncio.to_thread(_as_zip, source.url, await fetch(source.url, MOST_BYTES))
            found = read_list(await fetch(source.url, _MOST_LIST), source.url)
            one = _chosen(found, wanted, source.url)
            content = await fetch(one.url, MOST_FILE if one.kind == "skill-md" else MOST_BYTES)
    except TimeoutError as late:
        raise Refused(f"{source.url!r} took more than {_SECONDS:g} s. Try again later.") from late
    except BadSkill as problem:
        raise Refused(f"The skill can't be used: {problem}.") from problem
    if (sha := hashlib.sha256(content).hexdigest()) != one.sha:
        raise Refused(
            f"The skill {one.name!r} has another hash than the site's list says ({sha[:12]}… instead of "
            f"{one.sha[:12]}…), so it wasn't installed."
        )
    if one.kind == "skill-md":
        return DownloadedFile(f"{one.name}.zip", archived(one.name, {SHEET: content}))
    return await asyncio.to_thread(_unwrapped, one.name, one.url, content)


class _Fetch:
    """Gets one address after the other through the proxy, which may then reach that address's host alone."""

    def __init__(self, proxy: Proxy, port: int, near: Sequence[str]) -> None:
        self._proxy, self._way, self._near = proxy, f"http://127.0.0.1:{port}", tuple(near)

    async def __call__(self, url: str, most: int) -> bytes:
        """Raises Refused."""
        tls, first = await asyncio.to_thread(_tls), url
        try:
            for _ in range(_HOPS):
                self._allow(url)
                async with (
                    httpx.AsyncClient(proxy=self._way, verify=tls, trust_env=False, timeout=_SECONDS) as client,
                    client.stream(
                        "GET", url, headers={"User-Agent": "threadwork", "Accept-Encoding": "identity"}
                    ) as it,
                ):
                    if STATUS in it.headers:
                        raise Refused(f"{first!r} can't be downloaded: {self._proxy.refusals[-1]}")
                    if not it.has_redirect_location:
                        return await _body(first, it, most)
                    url = urljoin(url, it.headers["location"])
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            why = self._proxy.refusals[-1] if self._proxy.refusals else f"{error or type(error).__name__}."
            raise Refused(f"{first!r} can't be downloaded: {why}") from error
        raise Refused(f"{first!r} redirects more than {_HOPS} times, so it wasn't downloaded.")

    def _allow(self, url: str) -> None:
        self._proxy.grant = granted(url, self._near)


async def _body(url: str, answer: httpx.Response, most: int) -> bytes:
    if answer.status_code != 200:
        raise Refused(f"{url!r} answered with status {answer.status_code}. Check the address.")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Refused(f"{url!r} answered with compressed text, although plain text was asked for.")
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > most:
            raise Refused(f"{url!r} is larger than {most >> 10:,} KiB, so it wasn't downloaded.")
    return bytes(body)


def read_list(content: bytes, url: str) -> Sequence[ListedSkill]:
    """Returns the rows of a site's list that can be installed. Raises Refused if there are none."""
    try:
        found = clean_outside_text.parsed(content)
    except clean_outside_text.Unfit as error:
        raise Refused(f"The list of skills at {url!r} can't be read: it is {error}.") from error
    if not isinstance(found, dict) or not isinstance(rows := found.get("skills"), list):
        raise Refused(f"The list of skills at {url!r} has no skills in it.")
    if (schema := found.get("$schema")) != SCHEMA:
        raise Refused(f"The list of skills at {url!r} has a version that isn't known here ({str(schema)[:80]!r}).")
    listed = [one for row in rows[:_MOST_LISTED] if (one := _row(row, url))]
    if not listed:
        raise Refused(f"None of the {len(rows)} skills listed at {url!r} has a valid name, type, address, and hash.")
    return listed


def _row(row: JsonValue, base: str) -> ListedSkill | None:
    if not isinstance(row, dict):
        return None
    name, kind, url, digest = (str(row.get(key, "")) for key in ("name", "type", "url", "digest"))
    sha = _DIGEST.fullmatch(digest)
    if kind not in ("skill-md", "archive") or not url or sha is None or not _NAME.fullmatch(name) or len(name) > 64:
        return None
    return ListedSkill(name, kind, urljoin(base, url), sha[1])


def _chosen(rows: Sequence[ListedSkill], wanted: str, url: str) -> ListedSkill:
    named = [row for row in rows if row.name == wanted] if wanted else rows
    if len(named) == 1:
        return named[0]
    names = ", ".join(row.name for row in rows[:40])
    if wanted:
        raise Refused(f"{url!r} lists no skill named {wanted!r}; it has: {names}.")
    raise Refused(f"{url!r} lists {len(rows)} skills. Say which one to install: {names}.")


def _as_zip(url: str, content: bytes) -> DownloadedFile:
    name = PurePosixPath(urlsplit(url).path).name
    return _unwrapped(name.removesuffix(".gz").removesuffix(".tar").removesuffix(".tgz"), url, content)


def _unwrapped(name: str, url: str, content: bytes) -> DownloadedFile:
    """Returns a tar archive as a zip archive, and everything else as it is. Raises BadSkill."""
    if content[:2] == b"\x1f\x8b":
        files = tar_files(unpacked_gzip(content, 2 * MOST_BYTES), MOST_BYTES)
        clean = {str(PurePosixPath(path)): held for path, held in files.items()}
        return DownloadedFile(f"{name}.zip", archived(name if sheet_among(clean) else "", clean))
    path = PurePosixPath(urlsplit(url).path)
    if content[:4] == b"PK\x03\x04" or path.name.lower().endswith(ARCHIVES):
        return DownloadedFile(f"{PurePosixPath(name).stem}.zip", content)
    return DownloadedFile(path.name, content)


@cache
def _tls() -> ssl.SSLContext:
    """Reads certificates, so it blocks."""
    return httpx.create_ssl_context(trust_env=False)
