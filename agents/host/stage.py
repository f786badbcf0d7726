"""Root's last act before it becomes the host: opens a way to the host's folder, for the host alone.

A home folder often lies where only root may enter. In a mount namespace of its own the host gets an empty folder in
place of the closed one, with nothing in it but the way to its own home. Then root becomes the unprivileged user, and
the process becomes the host. Nothing but the standard library is loaded while it is root.
"""

import ctypes
import os
import sys
from pathlib import Path

_NEW_MOUNTS = 0x00020000
_BIND, _RECURSIVE, _PRIVATE, _NO_SUID, _NO_DEVICES = 0x1000, 0x4000, 0x40000, 0x2, 0x4


def command(uid: int, gid: int, *, closed: str, home: str) -> list[str]:
    """The arguments in front of the program that is to run as that user and to reach `home` below `closed`."""
    return [sys.executable, "-I", "-S", str(Path(__file__)), str(uid), str(gid), closed, home]


def main(arguments: list[str]) -> None:
    """Becomes the program at the end of the arguments. Raises OSError where this machine does not allow it."""
    uid, gid, closed, home, *program = arguments
    _open_a_way(closed, home)
    os.setgroups([])
    os.setresgid(int(gid), int(gid), int(gid))
    os.setresuid(int(uid), int(uid), int(uid))
    os.execv(program[0], program)


def _open_a_way(closed: str, home: str) -> None:
    _succeed(_libc().unshare(_NEW_MOUNTS))
    _mount("none", "/", "", _RECURSIVE | _PRIVATE, "")
    kept = os.open(home, os.O_PATH | os.O_DIRECTORY)
    _mount("threadwork", closed, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=64k")
    Path(home).mkdir(parents=True)
    _mount(f"/proc/self/fd/{kept}", home, "", _BIND | _RECURSIVE, "")
    os.close(kept)


def _mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    _succeed(_libc().mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _succeed(outcome: int) -> None:
    if outcome:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main(sys.argv[1:])
