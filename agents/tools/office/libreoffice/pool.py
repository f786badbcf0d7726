"""Manages this process's LibreOffices and converts a document in one of them."""

import asyncio
import contextlib
import queue
import tempfile
from collections.abc import Collection, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

from agents.tools.office.libreoffice.office_process import NoBridge, OfficeDied, OfficeProcess, OfficeStuck
from agents.tools.office.libreoffice.run_bound_child import run
from orchestrator.errors import ToolFailed

_PROFILES = 2
"""Conversions at once. Two processes on one profile fail silently, so each has its own."""
_ALONE = ("--headless", "--norestore", "--nologo", "--nolockcheck")
_TRIES = 3
"""A kept LibreOffice may have been dead before it got the document, and the next one may be killed while it starts."""
_ENDED = 77
"""Smallest exit code that doesn't come from the file: LibreOffice couldn't start, crashed or was killed."""
_SETTINGS = {
    "Office.Common/Security/Scripting": {
        "MacroSecurityLevel": "3",
        "DisableMacrosExecution": "true",
        "BlockUntrustedRefererLinks": "true",
    },
    "Office.Calc/Formula/Load": {"OOXMLRecalcMode": "1", "ODFRecalcMode": "1"},
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
    },
}
"""No macros, only formulas without a stored value computed (add-ins are missing here), and no network access, which a
document's links may try."""


class LibreOfficeFailed(ToolFailed):
    """LibreOffice crashed several times; the file may be fine. Try again."""


class LibreOfficeSlow(LibreOfficeFailed):
    """LibreOffice took too long and was stopped. Try again, or split the file into smaller ones."""


class Office:
    """Holds profiles with their listeners, and one thread per profile."""

    def __init__(self, program: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="office-", ignore_cleanup_errors=True)
        self.threads = ThreadPoolExecutor(_PROFILES, thread_name_prefix="office")
        self.free: queue.LifoQueue[tuple[Path, OfficeProcess]] = queue.LifoQueue()
        self.program, self.bridge = program, True
        self.all = [self._worker(n, program) for n in range(_PROFILES)]
        for worker in self.all:
            self.free.put(worker)

    def _worker(self, n: int, program: str) -> tuple[Path, OfficeProcess]:
        user = Path(self.folder.name) / str(n) / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_registry())
        return user.parent, OfficeProcess(program, user.parent)

    def close(self) -> None:
        for _, listener in self.all:
            listener.stop()
        self.threads.shutdown(cancel_futures=True)
        self.folder.cleanup()


class Conversion:
    """One document in one of the threads; `stop` may be called at any time."""

    def __init__(self, content: bytes, suffix: str, targets: Collection[str], limit: float) -> None:
        """Create it in a running event loop. `limit` in seconds."""
        self._content, self._suffix, self._targets, self._limit = content, suffix, targets, limit
        self._loop = asyncio.get_running_loop()
        self._listener: OfficeProcess | None = None
        self._running: Future[int | None] | None = None
        self._stopped = False

    def run(self, office: Office) -> dict[str, bytes]:
        """Returns the targets that LibreOffice could make of the file. Retries with a fresh one if it died.

        Raises LibreOfficeFailed if it kept dying, and LibreOfficeSlow.
        """
        profile, self._listener = worker = office.free.get()
        try:
            with tempfile.TemporaryDirectory(prefix="convert-", ignore_cleanup_errors=True) as folder:
                source = Path(folder) / f"in{self._suffix}"
                source.write_bytes(self._content)
                made = {target: Path(folder) / f"out.{target}" for target in self._targets}
                if office.bridge:
                    self._kept(office, self._listener, source, made)
                if not office.bridge:
                    self._once(office.program, profile, source, made)
                return {target: path.read_bytes() for target, path in made.items() if path.exists()}
        finally:
            self._listener = None
            office.free.put(worker)

    def stop(self) -> None:
        self._stopped = True
        if self._listener is not None:
            self._listener.kill()
        if self._running is not None:
            self._running.cancel()

    def _kept(self, office: Office, listener: OfficeProcess, source: Path, made: Mapping[str, Path]) -> None:
        for _ in range(_TRIES):
            if self._stopped:
                return
            try:
                listener.convert(source, made, self._limit)
                return
            except NoBridge:
                office.bridge = False
                return
            except OfficeDied:
                continue
            except OfficeStuck as stuck:
                raise LibreOfficeSlow from stuck
        self._fail()

    def _fail(self) -> None:
        if not self._stopped:
            raise LibreOfficeFailed

    def _once(self, program: str, profile: Path, source: Path, made: Mapping[str, Path]) -> None:
        """Runs one process per target."""
        for target, path in made.items():
            for _ in range(_TRIES):
                if self._stopped:
                    return
                if 0 <= self._ran(program, profile, source, target) < _ENDED:
                    break
            else:
                self._fail()
            with contextlib.suppress(FileNotFoundError):
                (path.parent / "made" / f"in.{target}").rename(path)

    def _ran(self, program: str, profile: Path, source: Path, target: str) -> int:
        """Returns the exit code, which is 0 even for most files that can't be loaded. Raises LibreOfficeSlow."""
        own = (
            f"-env:UserInstallation={profile.as_uri()}",
            f"-env:UNO_SHARED_PACKAGES_CACHE={profile.as_uri()}/shared",
        )
        command = (program, *own, *_ALONE, "--convert-to", target, "--outdir", str(source.parent / "made"))
        going = run(*command, str(source), limit=self._limit)
        self._running = asyncio.run_coroutine_threadsafe(going, self._loop)
        try:
            code = self._running.result()
        except CancelledError:
            return 0
        if code is None:
            raise LibreOfficeSlow
        return code


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
