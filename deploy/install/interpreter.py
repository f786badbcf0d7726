"""Chooses the Python that the environment is made with.

As root, every user has to be able to run it: the agent host switches to an unprivileged user, who couldn't start a
Python in root's own folder.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from install import system_packages
from install.environment_folder import open_to_all
from install.messages import ROOT, StopInstall, say

PROBE = """
import sys, os, json, sysconfig
try:
    import venv, ensurepip
    pip = True
except ImportError:
    pip = False
base = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
print(json.dumps([list(sys.version_info[:2]), base, sysconfig.get_path("stdlib"), pip]))
"""
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")


class PythonInterpreter(NamedTuple):
    """`pip`: it can create environments."""

    path: Path
    library: Path
    pip: bool

    def for_all(self) -> bool:
        """Returns whether an unprivileged user may run it, if that matters."""
        return not ROOT or (open_to_all(self.path) and open_to_all(self.library))


def interpreters() -> Iterator[PythonInterpreter]:
    """Returns every distinct Python >= 3.11 on this machine, starting with the one that is running."""
    folders = [*os.get_exec_path(), "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
    seen: set[Path] = set()
    for path in (Path(sys.executable), *(Path(folder, name) for name in NAMES for folder in folders)):
        if not os.access(path, os.X_OK) or path.resolve() in seen:
            continue
        seen.add(path.resolve())
        try:
            told = subprocess.run([path, "-I", "-c", PROBE], capture_output=True, timeout=20, check=True)
            version, base, library, pip = json.loads(told.stdout)
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
        if version >= [3, 11] and (Path(base) == path.resolve() or Path(base) not in seen):
            seen.add(Path(base))
            yield PythonInterpreter(Path(base), Path(library), pip)


def choose() -> Path:
    """Returns the interpreter to build on; installs Debian's if root may and there is no better one."""
    found = sorted(interpreters(), key=lambda i: (not i.for_all(), not i.pip))
    if not (found[0].pip and found[0].for_all()) and system_packages.debian_root():
        system_packages.apt_install(["python3", "python3-venv"])
        found = sorted(interpreters(), key=lambda i: (not i.pip, not i.for_all()))
    best = found[0]
    if not best.pip:
        raise StopInstall(
            f"{str(best.path)!r} can't create environments; install its venv package "
            "(Debian: apt-get install python3-venv) and type ./run again."
        )
    if not best.for_all():
        say(
            f"Note: only root can run {str(best.path)!r}, so the agent host can't drop its privileges and refuses to "
            "run code. To change that, install your system's python3 and python3-venv and type ./run again."
        )
    return best.path
