"""Opens files below a folder without leaving it, whatever links an agent's code planted there.

On Linux the kernel refuses (`openat2`); elsewhere each part of the path is opened separately, never through a link.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

_OPENAT2 = 437  # the same number on x86_64 and aarch64
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
_STRICT = _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(folder: int, parts: Sequence[str], flags: int, *, mode: int = 0) -> int:
    """Returns a descriptor of the file at `parts` below the open folder. Raises OSError: ELOOP for a link, EXDEV for
    leaving.

    `parts` holds plain names: no `..`, no slash.
    """
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    if not _kernel_can():
        return walk(folder, parts, flags, mode=mode)
    while True:
        try:
            return _openat2(folder, "/".join(parts), flags, mode)
        except OSError as error:
            if error.errno != errno.EAGAIN:  # a rename raced with the look-up; the kernel asks to try again
                raise


def walk(folder: int, parts: Sequence[str], flags: int, *, mode: int = 0) -> int:
    """Does the same part by part, for systems without `openat2`."""
    here = os.dup(folder)
    try:
        for part in parts[:-1]:
            below = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        return os.open(parts[-1], flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=here)
    finally:
        os.close(here)


def make_folders(folder: int, parts: Sequence[str]) -> int:
    """Returns a descriptor of the folder at `parts`, creating it if missing. Never follows a link."""
    here = os.dup(folder)
    for part in parts:
        try:
            try:
                below = os.open(part, _FOLDER, dir_fd=here)
            except FileNotFoundError:
                _make_folder(part, here)
                below = os.open(part, _FOLDER, dir_fd=here)
        finally:
            os.close(here)
        here = below
    return here


def _make_folder(name: str, within: int) -> None:
    # another process may create it at this moment; whatever it is, it is opened without following links
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=within)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _openat2(folder: int, path: str, flags: int, mode: int) -> int:
    how = _How(flags, mode, _STRICT)
    found = _libc().syscall(_OPENAT2, folder, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
    if found < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return found


@cache
def _kernel_can() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    root = os.open("/", _FOLDER)
    try:
        os.close(_openat2(root, ".", _FOLDER, 0))
    except OSError as error:
        return error.errno not in (errno.ENOSYS, errno.EPERM)  # EPERM: a container's filter that knows no openat2
    finally:
        os.close(root)
    return True
