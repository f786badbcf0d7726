"""Allows one hub per home, through a file that the running hub locks."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.config.settings import Settings
from orchestrator.errors import BadSettings, Refused
from orchestrator.private_files import close_home, passable_folder, private_file

FILE = "hub.lock"


@contextmanager
def hub_lock(settings: Settings) -> Generator[IO[str]]:
    """Locks the home for this process. Raises Refused, naming the process that has it."""
    with _opened(settings) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            where = _read(file).get("url") or "its address isn't known yet"
            raise Refused(
                f"threadwork is already running with the data folder {str(settings.home)!r} ({where}); "
                "use that one, stop it, or set THREADWORK_HOME to another folder."
            ) from error
        _write(file, "")
        try:
            yield file
        finally:
            file.truncate(0)


def announce(file: IO[str], url: str) -> None:
    """Tells others where the hub can be reached."""
    _write(file, url)


def hub_running(settings: Settings) -> str | None:
    """Returns the address of the hub that runs on this home ("" while it starts), or None."""
    if not (settings.home / FILE).exists():
        return None
    with _opened(settings) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return _read(file).get("url", "")
    return None


def ready(home: Path) -> Path:
    """Returns the data folder, created if it is missing and closed to others. Raises BadSettings if that fails."""
    try:
        passable_folder(home)
        close_home(home)
    except OSError as error:
        raise _unusable(home, error) from error
    return home


def _opened(settings: Settings) -> IO[str]:
    home = ready(settings.home)
    try:
        private_file(home / FILE)  # anyone who could open it could hold its lock
        return (home / FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise _unusable(home, error) from error


def _unusable(home: Path, error: OSError) -> BadSettings:
    why = error.strerror or str(error)
    return BadSettings(
        f"The data folder {str(home)!r} isn't writable ({why}); make it writable, "
        "or choose another with --home or THREADWORK_HOME."
    )


def _read(file: IO[str]) -> dict[str, str]:
    file.seek(0)
    try:
        return json.loads(file.read() or "{}")
    except ValueError:
        return {}


def _write(file: IO[str], url: str) -> None:
    file.truncate(0)
    file.write(json.dumps({"pid": os.getpid(), "url": url}))
    file.flush()
