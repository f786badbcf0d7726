"""Runs LibreOffice headless: kept warm if its Python bridge is installed, else one process per conversion."""

import asyncio
import atexit
import signal
import tempfile
import threading
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from agents.libreoffice_detection import lacking, soffice
from agents.tools.office.libreoffice.pool import Conversion, LibreOfficeFailed, Office
from agents.tools.office.libreoffice.run_bound_child import run
from orchestrator.errors import ToolFailed

_SLOWEST = 90.0
offices: dict[str, Office] = {}
_door = threading.Lock()
"""Keeps two first conversions from starting two offices."""


async def program_for(suffix: str) -> str | None:
    """Returns the LibreOffice that opens files of this kind; None if its part or all of LibreOffice is missing."""
    program = soffice()
    return None if await asyncio.to_thread(lacking, program, suffix) else program


async def needed(suffix: str, path: str, instead: str) -> str:
    """Returns the LibreOffice that opens `path`. Raises ToolFailed with the missing part and what to do `instead`."""
    program = soffice()
    if part := await asyncio.to_thread(lacking, program, suffix):
        raise ToolFailed(
            f"{path!r} needs LibreOffice {part.name}, which isn't installed on this host. The person who runs it can "
            f"install {part.package}; until then, {instead}."
        )
    return str(program)


async def convert(content: bytes, suffix: str, target: str, *, program: str, limit: float = _SLOWEST) -> bytes | None:
    """Converts the document to `target` (pdf, xlsx, docx, pptx); returns None if LibreOffice can't open the file.

    Raises LibreOfficeFailed if LibreOffice itself ended or took too long.
    """
    return (await convert_all(content, suffix, [target], program=program, limit=limit)).get(target)


async def if_possible(content: bytes, suffix: str, target: str, *, program: str) -> bytes | None:
    """Converts the document; returns None for any failure."""
    try:
        return await convert(content, suffix, target, program=program)
    except LibreOfficeFailed:
        return None


async def convert_all(
    content: bytes, suffix: str, targets: Collection[str], *, program: str, limit: float = _SLOWEST
) -> dict[str, bytes]:
    """Converts the document to each of `targets`, loading it once; those that can't be made of it are missing.

    Raises LibreOfficeFailed if LibreOffice itself ended or took too long.
    """
    if not targets:
        return {}
    office = await asyncio.to_thread(_office, program)
    job = Conversion(content, suffix, targets, limit)
    doing = asyncio.get_running_loop().run_in_executor(office.threads, job.run, office)
    try:
        return await asyncio.shield(doing)
    finally:
        while not doing.done():  # cancelled: a running conversion is ended, even one about to start
            doing.cancel()
            job.stop()
            await asyncio.wait([doing], timeout=0.1)


async def close() -> None:
    """Ends the kept processes; the next conversion restarts them."""
    await asyncio.to_thread(_close)


def _office(program: str) -> Office:
    with _door:
        if program not in offices:
            if not offices:
                atexit.register(_close)
            offices[program] = Office(program)
        return offices[program]


def _close() -> None:
    with _door:
        while offices:
            offices.popitem()[1].close()


async def pages(pdf: bytes, *, program: str, most: int = 6, width: int = 1000) -> list[bytes]:
    """Renders the first pages as PNG; raises ToolFailed if the program was killed each time."""
    async with _folder("pages-") as folder:
        await asyncio.to_thread((folder / "in.pdf").write_bytes, pdf)
        size = ("-scale-to-x", str(width), "-scale-to-y", "-1")
        for _ in range(2):  # a killed one has left half a picture
            code = await run(
                program, "-png", "-l", str(most), *size, str(folder / "in.pdf"), str(folder / "p"), limit=120.0
            )
            if code != -signal.SIGKILL:
                break
        else:
            raise ToolFailed(f"{Path(program).name} was killed. Try again.")
        return await asyncio.to_thread(lambda: [p.read_bytes() for p in sorted(folder.glob("p-*.png"))])


@asynccontextmanager
async def _folder(prefix: str) -> AsyncGenerator[Path]:
    """Yields a folder for one job and removes it afterward."""
    made = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix=prefix, ignore_cleanup_errors=True)
    try:
        yield Path(made.name)
    finally:
        await asyncio.to_thread(made.cleanup)
