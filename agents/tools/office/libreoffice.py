"""LibreOffice without a window: one process per conversion, one profile per worker, nothing left behind."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_SLOWEST = 90.0
_PROFILES = 2
"""Conversions at once. Two processes on one profile fail silently, so each has its own."""

_SETTINGS = {
    "Office.Common/Security/Scripting": {
        "MacroSecurityLevel": "3",
        "DisableMacrosExecution": "true",
        "BlockUntrustedRefererLinks": "true",
    },
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
    },
}
"""No macros, and no way out to the network: a document may try to fetch what it links to."""


class _Profiles:
    """The profile folders of one event loop; kept, because a new profile costs a second or two."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="office-", ignore_cleanup_errors=True)
        self.free: asyncio.Queue[Path] = asyncio.Queue()
        for n in range(_PROFILES):
            user = Path(self.folder.name) / str(n) / "user"
            user.mkdir(parents=True)
            (user / "registrymodifications.xcu").write_text(_registry())
            self.free.put_nowait(user.parent)


def _registry() -> str:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}">'
        f'<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, settings in _SETTINGS.items()
        for name, value in settings.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>'
    )


_of_loop: dict[int, tuple[asyncio.AbstractEventLoop, _Profiles]] = {}


def soffice() -> str | None:
    """Where LibreOffice is, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


async def convert(content: bytes, suffix: str, target: str, *, program: str, limit: float = _SLOWEST) -> bytes | None:
    """The document as `target` (pdf, xlsx); None when LibreOffice could not make it in time.

    The exit code says nothing: it is 0 also for a file that could not be loaded, so the output counts.
    """
    async with _profile() as profile, _folder("convert-") as folder:
        await asyncio.to_thread((folder / f"in{suffix}").write_bytes, content)
        await run(
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--norestore", "--nologo", "--nolockcheck", "--convert-to", target),
            *("--outdir", str(folder / "out"), str(folder / f"in{suffix}")),
            limit=limit,
        )
        made = folder / "out" / f"in.{target}"
        return await asyncio.to_thread(made.read_bytes) if made.exists() else None


async def pages(pdf: bytes, *, program: str, most: int = 6, width: int = 1000) -> list[bytes]:
    """The first pages as PNG."""
    async with _folder("pages-") as folder:
        await asyncio.to_thread((folder / "in.pdf").write_bytes, pdf)
        size = ("-scale-to-x", str(width), "-scale-to-y", "-1")
        await run(program, "-png", "-l", str(most), *size, str(folder / "in.pdf"), str(folder / "p"), limit=60.0)
        return await asyncio.to_thread(lambda: [p.read_bytes() for p in sorted(folder.glob("p-*.png"))])


async def run(*command: str, limit: float) -> None:
    """Runs a program in a process group of its own; kills the group at the limit or when we are cancelled.

    On a leash: when this process is killed, the program and its children end too.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_LEASH), *command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit):
            await process.wait()
    except TimeoutError:
        return
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())


@asynccontextmanager
async def _folder(prefix: str) -> AsyncGenerator[Path]:
    """A folder for one job; gone afterwards."""
    made = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix=prefix, ignore_cleanup_errors=True)
    try:
        yield Path(made.name)
    finally:
        await asyncio.to_thread(made.cleanup)


@asynccontextmanager
async def _profile() -> AsyncGenerator[Path]:
    loop = asyncio.get_running_loop()
    for key in [k for k, (known, _) in _of_loop.items() if known.is_closed()]:
        _of_loop.pop(key)[1].folder.cleanup()
    if id(loop) not in _of_loop:
        _of_loop[id(loop)] = (loop, _Profiles())
    free = _of_loop[id(loop)][1].free
    mine = await free.get()
    try:
        yield mine
    finally:
        free.put_nowait(mine)
