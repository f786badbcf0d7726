"""Creates files and folders that only their owner may read, because the ledger holds what people asked and agents
answered."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

OURS = ("hub.lock", "threadwork.db")
"""Shows that a folder is one of our homes, and not just named as one."""


def private_file(path: Path) -> None:
    """Creates the file, or takes over an existing one of ours, so that nobody else can read or write it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Not opened here: closing it would drop the locks that SQLite holds on it in this process.
        found = path.stat()
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(0o600)


def private_folder(path: Path) -> None:
    """Creates a folder that nobody else can enter, with its parents."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Returns the file's content; if there is none yet, writes `make()` atomically. Blocks.

    A process that is killed in between leaves no partial file: the draft gets the file's name only once it is on the
    disk.
    """
    if not path.exists():
        draft = _drafted(path, make())
        try:
            os.link(draft, path)
        except FileExistsError:  # another process was faster; its secret counts
            pass
        except OSError:  # a file system without hard links
            draft.replace(path)
        draft.unlink(missing_ok=True)
        _sync(path.parent)
    return path.read_bytes()


def replace_secret(path: Path, content: bytes) -> None:
    """Rewrites the file atomically, for its owner alone. Blocks."""
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
    """Creates a folder that nobody else can list. Root's can be passed through, because its agent host is another
    user."""
    path.mkdir(mode=_of_home(), parents=True, exist_ok=True)


def too_open(home: Path) -> Iterator[Path]:
    """Returns the home and its direct content to which others have more access than they should. Follows no links.

    Anything deeper can't be reached once these are closed.
    """
    if home.lstat().st_mode & 0o777 & ~_of_home():
        yield home
    with os.scandir(home) as entries:
        for entry in entries:
            mode = entry.stat(follow_symlinks=False).st_mode
            if not stat.S_ISLNK(mode) and mode & 0o077:
                yield Path(entry.path)


def close_home(home: Path) -> None:
    """Removes others' access that an earlier version, or a umask, left open in one of our homes."""
    if not any((home / name).exists() for name in OURS):
        return
    for path in too_open(home):
        found = path.lstat()
        if found.st_uid == os.geteuid():
            path.chmod(found.st_mode & (_of_home() if path == home else 0o700))


def _of_home() -> int:
    return 0o711 if os.geteuid() == 0 else 0o700
