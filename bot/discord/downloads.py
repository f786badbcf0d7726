"""Files from Discord's content network."""

import httpx

from bot.chat import RemoteFile
from bot.inbox.download import collected
from orchestrator.errors import PlatformFailed

MOST = 500 * 2**20
"""The largest file that anyone can upload to Discord."""
_GONE = (401, 403, 404, 410)


async def content(http: httpx.AsyncClient, url: str, file: RemoteFile) -> bytes | None:
    """Returns None if the link has expired. Never reads more than the announced size. Raises PlatformFailed."""
    if not url:
        return None
    try:
        async with http.stream("GET", url) as answer:
            if answer.status_code in _GONE:
                return None
            if answer.status_code != 200:
                raise PlatformFailed(f"Discord returned {answer.status_code} for the file {file.name!r}; try again.")
            return await collected(answer.aiter_bytes(), file, MOST)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PlatformFailed(f"The file {file.name!r} couldn't be downloaded from Discord; try again.") from error
