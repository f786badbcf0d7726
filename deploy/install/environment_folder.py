"""Decides where the environment is and what belongs in it."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from install.messages import CHECKOUT, PACKAGES, ROOT, StopInstall

OURS = "made-by-run"
FORMAT = "1"


def open_to_all(path: Path) -> bool:
    """Returns whether any user of this machine may read `path`: root's agent host switches to another user."""
    path = path.resolve()
    try:
        readable = bool(path.stat().st_mode & 0o004)
        folders = path.parents if not path.is_dir() else (path, *path.parents)
        return readable and all(folder.stat().st_mode & 0o001 for folder in folders)
    except OSError:
        return False


def forbids_programs(folder: Path) -> bool:
    """Returns whether its file system is mounted 'noexec', which keeps programs from loading packages."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return bool(os.statvfs(existing).f_flag & getattr(os, "ST_NOEXEC", 0))


def _own_folder() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise StopInstall("This user has no home folder. Set HOME to a folder that this user owns.") from None


def place() -> Path:
    """Returns the environment's folder. One that a person made by hand is left alone.

    Raises StopInstall if programs can't be loaded from it.
    """
    if (ROOT and not open_to_all(CHECKOUT)) or not os.access(CHECKOUT, os.W_OK) or forbids_programs(CHECKOUT):
        data = Path(os.environ.get("XDG_DATA_HOME") or _own_folder() / ".local/share")
        # Never in the hub's home, which is closed to others: root's agent host runs as another user.
        above = Path("/var/lib/threadwork") if ROOT else data / "threadwork-environments"
        if forbids_programs(above):
            raise StopInstall(
                f"{str(above)!r} is on a file system that is mounted 'noexec', so programs can't be run from it. "
                "Set XDG_DATA_HOME to a folder on another file system, or move this checkout."
            )
        return above / f"env-{hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]}"
    usual = CHECKOUT / ".venv"
    by_hand = usual.is_dir() and not (usual / OURS).exists()
    return CHECKOUT / ".venv-run" if by_hand else usual


def sources() -> Iterator[Path]:
    """Returns the files that make up an installation, in order."""
    for top in (*PACKAGES, "skills"):
        for folder, folders, files in os.walk(CHECKOUT / top):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            yield from (Path(folder, f) for f in sorted(files))
    yield CHECKOUT / "pyproject.toml"


def editable() -> bool:
    """Returns whether the installation may point to this tree.

    Otherwise it needs a copy, which everyone may read and which can have bytecode beside it.
    """
    return os.access(CHECKOUT, os.W_OK) and (not ROOT or all(open_to_all(path) for path in sources()))


def wanted(tests: bool, *, model: bool = False) -> dict[str, str]:
    """Returns what the environment has to contain.

    `model`: also the real model that the long tests use. `tree` changes with the tree, so that copies and bytecode are
    renewed.
    """
    seen = hashlib.sha256(b"editable" if editable() else b"copy")
    for path in sources():
        found = path.stat()
        seen.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    want = {"format": FORMAT, "lock": digest("requirements.lock"), "tree": seen.hexdigest()}
    want |= {"dev": digest("requirements-dev.lock")} if tests else {}
    return want | ({"model": digest("requirements-model.lock")} if model else {})


def held(env: Path) -> dict[str, str]:
    """Returns what is completely installed there, or {}."""
    try:
        return json.loads((env / "stamp.json").read_text()) if os.access(env / "bin/python", os.X_OK) else {}
    except (OSError, ValueError):
        return {}


def stamp(env: Path, what: dict[str, str]) -> None:
    """Written last, so that an interrupted installation starts again."""
    part = env / "stamp.json.part"
    part.write_text(json.dumps(what))
    part.replace(env / "stamp.json")


def digest(name: str) -> str:
    """Returns the hash of a file of this checkout."""
    return hashlib.sha256((CHECKOUT / name).read_bytes()).hexdigest()
