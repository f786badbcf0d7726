"""Prepares mounts as root before becoming the host: opens what the host needs, for the host alone.

A home folder, an environment or a Python is often where only root may enter. In its own mount namespace the host gets
an empty folder in place of each closed one, containing only the needed paths. Then root becomes the unprivileged user,
and the process becomes the host. Only the standard library is loaded as root.
"""

import ctypes
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_NEW_MOUNTS = 0x00020000
_BIND, _RECURSIVE, _PRIVATE, _NO_SUID, _NO_DEVICES = 0x1000, 0x4000, 0x40000, 0x2, 0x4


def command(
    uid: int, gid: int, *, closed: Sequence[str], trees: Sequence[str], links: Sequence[tuple[str, str]]
) -> list[str]:
    """Returns the arguments to put before the program that should run as that user. For the rest see `PathAccess`.

    Mounts nothing if nothing is closed.
    """
    words = (sys.executable, "-I", "-S", str(Path(__file__)), str(uid), str(gid))
    return [*words, json.dumps([list(closed), list(trees), [list(link) for link in links]])]


def main(arguments: list[str]) -> None:
    """Becomes the program at the end of the arguments. Raises OSError if this machine doesn't allow it."""
    uid, gid, ways, *program = arguments
    closed, trees, links = json.loads(ways)
    if closed:
        _open_ways(closed, trees, links)
    os.setgroups([])
    os.setresgid(int(gid), int(gid), int(gid))
    os.setresuid(int(uid), int(uid), int(uid))
    os.execv(program[0], program)


def _open_ways(closed: list[str], trees: list[str], links: list[tuple[str, str]]) -> None:
    _succeed(_libc().unshare(_NEW_MOUNTS))
    _mount("none", "/", "", _RECURSIVE | _PRIVATE, "")
    kept = [os.open(tree, os.O_PATH | os.O_DIRECTORY) for tree in trees]
    for folder in closed:
        _mount("threadwork", folder, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=64k")
    for link, target in links:
        Path(link).parent.mkdir(parents=True, exist_ok=True)
        Path(link).symlink_to(target)
    for tree, number in zip(trees, kept, strict=True):
        Path(tree).mkdir(parents=True)
        _mount(f"/proc/self/fd/{number}", tree, "", _BIND | _RECURSIVE, "")
        os.close(number)


def _mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    _succeed(_libc().mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _succeed(outcome: int) -> None:
    if outcome:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main(sys.argv[1:])
