"""Keeps one LibreOffice running, controlled over stdio through `uno_program.py`; replaces it when old, big, dead or
stuck."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from agents.libreoffice_detection import missing_files, python_of
from agents.tools.office.libreoffice.wait_for_descendants import wait_until_gone, watched

_CONVERTER = Path(__file__).with_name("uno_program.py")
_MOST_DOCUMENTS, _MOST_MEMORY = 100, 900_000_000
STARTING = 180.0
"""Seconds for the start, in addition to the document's: the host has low priority, and a busy machine reads slowly."""
_IDLE = 300.0
"""A listener unused for so many seconds frees its memory."""


class NoBridge(Exception):
    """No Python on this machine can control LibreOffice (python3-uno is missing)."""


class OfficeDied(Exception):
    """LibreOffice crashed during a conversion."""


class OfficeStuck(Exception):
    """LibreOffice took too long for a document and was killed."""


class OfficeProcess:
    """A LibreOffice with its own profile. Blocking; one caller at a time, but `kill` may be called from any thread."""

    def __init__(self, program: str, profile: Path) -> None:
        self._program, self._profile = program, profile
        self._process: subprocess.Popen[str] | None = None
        self._pipe, self._documents, self._waiting = "", 0, -1
        self._missing = missing_files(program)
        self._rest: threading.Timer | None = None
        self._turn = threading.Lock()  # an idle listener isn't stopped while it gets a document

    def convert(self, source: Path, made: Mapping[str, Path], limit: float) -> list[str]:
        """Returns the targets that were stored. Starts LibreOffice if needed.

        Raises OfficeDied, OfficeStuck, or NoBridge.
        """
        with self._turn:
            if self._rest:
                self._rest.cancel()
            answer = self._asked({"source": str(source), "made": {k: str(p) for k, p in made.items()}}, limit)
            self._documents += 1
            if self._documents >= _MOST_DOCUMENTS or answer["memory"] > _MOST_MEMORY:
                self.stop()
            else:
                self._rest = threading.Timer(_IDLE, self._retire)
                self._rest.daemon = True
                self._rest.start()
            return answer["made"]

    def stop(self) -> None:
        """Ends LibreOffice cleanly, or after two seconds by force."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                if process.stdin:
                    process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            _ended(process, self._pipe, self._waiting)

    def kill(self) -> None:
        """Kills LibreOffice at once; a waiting caller gets OfficeDied."""
        if self._process is not None:
            _kill(self._process)

    def _retire(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                self.stop()
            finally:
                self._turn.release()

    def _asked(self, job: dict[str, Any], limit: float) -> dict[str, Any]:
        try:
            if self._process is not None and self._missing != missing_files(self._program):
                self.stop()  # it only knows the parts that existed when it started
            if self._process is None:
                with self._within(STARTING):
                    self._start()
            with self._within(limit):
                return self._said(job)
        except (OfficeDied, NoBridge, OfficeStuck):
            self.kill()
            self.stop()
            raise

    @contextlib.contextmanager
    def _within(self, limit: float) -> Generator[None]:
        """Kills LibreOffice after `limit` seconds, which raises OfficeStuck."""
        late = threading.Event()
        guard = threading.Timer(limit, lambda: (late.set(), self.kill()))
        guard.daemon = True
        guard.start()
        try:
            yield
        except OfficeDied:
            if late.is_set():
                raise OfficeStuck from None
            raise
        finally:
            guard.cancel()

    def _start(self) -> None:
        """Raises NoBridge, OfficeDied."""
        self._pipe, self._documents = f"threadwork-{secrets.token_hex(8)}", 0
        self._missing = missing_files(self._program)
        waiting, inherited = watched()
        try:
            self._process = subprocess.Popen(
                [python_of(self._program), "-I", str(_CONVERTER), self._program, str(self._profile), self._pipe],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                pass_fds=(inherited,),
                umask=0o077,  # nobody else may talk to it
            )
        except BaseException:
            os.close(waiting)
            raise
        finally:
            os.close(inherited)
        self._waiting = waiting
        if "error" in self._heard():
            raise NoBridge

    def _said(self, job: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        assert process is not None and process.stdin is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise OfficeDied from error
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        process = self._process
        assert process is not None and process.stdout is not None
        if not (line := process.stdout.readline()):
            raise OfficeDied
        return json.loads(line)


def _kill(process: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _ended(process: "subprocess.Popen[str]", pipe: str, waiting: int) -> None:
    """Kills the rest of the group, and returns once no process uses the profile."""
    _kill(process)
    process.wait()
    wait_until_gone(waiting)
    if process.stdout:
        process.stdout.close()
    # LibreOffice's own fixed place.
    Path(f"/tmp/OSL_PIPE_{os.getuid()}_{pipe}").unlink(missing_ok=True)
