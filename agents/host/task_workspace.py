"""Gives the host's own code a task's folder: nothing outside can be reached, links are refused.

Sandboxed code may plant anything here, so every access goes through `safe_open.py`; only regular files count.
"""

import errno
import os
import re
import secrets
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path

from agents.host import safe_open
from orchestrator.domain.escape_file_names import real, shown
from orchestrator.domain.ids import TaskId, digest, slug
from orchestrator.errors import OutOfSpace, ToolFailed

INSIDE = "/workspace"
"""Path of the folder inside the sandbox; agents may use it in file names."""
HALF_WRITTEN = ".threadwork-"
MADE = ("node_modules", "__pycache__")
"""Folders with thousands of generated files; like hidden ones they are only searched when named."""
MOST_FILES = 20_000
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY


class TaskFolder:
    """The Workspace of one task. Thread-safe; creates the folder if missing.

    Paths are in their displayed form, see `orchestrator/domain/escape_file_names.py`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    @property
    def root(self) -> Path:
        return self._root

    def read(self, path: str, *, most: int = 50_000_000) -> bytes:
        with _said(path), self._opened(path) as file:
            size = os.fstat(file).st_size
            if size > most:
                raise ToolFailed(f"{path!r} is {size:,} bytes; the limit is {most:,}. Make a smaller file.")
            with os.fdopen(os.dup(file), "rb") as stream:
                return stream.read(most)

    def write(self, path: str, content: bytes) -> None:
        parts = _parts(path)
        with _said(path), self._folder(*parts[:-1], make=True) as folder:
            _refuse_what_is_no_file(folder, parts[-1], path)
            half = f"{HALF_WRITTEN}{secrets.token_hex(6)}"
            try:
                _write_down(folder, half, content)
                os.replace(half, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                _forget(folder, half)
                raise

    def forget(self, half: str) -> None:
        forget_halves(self._root, before=inf, name=half)

    def exists(self, path: str) -> bool:
        try:
            with self._opened(path):
                return True
        except (OSError, ToolFailed):
            return False

    def files(self, below: str = "") -> list[tuple[str, int]]:
        parts = _parts(below) if below.strip("/. ") not in ("", "workspace") else []
        with _said(below or "."), self._folder(*parts) as folder:
            return sorted(_regular_files("/".join(parts), folder))

    @contextmanager
    def _opened(self, path: str) -> Generator[int]:
        """Opens a regular file for reading. O_NONBLOCK: opening a named pipe must not wait for its writer."""
        parts = _parts(path)
        with self._folder() as root:
            file = safe_open.open_beneath(root, parts, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise ToolFailed(f"{path!r} isn't a regular file.")
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _folder(self, *parts: str, make: bool = False) -> Generator[int]:
        root = os.open(self._root, _FOLDER | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if make or not parts:
                folder = safe_open.make_folders(root, parts)
            else:
                folder = safe_open.open_beneath(root, parts, _FOLDER)
        finally:
            os.close(root)
        try:
            yield folder
        finally:
            os.close(folder)


def forget_halves(workspaces: Path, *, before: float, name: str = HALF_WRITTEN) -> None:
    """Removes partial files of a killed host from all workspaces; younger files are still being written.

    `name`: how their names begin.
    """
    for _, _, names, here in os.fwalk(workspaces, follow_symlinks=False):
        for found in names:
            if found.startswith(name):
                with suppress(OSError):
                    if os.stat(found, dir_fd=here, follow_symlinks=False).st_mtime < before:
                        os.unlink(found, dir_fd=here)


def workspace_of(home: Path, task: TaskId) -> TaskFolder:
    """Returns the task's workspace below the host's home folder. Makes a safe folder name of an unusual task id."""
    safe = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", task)
    return TaskFolder(home / "workspaces" / (task if safe else f"{slug(task)}-{digest(task)}"))


def _parts(path: str) -> list[str]:
    inside = path == INSIDE or path.startswith(f"{INSIDE}/")
    if path.startswith("/") and not inside:
        raise ToolFailed(f"{path!r} is outside the workspace. Use a path inside it, such as 'notes.md'.")
    parts = [part for part in path.removeprefix(INSIDE if inside else "").split("/") if part not in ("", ".")]
    if not parts:
        raise ToolFailed(f"{path!r} isn't a file name. Use a path to a file in the workspace.")
    if ".." in parts:
        raise ToolFailed(f"{path!r} is outside the workspace. Use a path inside it, without '..'.")
    parts = [real(part) for part in parts]
    if len(path) > 3000 or not all(map(_can_be_a_name, parts)):
        raise ToolFailed(f"{path[:80]!r} isn't a valid file name. Use a shorter one without control characters.")
    return parts


def _can_be_a_name(part: str) -> bool:
    try:
        return "\0" not in part and len(os.fsencode(part)) <= 255
    except UnicodeEncodeError:  # a lone surrogate that holds no byte of a name
        return False


def _write_down(folder: int, name: str, content: bytes) -> None:
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder)
    with os.fdopen(file, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _forget(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _refuse_what_is_no_file(folder: int, name: str, path: str) -> None:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "link", path)
    if not stat.S_ISREG(mode):
        raise ToolFailed(f"{path!r} is a folder or device. Choose another file name.")


def _regular_files(prefix: str, folder: int) -> Iterator[tuple[str, int]]:
    count = 0
    for where, folders, names, here in os.fwalk(".", dir_fd=folder, follow_symlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in MADE]
        for name in names:
            found = None if name.startswith(HALF_WRITTEN) else _looked_at(name, here)
            if found is None or not stat.S_ISREG(found.st_mode):
                continue
            count += 1
            if count > MOST_FILES:
                raise ToolFailed(f"There are more than {MOST_FILES:,} files. Specify a folder to list.")
            yield shown("/".join(p for p in (prefix, where.removeprefix(".").strip("/"), name) if p)), found.st_size


def _looked_at(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:  # it went while we were listing
        return None


@contextmanager
def _said(path: str) -> Generator[None]:
    """Translates the system's errors into sentences for the agent."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OutOfSpace from error
        raise ToolFailed(_sentence(path, error)) from error


def _sentence(path: str, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return f"There's no file {path!r}. Call list_files to see what exists."
        case errno.ELOOP:
            return f"{path!r} is a symbolic link or is behind one, and links aren't followed. Copy the file instead."
        case errno.EXDEV:
            return f"{path!r} is outside the workspace. Use a path inside it."
        case errno.ENOTDIR:
            return (
                f"Part of {path!r} isn't a folder or is a symbolic link, and links aren't followed. Use another path."
            )
        case errno.EISDIR:
            return f"{path!r} is a folder. Specify a file."
        case errno.EACCES | errno.EPERM:
            return f"{path!r} isn't readable. Change its permissions with run_shell, or use another file."
        case _:
            return f"{path!r} can't be used: {error.strerror}."
