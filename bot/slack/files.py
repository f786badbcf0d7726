"""Uploads files and confirms that they arrived; downloads with the token, only from Slack's own hosts."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import aiohttp

from bot.chat_platform import RemoteFile
from bot.inbox.download import collected, failure
from bot.slack import message_text
from bot.slack.errors import slack_errors
from bot.slack.web_api import SlackWebApi
from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused

_HOPS = 3


class SlackUpload(NamedTuple):
    """A file to send."""

    name: str
    title: str
    content: bytes
    alt: str = ""


class SlackFiles:
    """One workspace's files. `patience`: seconds until a share that Slack has promised must be visible."""

    def __init__(self, web: SlackWebApi, token: str, *, patience: float = 30.0) -> None:
        self._web = web
        self._token = token
        self._patience = patience

    async def upload(self, part: SlackUpload) -> str:
        """Uploads the bytes; nobody sees them until they are shared. Returns the file's id."""
        asked = await self._web.read(
            "files.getUploadURLExternal",
            f"uploading {part.name!r}",
            filename=part.name,
            length=len(part.content),
            alt_txt=part.alt[:1_000],
        )
        with slack_errors(f"uploading {part.name!r}"):
            timeout = aiohttp.ClientTimeout(total=600)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(str(asked["upload_url"]), data=part.content) as answer,
            ):
                if answer.status != 200:
                    raise PlatformFailed(f"Slack didn't accept the file {part.name!r} (status {answer.status}).")
        return str(asked["file_id"])

    async def share(self, files: Mapping[str, str], *, channel: str, thread: str) -> None:
        """Shows uploaded files (id to title) in the thread, once, and waits until they are there.

        Raises OutcomeUnknown if Slack doesn't confirm: look before retrying.
        """
        with contextlib.suppress(OutcomeUnknown):  # whether it arrived is checked below
            await self._web.write_flat(
                "files.completeUploadExternal",
                "sharing files",
                once=True,
                files=[{"id": name, "title": title} for name, title in files.items()],
                channel_id=channel,
                thread_ts=thread,
            )
        if not await self.settled(files):
            raise OutcomeUnknown(f"Slack accepted the files but still doesn't show them after {self._patience:g} s.")

    async def withdraw(self, files: Iterable[str]) -> None:
        """They will no longer appear, even if Slack was only late."""
        for name in files:
            try:
                await self._web.write_flat("files.delete", "deleting a file", file=name)
            except PlatformRefused as error:
                if error.code != "gone":
                    raise

    async def settled(self, files: Iterable[str], *, hurry: float = 1.0) -> bool:
        """Returns whether each file is visible in a conversation; asks again, less and less often, until patience runs
        out. `hurry`: that many times sooner."""
        pause, waited = 0.25, 0.0
        while not all([await self._stands(name) for name in files]):
            if waited >= self._patience / hurry:
                return False
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(3.0, pause * 1.6)
        return True

    async def _stands(self, name: str) -> bool:
        try:
            found = await self._web.patiently("files.info", f"looking for the file {name!r}", file=name)
        except PlatformRefused:
            return False  # not there yet
        shares = cast("dict[str, Any]", found["file"].get("shares") or {})
        return bool(shares.get("public") or shares.get("private"))

    async def fetch(self, file: RemoteFile, *, own: str) -> bytes:
        """Returns the content. The token goes only to Slack's hosts and `own` (host of a Slack-compatible server)."""
        if file.holds == "transcript":
            return (await self._transcript(file)).encode()
        url = file.url or await self._url(file)
        headers = {"Authorization": f"Bearer {self._token}"}
        with slack_errors(f"downloading {file.name!r}"):
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as session:
                for _ in range(_HOPS):
                    if not _trusted(url, own):
                        words = f"The file {file.name!r} isn't stored on Slack; attach it instead."
                        raise PlatformRefused(words, code="not-allowed")
                    async with session.get(url, headers=headers, allow_redirects=False) as answer:
                        if answer.status in (301, 302, 303, 307, 308):
                            url = str(answer.headers.get("Location", ""))
                            continue
                        return await _content(answer, file)
        raise PlatformRefused(f"The file {file.name!r} couldn't be downloaded: too many redirects.")

    async def _url(self, file: RemoteFile) -> str:
        it = await self._info(file)
        return str(it.get("url_private_download") or it.get("url_private") or "")

    async def _transcript(self, file: RemoteFile) -> str:
        """Waits until Slack has written it down, which takes some seconds, or until patience runs out."""
        pause, waited = 0.25, 0.0
        while message_text.transcribing(it := await self._info(file)) and waited < self._patience:
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(3.0, pause * 1.6)
        return message_text.transcript(it)

    async def _info(self, file: RemoteFile) -> dict[str, Any]:
        found = await self._web.patiently("files.info", f"looking for the file {file.name!r}", file=file.id)
        return cast("dict[str, Any]", found["file"])


def _trusted(url: str, own: str) -> bool:
    parts = urlsplit(url)
    if own and parts.netloc == own:
        return True
    host = (parts.hostname or "").lower()
    return parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))


async def _content(answer: aiohttp.ClientResponse, file: RemoteFile) -> bytes:
    """Returns the body, unless it is Slack's sign-in page (status 200!) or larger than the limit."""
    if answer.status != 200:
        raise failure(answer.status, answer.headers, file, "Slack")
    if answer.content_type == "text/html" and "html" not in file.media:
        words = f"Slack sent its sign-in page instead of the file {file.name!r}; the bot needs the scope 'files:read'."
        raise PlatformRefused(words, code="not-allowed")
    return await collected(answer.content.iter_chunked(1 << 16), file)
