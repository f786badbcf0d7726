"""What sandboxed code sees of the machine, as bubblewrap's arguments.

Programs and the host's own Python read-only, a private /tmp, the one workspace writable. No mount point ever lies below
the workspace: a link planted there could lead it outside (CVE-2026-87766).
"""

import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from agents.sandbox.port import INSIDE, Limits

_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types", "magic")
# fmt: off
_FIXED = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--cap-drop", "ALL",
    "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv",
)
# fmt: on
PEOPLE: dict[str, bytes] = {
    "/etc/passwd": b"root:x:0:0:root:/nonexistent:/bin/false\nsandbox:x:1000:1000:sandbox:/tmp:/bin/bash\n",
    "/etc/group": b"root:x:0:\nsandbox:x:1000:\n",
}


def arguments(folder: Path, limits: Limits, *, seccomp: int, content: Mapping[str, int]) -> list[str]:
    """bubblewrap's options. `content`: descriptors of files that appear read-only at a path inside."""
    options = [*_FIXED, *_environment(), *_programs(), "--proc", "/proc", "--dev", "/dev"]
    scratch = ["--size", str(limits.scratch), "--tmpfs"]
    options += [*scratch, "/tmp", *scratch, "/dev/shm", "--remount-ro", "/dev"]
    for path, fd in content.items():
        options += ["--ro-bind-data", str(fd), path]
    options += ["--bind", str(folder), INSIDE, "--chdir", INSIDE, "--remount-ro", "/", "--seccomp", str(seccomp)]
    return options


def check(options: list[str]) -> None:
    """Raises ValueError when a mount point lies below the workspace."""
    for word in options:
        if word.startswith(f"{INSIDE}/"):
            raise ValueError(f"{word!r} would be mounted below {INSIDE!r}, where planted links could redirect it")


def _environment() -> list[str]:
    path = f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"
    values = {
        "PATH": path,
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": INSIDE,
        "OPENBLAS_NUM_THREADS": "2",  # its buffers count against the memory limit, per thread
        "OMP_NUM_THREADS": "2",
    }
    return [word for name, value in values.items() for word in ("--setenv", name, value)]


def _programs() -> list[str]:
    options = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        place = Path("/") / name
        if place.is_symlink():
            options += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            options += ["--ro-bind", str(place), str(place)]
    for name in _ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for prefix in pythons():
        options += ["--ro-bind", str(prefix), str(prefix)]
    return options


def pythons() -> list[PurePosixPath]:
    """The folders outside /usr that the host's interpreter needs, outer ones first."""
    found = {Path(p) for p in (sys.prefix, sys.base_prefix)}
    found |= {p.resolve() for p in found}
    return sorted(PurePosixPath(p) for p in found if not p.is_relative_to("/usr"))
