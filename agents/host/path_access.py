"""Finds what an unprivileged user can't reach, and which paths to open for it."""

import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_MOST_LINKS = 40


class User(NamedTuple):
    uid: int
    gid: int


class PathAccess(NamedTuple):
    """What `run_as_user.py` opens. `closed`: folders the user may not enter, each emptied for the host alone.

    `trees`: folders that are mounted in place again. `links`: links below `closed`, with their targets.
    """

    closed: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def open_ways(trees: Iterable[Path], starts: Iterable[Path], user: User) -> PathAccess:
    """Returns the ways to those folders, and to `starts`, programs that are reached through links. Blocks."""
    paths = [tree.resolve() for tree in trees]
    found = {blocked for path in paths if (blocked := blocked_at(path.parent, user))}
    links = {step: step.readlink() for start in starts for step in steps(start) if step.is_symlink()}
    found |= {blocked for link in links if (blocked := blocked_at(link.parent, user))}
    closed, shown = _outermost(found), _outermost(paths)
    hidden = {link: target for link, target in links.items() if _below(link, closed) and not _below(link, shown)}
    return PathAccess(
        closed=tuple(map(str, closed)),
        trees=tuple(str(path) for path in shown if _below(path, closed)),
        links=tuple((str(link), str(target)) for link, target in hidden.items()),
    )


def blocked_at(path: Path, user: User, *, but: Sequence[str] = ()) -> Path | None:
    """Returns the first part of `path`, links included, that `user` may not pass; None if all is open.

    `but`: folders that will be opened for this user. Blocks.
    """
    return next((step for step in steps(path) if not (_open_to(step, user) or str(step) in but)), None)


def steps(path: Path) -> Iterator[Path]:
    """Yields every folder and link on the way to `path`, and finally its target."""
    here, ahead, links = Path("/"), list(path.absolute().parts[1:]), 0
    yield here
    while ahead and links < _MOST_LINKS:
        name = ahead.pop(0)
        if name == "..":
            here = here.parent
            continue
        step = here / name
        yield step
        if not step.is_symlink():
            here = step
            continue
        links += 1
        target = step.readlink()
        here = Path("/") if target.is_absolute() else here
        ahead = [*target.parts[target.is_absolute() :], *ahead]


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Returns those that aren't below another one."""
    kept = list[Path]()
    for path in sorted(set(paths)):
        if not _below(path, kept):
            kept.append(path)
    return kept


def _open_to(path: Path, user: User) -> bool:
    if path.is_symlink():
        return True
    found = path.stat()
    shift = 6 if found.st_uid == user.uid else 3 if found.st_gid == user.gid else 0
    wanted = stat.S_IXOTH if stat.S_ISDIR(found.st_mode) else stat.S_IROTH
    return bool(found.st_mode >> shift & wanted)
