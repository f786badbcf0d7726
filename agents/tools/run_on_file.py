"""Runs a program on a file of its own in a folder of its own, and returns what it made."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from agents.tools.office.libreoffice.run_bound_child import run


async def run_on_file(
    content: bytes, ends: tuple[str, str], command: Callable[[Path, Path], Sequence[str]], *, limit: float
) -> bytes | None:
    """Writes the content to a file, runs `command(that file, the file to make)`, and returns the made file.

    `ends`: how the names of both files end. None if the program failed, or ran longer than `limit` seconds.
    """
    made = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="one-file-", ignore_cleanup_errors=True)
    try:
        source, target = Path(made.name) / f"in{ends[0]}", Path(made.name) / f"out{ends[1]}"
        await asyncio.to_thread(source.write_bytes, content)
        code = await run(*command(source, target), limit=limit)
        return await asyncio.to_thread(target.read_bytes) if code == 0 and target.exists() else None
    finally:
        await asyncio.to_thread(made.cleanup)
