"""Files from Discord's content network."""

import httpx

from bot.chat_platform import RemoteFile
from bot.inbox.download import collected, failure
from orchestrator.errors import PlatformFailed, PlatformRefused

_GONE = (401, 403, 404, 410)


async def content(http: httpx.AsyncClient, url: str, file: RemoteFile) -> bytes | None:
    """Returns None if the link has expired. Never reads more than the announced size. Raises PlatformFailed, which is
    PlatformRefused if trying again can't help."""
    if file.holds == "transcript":
        return b""  # Discord has none of a recording
    if not url:
        return None
    try:
        async with http.stream("GET", url) as answer:
            if answer.status_code in _GONE:
                return None
            if answer.status_code != 200:
                raise failure(answer.status_code, answer.headers, file, "Discord")
            if answer.headers.get("content-type", "").startswith("text/html") and "html" not in file.media:
                raise PlatformRefused(f"Discord sent a page instead of the file {file.name!r}; attach it again.")
            return await collected(answer.aiter_bytes(), file)
    except httpx.InvalidURL as error:
        raise PlatformRefused(f"The file {file.name!r} doesn't have a valid link; attach the file again.") from error
    except httpx.HTTPError as error:
        raise PlatformFailed(f"The file {file.name!r} couldn't be downloaded from Discord; try again.") from error
