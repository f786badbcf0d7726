"""Giving up root: a hub that runs as root starts its host as somebody who may do nothing else on this machine."""

import os
import pwd
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pydantic

_NAME = "threadwork"
_FREE = 60_917  # no distribution hands this number out; used where there is no user `threadwork`


class User(NamedTuple):
    uid: int
    gid: int


class Standing(NamedTuple):
    """As whom the host is started: None for whoever we are.

    `closed`: the folder on the way to the home that this user may not enter; `stage.py` opens a way.
    `obstacle`: why root could not be given up.
    """

    user: User | None
    closed: str = ""
    obstacle: str = ""


def prepare(home: Path, package: Path) -> Standing:
    """Decides as whom the host runs, and makes its home folder belong to that user. Blocks."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() != 0:
        return Standing(None)
    user = unprivileged()
    needed = [Path(sys.executable), package / "agents", Path(pydantic.__file__)]
    if blocked := next((found for path in needed if (found := blocked_at(path, user))), None):
        return Standing(None, obstacle=obstacle(blocked, user))
    hand_over(home, user)
    closed = blocked_at(home.resolve().parent, user)
    return Standing(user, closed=str(closed) if closed else "")


def unprivileged() -> User:
    """The system user `threadwork` if there is one, otherwise a number that nobody uses."""
    try:
        row = pwd.getpwnam(_NAME)
    except KeyError:
        return User(_FREE, _FREE)
    return User(row.pw_uid, row.pw_gid)


def blocked_at(path: Path, user: User) -> Path | None:
    """The first step on the way to `path`, links included, that `user` may not pass; None when all is open."""
    return next((step for step in _way(path) if not _open_to(step, user)), None)


def hand_over(home: Path, user: User) -> None:
    """Gives everything of root's below the folder to `user`; never follows a link."""
    os.chown(home, user.uid, user.gid)
    home.chmod(0o700)
    for _, folders, files, here in os.fwalk(home, follow_symlinks=False):
        for name in (*folders, *files):
            if os.stat(name, dir_fd=here, follow_symlinks=False).st_uid == 0:
                os.chown(name, user.uid, user.gid, dir_fd=here, follow_symlinks=False)


def _way(path: Path) -> Iterable[Path]:
    here = path
    for _ in range(40):
        yield from reversed(here.parents)
        if not here.is_symlink():
            break
        here = here.parent / here.readlink()
    yield here.resolve()


def _open_to(path: Path, user: User) -> bool:
    found = path.stat()
    shift = 6 if found.st_uid == user.uid else 3 if found.st_gid == user.gid else 0
    wanted = stat.S_IXOTH if stat.S_ISDIR(found.st_mode) else stat.S_IROTH
    return bool(found.st_mode >> shift & wanted)


def obstacle(blocked: Path, user: User) -> str:
    """The sentence for the owner of this machine."""
    return (
        f"Nothing can be executed and there is no browser: threadwork runs as root, and the unprivileged user "
        f"{user.uid} may not enter {str(blocked)!r}. Run threadwork as another user, or move it and its home folder."
    )
