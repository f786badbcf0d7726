"""The bytes of a file that someone attached: no more than can be taken, and no fewer than were promised."""

from collections.abc import AsyncIterable

from bot.chat import RemoteFile
from orchestrator.errors import PlatformFailed


async def collected(chunks: AsyncIterable[bytes], file: RemoteFile, most: int) -> bytes:
    """All chunks as one. Raises PlatformFailed for more than `most` bytes or than the file is said to have, and for
    fewer."""
    kept = bytearray()
    async for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            raise PlatformFailed(f"The file {file.name!r} is too large; at most {most // 10**6} MB can be read.")
        if file.size and len(kept) > file.size:
            raise PlatformFailed(f"The file {file.name!r} is larger than its platform said; attach it again.")
    if file.size and len(kept) < file.size:
        raise PlatformFailed(f"The file {file.name!r} was cut off after {len(kept)} of {file.size} bytes; try again.")
    return bytes(kept)
