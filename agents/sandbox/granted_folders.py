"""Checks the folders of this machine that sandboxed code may see, read-only."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from orchestrator.domain.ids import slug


class Folders(NamedTuple):
    """The folders by their name inside, and sentences about those that can't be shown."""

    shown: dict[str, Path]
    notices: tuple[str, ...]


def look(paths: Iterable[str], home: Path) -> Folders:
    """Checks each. Refuses a folder that contains the host's home, because other tasks' files are there. Blocks."""
    shown: dict[str, Path] = {}
    notices: list[str] = []
    for given in paths:
        path = Path(given).expanduser()
        if problem := _problem(path, home.resolve()):
            notices.append(f"The folder {given!r} isn't shown to agents: {problem}")
            continue
        name = slug(path.name)
        while name in shown:
            name += "-2"
        shown[name] = path.resolve()
    return Folders(shown, tuple(notices))


def _problem(path: Path, home: Path) -> str:
    if not path.is_absolute():
        return "use its full path."
    if not (path.is_dir() and os.access(path, os.R_OK | os.X_OK)):
        return "it isn't a folder that the agent host can read."
    if home.is_relative_to(path.resolve()) or path.resolve().is_relative_to(home):
        return "it contains the agent host's own files or is one of them."
    return ""
