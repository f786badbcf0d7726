"""Files and folders that only their owner may read: the ledger holds what people asked and agents answered."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

OURS = ("hub.lock", "threadwork.db")
"""What shows that a folder is a home of ours, and not one that was only named as such."""


def private_file(path: Path) -> None:
    """Makes the file, or takes an existing one of ours, so that nobody else can read or write it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Not opened here: closing it would drop the locks that SQLite holds on it in this process.
        found = path.stat()
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(0o600)


def private_folder(path: Path) -> None:
    """Makes a folder that nobody else can enter, with its parents."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; where there is none yet, it is made of `make()`, whole or not at all. Blocks.

    A process that is killed in between leaves no half: the draft gets the file's name only when it is on the disk.
    """
    if not path.exists():
        draft = _drafted(path, make())
        try:
            os.link(draft, path)
        except FileExistsError:  # another process was quicker; its secret counts
            pass
        except OSError:  # a file system without hard links
            draft.replace(path)
        draft.unlink(missing_ok=True)
        _sync(path.parent)
    return path.read_bytes()


def replace_secret(path: Path, content: bytes) -> None:
    """Writes the file again, whole or not at all, for its owner alone. Blocks."""
    _drafted(path, content).replace(path)
    _sync(path.parent)


def _drafted(path: Path, content: bytes) -> Path:
    draft = path.with_name(f"{path.name}.{token_hex(4)}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return draft


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def passable_folder(path: Path) -> None:
    """Makes a folder whose names nobody else can list. Root's lets others pass, as its agent host is another user."""
    path.mkdir(mode=_of_home(), parents=True, exist_ok=True)


def too_open(home: Path) -> Iterator[Path]:
    """The home and what is directly in it, where others have more rights than they should. Nothing is followed.

    What is deeper can't be reached when these are closed.
    """
    if home.lstat().st_mode & 0o777 & ~_of_home():
        yield home
    with os.scandir(home) as entries:
        for entry in entries:
            mode = entry.stat(follow_symlinks=False).st_mode
            if not stat.S_ISLNK(mode) and mode & 0o077:
                yield Path(entry.path)


def close_home(home: Path) -> None:
    """Takes from others what an earlier version, or an umask, left open in a home of ours."""
    if not any((home / name).exists() for name in OURS):
        return
    for path in too_open(home):
        found = path.lstat()
        if found.st_uid == os.geteuid():
            path.chmod(found.st_mode & (_of_home() if path == home else 0o700))


def _of_home() -> int:
    return 0o711 if os.geteuid() == 0 else 0o700
