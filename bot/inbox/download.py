"""Reads an attached file: no more bytes than allowed, and no fewer than announced."""

from collections.abc import AsyncIterable

from bot.chat import RemoteFile
from orchestrator.errors import PlatformFailed


async def collected(chunks: AsyncIterable[bytes], file: RemoteFile, most: int) -> bytes:
    """Joins all chunks. Raises PlatformFailed for more than `most` bytes, or more or fewer than the file is said to
    have."""
    kept = bytearray()
    async for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            raise PlatformFailed(f"The file {file.name!r} is too large; at most {most // 10**6} MB can be read.")
        if file.size and len(kept) > file.size:
            raise PlatformFailed(f"The file {file.name!r} is larger than announced; attach it again.")
    if file.size and len(kept) < file.size:
        raise PlatformFailed(f"The file {file.name!r} was cut off after {len(kept)} of {file.size} bytes; try again.")
    return bytes(kept)
