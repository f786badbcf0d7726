"""Reads an attached file: no more bytes than allowed, no fewer than announced, and says what a refusal means."""

from collections.abc import AsyncIterable, Mapping

from bot.chat_platform import RemoteFile
from orchestrator.errors import PlatformFailed, PlatformRefused, RateLimited

MOST_FILE = 50 * 1024 * 1024
"""Bytes of one file that somebody attaches."""
_LATER = (408, 425)


async def collected(chunks: AsyncIterable[bytes], file: RemoteFile, most: int = MOST_FILE) -> bytes:
    """Joins all chunks. Raises PlatformRefused for more than `most` bytes or more than the file is said to have, and
    PlatformFailed for fewer."""
    kept = bytearray()
    async for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            words = f"The file {file.name!r} is too large; the limit is {most // 1024**2} MB."
            raise PlatformRefused(words, code="too-large")
        if file.size and len(kept) > file.size:
            raise PlatformRefused(f"The file {file.name!r} is larger than expected; attach it again.")
    if file.size and len(kept) < file.size:
        raise PlatformFailed(f"The file {file.name!r} was cut off after {len(kept)} of {file.size} bytes; try again.")
    return bytes(kept)


def failure(status: int, headers: Mapping[str, str], file: RemoteFile, platform: str) -> PlatformFailed:
    """Returns what a status other than 200 means: a refusal, unless waiting may help."""
    name = repr(file.name)
    if status == 429:
        wait = headers.get("Retry-After", "")
        seconds = float(wait) if wait.replace(".", "", 1).isdecimal() else 1.0
        return RateLimited(f"{platform} asked us to wait before downloading the file {name}.", seconds=seconds)
    if status >= 500 or status in _LATER:
        return PlatformFailed(f"{platform} returned {status} for the file {name}; try again.")
    if status in (404, 410):
        return PlatformRefused(f"The file {name} no longer exists, or its link has expired.", code="gone")
    if status in (401, 403):
        return PlatformRefused(f"{platform} doesn't let the bot read the file {name}.", code="not-allowed")
    if 300 <= status < 400:
        return PlatformRefused(f"The file {name} isn't stored on {platform}; attach it instead.", code="not-allowed")
    return PlatformRefused(f"{platform} returned {status} for the file {name}.")
