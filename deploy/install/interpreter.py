"""Which Python the environment is made with.

As root it has to be one that every user may run: the agent host drops to an unprivileged user, who could not start a
Python that lies below root's own folder.
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
    """`pip`: it can make environments by itself."""

    path: Path
    library: Path
    pip: bool

    def for_all(self) -> bool:
        """Whether an unprivileged user may run it, where that matters."""
        return not ROOT or (open_to_all(self.path) and open_to_all(self.library))


def interpreters() -> Iterator[PythonInterpreter]:
    """Every distinct Python >= 3.11 here, the one that runs now first."""
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
    """The interpreter to build on; installs Debian's own where root may and there is no better one."""
    found = sorted(interpreters(), key=lambda i: (not i.for_all(), not i.pip))
    if not (found[0].pip and found[0].for_all()) and system_packages.debian_root():
        system_packages.apt_install(["python3", "python3-venv"])
        found = sorted(interpreters(), key=lambda i: (not i.pip, not i.for_all()))
    best = found[0]
    if not best.pip:
        raise StopInstall(
            f"{str(best.path)!r} cannot make environments; install its venv package "
            "(Debian: apt-get install python3-venv) and type ./run again."
        )
    if not best.for_all():
        say(
            f"Note: only root can run {str(best.path)!r}, so the agent host cannot give up its rights and refuses to "
            "execute. Install python3 and python3-venv of your system and type ./run again to change that."
        )
    return best.path
