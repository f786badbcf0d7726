"""Gives up root: a hub that runs as root starts its host as a user without other rights on this machine."""

import os
import pwd
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pydantic

from agents.host.path_access import PathAccess, User, blocked_at, open_ways

_NAME = "threadwork"
_FREE = 60_917  # no distribution assigns this number; used if there is no user `threadwork`


class HostUser(NamedTuple):
    """The user that runs the host; None for the current one.

    `ways`: what `run_as_user.py` opens for this user. `needed`: what the user must be able to read then.
    `obstacle`: why root couldn't be given up.
    """

    user: User | None
    ways: PathAccess = PathAccess()
    needed: tuple[str, ...] = ()
    obstacle: str = ""


def prepare(home: Path, package: Path, *, further: Iterable[str] = (), browser: str | None = None) -> HostUser:
    """Decides which user runs the host, and gives that user its home folder. Blocks. See `standing`."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = standing(package, home, further=further, browser=browser)
    if found.user:
        hand_over(home, found.user)
    return found


def standing(
    package: Path, home: Path | None = None, *, further: Iterable[str] = (), browser: str | None = None
) -> HostUser:
    """Returns the user for a program of ours that needs no rights. Blocks.

    `package`: the folder of our packages; `further`: more modules that the program loads from there.
    """
    if os.geteuid() != 0:
        return HostUser(None)
    user = unprivileged()
    ours = [package / name for name in ("agents", "orchestrator", *further) if (package / name).is_dir()]
    needed = [Path(sys.executable), Path(pydantic.__file__), *ours]
    trees = [Path(sys.prefix), Path(sys.base_prefix), *ours, *([home] if home else [])]
    if browser and os.access(browser, os.X_OK):
        trees.append(Path(browser).resolve().parent)
    ways = open_ways(trees, [Path(sys.executable)], user)
    if blocked := next((found for path in needed if (found := blocked_at(path, user, but=ways.closed))), None):
        return HostUser(None, obstacle=obstacle(blocked, user))
    return HostUser(user, ways, tuple(map(str, needed)))


def unprivileged() -> User:
    """Returns the system user `threadwork` if it exists, otherwise an unused uid."""
    try:
        row = pwd.getpwnam(_NAME)
    except KeyError:
        return User(_FREE, _FREE)
    return User(row.pw_uid, row.pw_gid)


def hand_over(home: Path, user: User) -> None:
    """Changes the owner of root's files below the folder to `user`; never follows a link."""
    os.chown(home, user.uid, user.gid)
    home.chmod(0o700)
    for _, folders, files, here in os.fwalk(home, follow_symlinks=False):
        for name in (*folders, *files):
            if os.stat(name, dir_fd=here, follow_symlinks=False).st_uid == 0:
                os.chown(name, user.uid, user.gid, dir_fd=here, follow_symlinks=False)


def obstacle(blocked: Path, user: User) -> str:
    """Returns the sentence for the owner of this machine."""
    return (
        f"Code can't run and the browser is unavailable: threadwork is running as root, and the unprivileged user "
        f"{user.uid} can't access {str(blocked)!r}. Run threadwork as another user, or move it and its home folder."
    )
